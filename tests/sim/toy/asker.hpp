#pragma once

#include "actors/process.hpp"
#include "sim/toy/messages.hpp"

#include <cstdint>
#include <map>

namespace beamline::toy {

/// Puts questions, and reports one outcome of each: the answer, or none in time.
class asker final : public process {
public:
  static constexpr duration patience = 20ms;
  // More questions than this on their way to other nodes are not put.
  static constexpr std::size_t waiting_max = 100;

  using process::process;
  behavior init() override;

private:
  void ask_here();
  void ask_there(const std::string& node);
  void handle_reply(std::uint64_t answer);
  void tell(std::uint64_t number, std::uint64_t answer);
  [[nodiscard]] std::uint64_t next_number();

  std::map<std::uint64_t, timer_ref> waiting_;  // Questions to other nodes, and their time-outs.
};

}  // namespace beamline::toy
