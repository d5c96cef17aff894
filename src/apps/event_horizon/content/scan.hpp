#pragma once

#include "apps/event_horizon/content/problem.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

// Folders inside each other; what is deeper is not looked at, and reported.
inline constexpr std::size_t folder_depth_max = 8;
// Files and folders after these are not looked at, and reported.
inline constexpr std::size_t folder_entries_max = 20'000;
// Larger files beside posts are not served, and reported: each is read in one piece.
inline constexpr std::uintmax_t file_bytes_max = 16 * 1024 * 1024;

/// A file of the content folder.
struct scanned_file {
  std::string path;  // Counted from the folder, with slashes.
  std::filesystem::path where;
  std::uintmax_t octets = 0;
  std::int64_t changed = 0;  // When it was written last, in the file system's own time.
  std::string_view type{};   // Of its content; empty for posts.

  friend bool operator==(const scanned_file&, const scanned_file&) = default;
};

/// What is in the folder, by path. Blocks. Not looked at: names that begin with a dot, symbolic links, what is no file.
/// Fails with `not_found` (no folder) and `io` (not readable).
[[nodiscard]] result<std::vector<scanned_file>> scan_folder(const std::filesystem::path& dir, problem_list& problems);

[[nodiscard]] bool is_post_name(std::string_view path);

/// The type under which a file beside posts is served, by its ending; empty: it is not served. What a browser would run
/// as a page or a script is not.
[[nodiscard]] std::string_view served_type(std::string_view path);

/// The content, at most `octets_max` of it. Blocks; symbolic links, pipes and devices are refused.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& file, std::size_t octets_max);

}  // namespace beamline::event_horizon
