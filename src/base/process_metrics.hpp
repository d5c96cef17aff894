#pragma once

#include "base/metrics.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

/// What the operating system says about this process, read from /proc at each scrape.
namespace beamline::metrics {

struct process_facts {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  double cpu_seconds = 0;  // User and system, since the process began.
  std::uint64_t threads = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t fds_max = 0;  // The soft limit; 0 when unlimited.
};

/// Reads the facts; `proc` is the process's directory. An error names the file that could not be read or understood.
[[nodiscard]] result<process_facts> read_process_facts(const std::filesystem::path& proc = "/proc/self");

/// Reports the facts under Prometheus' usual names (`process_resident_memory_bytes`, …).
[[nodiscard]] registry::collector collect_process(registry& r);

}  // namespace beamline::metrics
