#pragma once

#include "testing/disk/disk_vfs.hpp"

#include <cstdint>
#include <memory>
#include <string>

#include <sqlite3.h>

namespace beamline::testing {

/// A file that SQLite has opened. SQLite owns the memory, `close` of its methods ends the object.
struct disk_handle : sqlite3_file {
  using operation = simulated_disk::operation;

  disk_handle(std::shared_ptr<disk_vfs> by, std::shared_ptr<disk_file> file, const char* its_name, int open_flags);

  /// SQLITE_OK: the operation may go on.
  [[nodiscard]] int refuse(operation what) const;

  std::shared_ptr<disk_vfs> vfs;
  std::shared_ptr<disk_file> on;
  std::shared_ptr<wal_index> index;  // Null: not mapped.
  std::string name;
  std::uint64_t tag;  // Of its name.
  int flags;          // SQLITE_OPEN_...
  int lock = SQLITE_LOCK_NONE;
  unsigned index_shared = 0;  // Locks on the shared memory, a bit for each.
  unsigned index_exclusive = 0;
};

/// Asks the judge, then the faults; the result is SQLite's code for an operation that must not happen.
[[nodiscard]] int refuse(const disk_vfs& vfs, disk_state::operation what, std::string_view file);

}  // namespace beamline::testing
