#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/core.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace beamline::store::sqlite {

struct open_options {
  std::filesystem::path path = {};  // ":memory:" for a database that only one connection sees: `readers` must be 0.
  std::string vfs = {};  // The simulator's file system; then neither files nor lock are looked at. Empty: real.
  std::size_t readers = 0;
  duration busy_timeout = std::chrono::seconds{5};
  std::uint64_t size_max = std::uint64_t{64} << 30;  // Bytes.
  // Databases up to this many bytes are checked page by page; of larger ones only header and length are looked at.
  std::uint64_t check_size_max = std::uint64_t{256} << 20;
};

/// Opens or creates the database for this process alone: WAL, synchronous=FULL, foreign keys on. Blocks. Every
/// error names the file and what to do: not_found (directory), invalid (a directory, not a file), denied
/// (rights), conflict (another process or program holds it), corrupt (no database, cut short, damaged), io.
/// `time` must outlive what is returned.
[[nodiscard]] result<connections> open(const open_options& opts, const clock& time);

}  // namespace beamline::store::sqlite
