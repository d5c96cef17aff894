#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "pubsub/system/core.hpp"
#include "supervision/partition_table.hpp"

#include <string>

namespace beamline::pubsub::detail {

/// What a peer broadcast, on its way to a worker.
struct remote_broadcast {
  std::string node;
  bytes octets;
};

/// Takes what peers broadcast and hands it to the worker of its sender, so that the order of each sender is kept
/// however many workers there are here or there (D115, D117). Registered as the service and the name `pubsub:<name>`.
class receiver final : public process {
public:
  receiver(process_context& c, core* of) : process{c}, of_{*of} {}

private:
  behavior init() override;
  void hand_on(const peer_message& m);

  core& of_;
  const supervision::partition_table* workers_ = nullptr;
};

/// Decodes and delivers.
class worker final : public process {
public:
  worker(process_context& c, core* of) : process{c}, of_{*of} {}

private:
  behavior init() override;

  core& of_;
};

/// The name of the partition supervisor whose children the workers are; of the one of the partition processes.
[[nodiscard]] std::string pool_name(std::string_view system);
[[nodiscard]] std::string partitions_name(std::string_view system);

}  // namespace beamline::pubsub::detail
