#include "program/cookie_file.hpp"

#include "base/bytes.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace beamline::program {

namespace {

class descriptor {
public:
  explicit descriptor(int fd) : fd_{fd} {}
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  /// False: what was written may not have reached the disk.
  [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

private:
  int fd_;
};

error problem(errc code, const std::filesystem::path& file, std::string_view what) {
  return {code, fmt::format("cookie file {} {}", file.string(), what)};
}

error system_problem(const std::filesystem::path& file, std::string_view what) {
  auto code = errno == ENOENT ? errc::not_found : errno == EACCES ? errc::denied : errc::io;
  return problem(code, file, fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

bool lies_in(const std::filesystem::path& file, const std::filesystem::path& folder) {
  if (folder.empty())
    return false;
  std::error_code failed;
  auto real_folder = std::filesystem::canonical(folder, failed);
  auto real_file = failed ? std::filesystem::path{} : std::filesystem::canonical(file, failed);
  return !failed && real_file.parent_path() == real_folder;
}

result<void> check_file(int fd, const std::filesystem::path& file, bool is_credential) {
  // Of the open file, not of its name: nobody can exchange one for the other in between.
  struct stat facts {};
  if (::fstat(fd, &facts) != 0)
    return system_problem(file, "cannot be examined");
  if (!S_ISREG(facts.st_mode))
    return problem(errc::invalid, file, "is not a regular file; name the file itself");
  if (is_credential)
    return {};
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0)
    return problem(errc::denied, file,
                   fmt::format("belongs to user {}, who could change it; it has to belong to user {} or to root: "
                               "chown {} {}",
                               facts.st_uid, ::geteuid(), ::geteuid(), file.string()));
  if ((facts.st_mode & 077) != 0)
    return problem(errc::denied, file,
                   fmt::format("has mode {:04o}, so that others can get at it; close it to them: chmod 600 {}",
                               facts.st_mode & 07777, file.string()));
  return {};
}

result<std::string> read_all(int fd, const std::filesystem::path& file) {
  std::string text(cookie_file_octets_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    auto n = ::read(fd, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return system_problem(file, "cannot be read");
    if (n == 0)
      break;
    size += static_cast<std::size_t>(n);
  }
  if (size > cookie_file_octets_max)
    return problem(errc::too_large, file,
                   fmt::format("has more than {} bytes; it holds one cookie and nothing else", cookie_file_octets_max));
  text.resize(size);
  return text;
}

}  // namespace

result<std::string> read_cookie_file(const std::filesystem::path& file, const std::filesystem::path& credentials_dir) {
  // Not blocking: a FIFO would wait for a writer.
  descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!in.is_open())
    return system_problem(file, "cannot be opened");
  if (auto ok = check_file(in.get(), file, lies_in(file, credentials_dir)); !ok)
    return ok.error();
  auto text = read_all(in.get(), file);
  if (!text)
    return text;
  constexpr std::string_view white = " \t\r\n";
  auto first = text->find_first_not_of(white);
  if (first == std::string::npos)
    return problem(errc::invalid, file, "is empty; make a new one with: beamline cookie new --file PATH");
  auto cookie = text->substr(first, text->find_last_not_of(white) - first + 1);
  for (char c : cookie)
    if (c < ' ' || c > '~')
      return problem(errc::invalid, file,
                     "holds more than one line of printable ASCII; it has to hold one cookie and "
                     "nothing else");
  return cookie;
}

result<void> write_cookie_file(const std::filesystem::path& file, std::string_view cookie) {
  descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  if (!out.is_open() && errno == EEXIST)
    return problem(errc::exists, file,
                   "exists already and is left as it is; other nodes may use it. Choose another name");
  if (!out.is_open())
    return system_problem(file, "cannot be made");
  auto line = bytes{cookie} + "\n";
  auto written = ::write(out.get(), line.data(), line.size());
  bool is_whole = written >= 0 && static_cast<std::size_t>(written) == line.size() && ::fsync(out.get()) == 0;
  if (!is_whole || !out.close()) {
    auto failed = system_problem(file, "cannot be written");
    ::unlink(file.c_str());  // Half a cookie helps nobody.
    return failed;
  }
  return {};
}

}  // namespace beamline::program
