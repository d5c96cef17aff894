#include "apps/event_horizon/content/scan.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace beamline::event_horizon {

namespace fs = std::filesystem;

namespace {

struct media_type {
  std::string_view ending;
  std::string_view type;
};
constexpr auto media_types = std::to_array<media_type>({
    {".avif", "image/avif"},
    {".csv", "text/plain; charset=utf-8"},
    {".epub", "application/epub+zip"},
    {".gif", "image/gif"},
    {".gz", "application/gzip"},
    {".ico", "image/x-icon"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".json", "application/json"},
    {".m4a", "audio/mp4"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".ogg", "audio/ogg"},
    {".ogv", "video/ogg"},
    {".opus", "audio/ogg"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".vtt", "text/vtt; charset=utf-8"},
    {".wav", "audio/wav"},
    {".webm", "video/webm"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".zip", "application/zip"},
});

std::string lower_ending(std::string_view path) {
  auto dot = path.rfind('.');
  auto slash = path.rfind('/');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash))
    return {};
  auto out = std::string{path.substr(dot)};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

class folder_walk {
public:
  folder_walk(const fs::path& root, problem_list& problems) : root_{root}, problems_{problems} {}

  result<std::vector<scanned_file>> walk() {
    auto ec = std::error_code{};
    if (!fs::is_directory(root_, ec))
      return error{errc::not_found, root_.generic_string()
                                        + " is no directory; set event_horizon.content_dir to the one with the posts "
                                          "(it counts from the current directory)"};
    for (auto i = fs::recursive_directory_iterator{root_, ec}; !ec && i != fs::recursive_directory_iterator{};
         i.increment(ec)) {
      if (++entries_ > folder_entries_max) {
        tell(i->path(), "and what follows it are not looked at: the folder has more than "
                            + std::to_string(folder_entries_max) + " entries; remove what is no content");
        break;
      }
      look_at(i);
    }
    if (ec)
      return error{errc::io, root_.generic_string() + " cannot be read: " + ec.message() + "; check its rights"};
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(found_);
  }

private:
  void look_at(fs::recursive_directory_iterator& i) {
    auto ec = std::error_code{};
    auto name = i->path().filename().string();
    auto status = i->symlink_status(ec);
    if (name.starts_with('.')) {
      if (!ec && fs::is_directory(status))
        i.disable_recursion_pending();
    } else if (ec) {
      tell(i->path(), "cannot be looked at: " + ec.message());
    } else if (fs::is_symlink(status)) {
      tell(i->path(), "is a symbolic link, which is not followed; copy the file or folder itself");
    } else if (fs::is_directory(status)) {
      if (static_cast<std::size_t>(i.depth()) + 1 >= folder_depth_max) {
        tell(i->path(), "is not looked at: folders may be " + std::to_string(folder_depth_max) + " deep");
        i.disable_recursion_pending();
      }
    } else if (!fs::is_regular_file(status)) {
      tell(i->path(), "is no regular file; remove it");
    } else {
      add(*i);
    }
  }

  void add(const fs::directory_entry& entry) {
    auto ec = std::error_code{};
    auto file = scanned_file{relative(entry.path()), entry.path(), entry.file_size(ec), 0, {}};
    file.changed = entry.last_write_time(ec).time_since_epoch().count();
    if (ec)
      return;  // Gone meanwhile.
    if (!is_post_name(file.path)) {
      file.type = served_type(file.path);
      if (file.type.empty())
        return tell(entry.path(), "is not served: it is neither a post nor of a type that belongs to posts");
      if (file.octets > file_bytes_max)
        return tell(entry.path(), "is not served: it has more than " + std::to_string(file_bytes_max)
                                      + " octets; make it smaller or serve it elsewhere");
    }
    found_.push_back(std::move(file));
  }

  void tell(const fs::path& file, std::string text) { problems_.add({relative(file), 0, std::move(text), true}); }

  [[nodiscard]] std::string relative(const fs::path& file) const {
    return file.lexically_relative(root_).generic_string();
  }

  const fs::path& root_;
  problem_list& problems_;
  std::vector<scanned_file> found_;
  std::size_t entries_ = 0;
};

/// A descriptor that is closed.
class open_file {
public:
  explicit open_file(const fs::path& file)
      : fd_{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)} {}
  ~open_file() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }

private:
  int fd_;
};

}  // namespace

result<std::vector<scanned_file>> scan_folder(const fs::path& dir, problem_list& problems) {
  return folder_walk{dir, problems}.walk();
}

bool is_post_name(std::string_view path) {
  auto ending = lower_ending(path);
  return ending == ".md" || ending == ".markdown";
}

std::string_view served_type(std::string_view path) {
  auto ending = lower_ending(path);
  const auto* found = std::ranges::find(media_types, ending, &media_type::ending);
  return found == media_types.end() ? std::string_view{} : found->type;
}

std::optional<std::string> read_file(const fs::path& file, std::size_t octets_max) {
  auto in = open_file{file};
  struct stat about {};
  if (in.fd() < 0 || ::fstat(in.fd(), &about) != 0 || !S_ISREG(about.st_mode))
    return std::nullopt;
  auto out = std::string(std::min(static_cast<std::size_t>(about.st_size), octets_max), '\0');
  auto size = std::size_t{0};
  while (size < out.size()) {
    auto n = ::read(in.fd(), out.data() + size, out.size() - size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return std::nullopt;
    if (n == 0)
      break;  // It became shorter meanwhile.
    size += static_cast<std::size_t>(n);
  }
  out.resize(size);
  return out;
}

}  // namespace beamline::event_horizon
