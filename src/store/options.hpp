#pragma once

#include "base/config/section.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <filesystem>

namespace beamline::store {

using namespace config::literals;

/// What an administrator decides about storage: section `store` of the configuration.
struct store_options {
  std::filesystem::path path = "var/store.db";
  // Requests waiting beyond this are answered `busy`. Holds for writing and reading separately.
  std::size_t queue_max = 8192;
  // Transactions that share one commit. More make better use of the disk and answer later.
  std::size_t batch_max = 256;
  // Connections (and threads) that read beside the writer. With none, reads queue with the transactions.
  std::size_t readers = 2;
  // How long a statement waits for another program's lock before it fails with `unavailable`.
  duration busy_timeout = 5s;
  // The database may not grow beyond this; then transactions that need space fail with `io`.
  config::byte_size size_max = 64_GiB;
};

[[nodiscard]] config::section<store_options> store_section();

}  // namespace beamline::store
