#include "gallery/secret.hpp"

#include "base/crypto.hpp"
#include "base/token.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace gallery {

using namespace beamline;

namespace {

std::string fresh_secret(random_source& random) {
  bytes raw(secret_octets_min, '\0');
  random.fill(std::as_writable_bytes(std::span{raw}));
  return base64url_encode(raw);
}

error file_error(const std::filesystem::path& file, int code) {
  return {errc::io, file.string() + ": " + std::strerror(code) + "; give --state a directory that you may write to"};
}

/// A crash leaves either no file or a whole one.
result<void> write_secret(const std::filesystem::path& file, const std::string& secret) {
  auto fresh = file;
  fresh += ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return file_error(fresh, errno);
  const auto text = secret + "\n";
  const bool is_written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const int code = errno;
  ::close(fd);
  if (!is_written)
    return file_error(fresh, code);
  if (::rename(fresh.c_str(), file.c_str()) != 0)
    return file_error(file, errno);
  return {};
}

}  // namespace

result<std::string> site_secret(const std::filesystem::path& dir, random_source& random) {
  if (dir.empty())
    return fresh_secret(random);
  std::error_code failed;
  std::filesystem::create_directories(dir, failed);
  if (failed)
    return file_error(dir, failed.value());
  const auto file = dir / "secret";
  if (std::ifstream in{file}; in) {
    std::string kept;
    std::getline(in, kept);
    if (kept.size() < secret_octets_min)
      return error{errc::corrupt, file.string() + ": holds no secret; remove it, and a new one is made"};
    return kept;
  }
  auto made = fresh_secret(random);
  if (auto ok = write_secret(file, made); !ok)
    return ok.error();
  return made;
}

}  // namespace gallery
