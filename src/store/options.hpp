#pragma once

#include "base/config/section.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace beamline::store {

using namespace config::literals;

/// What an administrator decides about storage: section `store` of the configuration.
struct store_options {
  std::filesystem::path path = "var/store.db";
  // A PostgreSQL database instead of the file; empty: the file. Holds a password: never shown.
  std::string database_url = {};
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
  // A file up to this size is checked page by page at the start, about a second for 256 MiB.
  config::byte_size check_size_max = 256_MiB;
  // How long an attempt to connect to a database server may take.
  duration connect_timeout = 5s;
  // Who this is, for the administrators of a database server. Not configured: the node's name.
  std::string application_name = "beamline";
};

[[nodiscard]] config::section<store_options> store_section();

}  // namespace beamline::store
