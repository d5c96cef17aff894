#pragma once

#include "actors/process.hpp"
#include "pubsub/system/core.hpp"

#include <cstddef>
#include <cstdint>
#include <map>

namespace beamline::pubsub::detail {

/// Watches the subscribers of one partition of the table, removes the dead, and repeats wake-ups that full mailboxes
/// refused. It holds nothing that its successor does not find in the table.
class partition_process final : public process {
public:
  partition_process(process_context& c, core* of, std::size_t index) : process{c}, of_{*of}, index_{index} {}

private:
  behavior init() override;
  void terminate(const reason& why) override;

  void look();
  void watch_subscriber(std::uint64_t id);
  void unwatch_subscriber(std::uint64_t id);
  void retry();

  core& of_;
  std::size_t index_;
  std::map<std::uint64_t, watch_ref> watches_;
  bool is_retry_due_ = false;
};

}  // namespace beamline::pubsub::detail
