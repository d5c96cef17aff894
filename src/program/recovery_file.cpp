#include "program/recovery_file.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace beamline::program {

namespace {

error system_problem(const std::filesystem::path& file, std::string_view what) {
  auto code = errno == ENOENT ? errc::not_found : errno == EACCES ? errc::denied : errc::io;
  return {code,
          "recovery file " + file.string() + " " + std::string{what} + ": " + std::generic_category().message(errno)};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// A new file is there after a loss of power only if its folder was synced, too.
bool sync_folder(const std::filesystem::path& file) {
  auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool ok = ::fsync(fd) == 0;
  ::close(fd);
  return ok;
}

result<void> append_to(const std::filesystem::path& file, std::string_view lines) {
  int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0)
    return system_problem(file, "cannot be opened");
  auto before = ::lseek(fd, 0, SEEK_END);
  bool ok = write_all(fd, lines) && ::fsync(fd) == 0 && sync_folder(file);
  auto failed = ok ? error{} : system_problem(file, "cannot be written");
  if (!ok && before >= 0)
    (void)!::ftruncate(fd, before);  // Half a line would spoil the next one; if that fails, too, a reader says so.
  ::close(fd);
  if (!ok)
    return failed;
  return {};
}

result<std::string> content_of(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return system_problem(file, "cannot be opened");
  std::string text;
  text.resize(recovery_file_bytes_max + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.fail() && !in.eof()))
    return system_problem(file, "cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > recovery_file_bytes_max)
    return error{errc::too_large, "recovery file " + file.string() + " has more than "
                                      + std::to_string(recovery_file_bytes_max >> 20)
                                      + " MiB; split it between two lines and import the parts"};
  return text;
}

}  // namespace

void recovery_file::append(std::string lines, std::function<void(result<void>)> done) {
  on_->run([path = path_, lines = std::move(lines), done = std::move(done)] { done(append_to(path, lines)); });
}

void recovery_file::read(std::filesystem::path file, std::function<void(result<std::string>)> done) {
  on_->run([file = std::move(file), done = std::move(done)] { done(content_of(file)); });
}

}  // namespace beamline::program
