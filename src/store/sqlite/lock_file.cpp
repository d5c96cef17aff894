#include "store/sqlite/lock_file.hpp"

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace beamline::store::sqlite {

namespace {

std::string system_text(int code) { return std::generic_category().message(code); }

/// The process id written by the owner, or "?".
std::string owner(int fd) {
  auto text = std::array<char, 16>{};
  const auto n = pread(fd, text.data(), text.size(), 0);
  auto digits = std::string{};
  for (ssize_t i = 0; i < n && text[static_cast<std::size_t>(i)] >= '0' && text[static_cast<std::size_t>(i)] <= '9';
       ++i)
    digits += text[static_cast<std::size_t>(i)];
  return digits.empty() ? "?" : digits;
}

void write_owner(int fd) {
  // For people only: the lock works without it, so a full disk is no reason to fail here.
  const auto text = fmt::format("{}\n", getpid());
  if (ftruncate(fd, 0) == 0) [[maybe_unused]]
    auto n = pwrite(fd, text.data(), text.size(), 0);
}

}  // namespace

result<std::shared_ptr<lock_file>> lock_file::take(const std::filesystem::path& database) {
  // Where the file really is: who comes by a symbolic link means the same one, and so does SQLite.
  auto unresolved = std::error_code{};
  const auto place = std::filesystem::weakly_canonical(database, unresolved);
  const auto path = (unresolved ? database : place).string() + ".lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    const int code = errno;
    const bool is_denied = code == EACCES || code == EPERM || code == EROFS;
    return error{is_denied ? errc::denied : errc::io,
                 fmt::format("cannot open the database \"{}\": its lock file \"{}\" cannot be written ({}); make the "
                             "directory writable for the node's user or change store.path",
                             database.string(), path, system_text(code))};
  }
  auto lock = std::shared_ptr<lock_file>{new lock_file{fd}};
  int code = 0;
  do {
    code = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  } while (code == EINTR);
  if (code == EWOULDBLOCK)
    return error{
        errc::conflict,
        fmt::format("the database \"{}\" is in use by process {}; only one node may own it: stop the other, or "
                    "give this one its own store.path",
                    database.string(), owner(fd))};
  if (code != 0)
    return error{errc::io, fmt::format("cannot lock \"{}\" ({}); the database must be on a local file system", path,
                                       system_text(code))};
  write_owner(fd);
  return lock;
}

lock_file::~lock_file() { close(fd_); }

}  // namespace beamline::store::sqlite
