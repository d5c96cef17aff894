#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <memory>

namespace beamline::store::sqlite {

/// Says that a database belongs to one process: an advisory lock (flock) on `<database>.lock`, beside the file that
/// symbolic links lead to, which holds the owner's process id for people. The kernel drops the lock with the process,
/// however it ends; the file stays.
///
/// SQLite's own exclusive locking mode would do without a file, but it shuts out the node's own readers too.
/// Two opens in one process exclude each other as well.
class lock_file {
public:
  /// Errors: conflict (held; names the process), denied (rights, read-only file system), io.
  [[nodiscard]] static result<std::shared_ptr<lock_file>> take(const std::filesystem::path& database);
  ~lock_file();
  lock_file(const lock_file&) = delete;
  lock_file& operator=(const lock_file&) = delete;

private:
  explicit lock_file(int fd) : fd_{fd} {}
  int fd_;
};

}  // namespace beamline::store::sqlite
