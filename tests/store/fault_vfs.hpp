#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace beamline::store::test {

/// SQLite's file system with faults: before each write, sync and truncation it asks what the answer shall be.
/// Registered with SQLite as long as it lives; databases on it must be closed before.
class fault_vfs {
public:
  enum class operation { write, sync, truncate };
  /// Called with the file's path; SQLITE_OK lets the operation through, anything else is its result.
  std::function<int(operation, std::string_view path)> judge = [](operation, std::string_view) { return SQLITE_OK; };

  explicit fault_vfs(std::string name);
  ~fault_vfs();
  fault_vfs(const fault_vfs&) = delete;
  fault_vfs& operator=(const fault_vfs&) = delete;

private:
  static int open(sqlite3_vfs* vfs, sqlite3_filename path, sqlite3_file* file, int flags, int* out_flags);

  std::string name_;
  sqlite3_vfs vfs_;
};

}  // namespace beamline::store::test
