#pragma once

#include "base/config/section.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace beamline::net::outbox {

using namespace config::literals;

// Whoever submits an event waits for `answer_time` (api.hpp): the rest of it is for writing it down.
inline constexpr duration call_time_max = 8s;

/// What an administrator decides about the outbox: section `outbox` of the configuration.
struct outbox_options {
  bool durable = true;
  std::filesystem::path path = "outbox.db";
  std::filesystem::path recovery_path = "outbox-recovery.jsonl";

  // One entry more: an event of a class that may be dropped goes, or the new one is refused.
  std::size_t entries_max = 10'000;
  config::byte_size bytes_max = 16_MiB;
  // One dead letter more: the oldest goes to the recovery file.
  std::size_t dead_max = 1000;

  std::uint64_t events_per_s = 500;
  duration start_delay_max = 2s;
  duration retry_min = 1s;
  duration retry_max = 60s;
  duration age_max = 7 * 24h;
  duration call_time = 5s;
  duration flush_time = 3s;
};

[[nodiscard]] config::section<outbox_options> outbox_section();

}  // namespace beamline::net::outbox
