#pragma once

#include "testing/disk/disk_state.hpp"

#include <memory>
#include <string>

#include <sqlite3.h>

namespace beamline::testing {

/// What SQLite calls instead of the operating system: one object per run of a node. Files that were opened on it keep
/// it alive, so that connections may be destroyed at any time later; once revoked they get I/O errors and change
/// nothing.
///
/// Registering is thread-safe (SQLite's own lock); everything else happens in the world's thread.
class disk_vfs : public std::enable_shared_from_this<disk_vfs> {
public:
  /// Registers itself under a name that is its own; throws simulation_error when SQLite refuses.
  explicit disk_vfs(disk_state& disk);
  ~disk_vfs();
  disk_vfs(const disk_vfs&) = delete;
  disk_vfs& operator=(const disk_vfs&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Null: this run is over.
  [[nodiscard]] disk_state* disk() const noexcept { return disk_; }
  void revoke() noexcept;

private:
  static int open(sqlite3_vfs* self, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags);
  static int remove(sqlite3_vfs* self, const char* name, int must_sync_directory);
  static int access(sqlite3_vfs* self, const char* name, int flags, int* out);
  static int full_name(sqlite3_vfs* self, const char* name, int size, char* out);
  static int randomness(sqlite3_vfs* self, int size, char* out);
  static int current_time(sqlite3_vfs* self, sqlite3_int64* out);

  disk_state* disk_;
  std::string name_;
  sqlite3_vfs table_{};
};

}  // namespace beamline::testing
