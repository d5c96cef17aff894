#include "program/identity.hpp"

#include "base/crypto.hpp"
#include "base/name_facts.hpp"
#include "base/system_facts.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace beamline::program {

namespace {

constexpr std::size_t small_file_bytes_max = 4096;

error file_error(const std::filesystem::path& path, std::string_view what, int code) {
  return {errc::io, path.string() + ": cannot " + std::string{what} + ": " + std::strerror(code)
                        + "; check the directory's owner and free space, or set node.data_dir"};
}

std::optional<std::string> read_small(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return std::nullopt;
  std::string text(small_file_bytes_max, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  return text;
}

/// Replaces a file so that a crash leaves either the old or the new one; readable by the owner only.
result<void> write_small(const std::filesystem::path& path, std::string_view text) {
  auto fresh = path;
  fresh += ".new";
  int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return file_error(fresh, "write", errno);
  auto written = ::write(fd, text.data(), text.size());
  int code = written == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (code != 0)
    return file_error(fresh, "write", code);
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    return file_error(path, "replace", errno);
  return {};
}

result<void> make_data_dir(const std::filesystem::path& dir) {
  std::error_code code;
  std::filesystem::create_directories(dir, code);
  if (code)
    return file_error(dir, "make the data directory", code.value());
  if (::chmod(dir.c_str(), 0700) != 0)
    return file_error(dir, "protect the data directory", errno);
  return {};
}

result<std::uint64_t> next_incarnation(const std::filesystem::path& file, const clock& time) {
  std::uint64_t last = 0;
  if (auto text = read_small(file)) {
    auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), last);
    if (failed != std::errc{} || end != text->data() + text->size())
      return error{errc::corrupt, file.string()
                                      + ": does not hold a number; remove it, and this node starts with a new "
                                        "incarnation taken from the clock"};
  }
  auto now = static_cast<std::uint64_t>(time.wall_now().time_since_epoch().count());
  auto next = std::max(last + 1, now);
  if (auto done = write_small(file, std::to_string(next) + "\n"); !done)
    return done.error();
  return next;
}

}  // namespace

result<identity> take_identity(const node_options& options, const clock& time, random_source& random) {
  auto text = expand_node_name(options.name, collect_name_facts(options, machine_facts{}));
  if (!text)
    return text.error();
  auto name = node_name::parse(*text);
  if (!name)
    return name.error();
  auto dir = expand_data_dir(options.data_dir, *name);
  if (!dir)
    return dir.error();
  if (auto made = make_data_dir(*dir); !made)
    return made.error();
  auto incarnation = next_incarnation(*dir / "incarnation", time);
  if (!incarnation)
    return incarnation.error();

  identity who{*name, *dir, *incarnation, options.secret, false};
  if (who.secret.empty()) {
    auto file = *dir / "secret";
    who.is_secret_made = true;
    if (auto kept = read_small(file); kept && kept->size() >= node_secret_bytes_min) {
      who.secret = *kept;
    } else {
      bytes raw(32, '\0');
      random.fill(std::as_writable_bytes(std::span{raw}));
      who.secret = base64url_encode(raw);
      if (auto kept_now = write_small(file, who.secret + "\n"); !kept_now)
        return kept_now.error();
    }
  }
  return who;
}

}  // namespace beamline::program
