#pragma once

#include "apps/event_horizon/content/library.hpp"
#include "apps/event_horizon/content/problem.hpp"
#include "apps/event_horizon/content/scan.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

/// Where files beside the posts are served: `/files/trip/photo.jpg`.
inline constexpr std::string_view files_prefix = "/files/";

struct content_limits {
  std::size_t posts_max = 1000;             // Files of posts after these, by name, are left out, and reported.
  std::size_t post_bytes_max = 256 * 1024;  // A larger one is left out, and reported.
  bool shows_drafts = false;
};

/// What was read at one moment.
struct loaded_content {
  std::shared_ptr<const library> posts;
  problem_list problems;  // By file and line.
};

/// Reads all posts that were found; blocks. What is wrong with one leaves the others up.
///
/// A post is `<name>.md`, `<name>/index.md` or `2024-05-01-<name>.md`, in any folder; `_index.md` is none. Its address
/// is `slug` of its front matter, else its name, in letters that addresses have. Its date is that of its front matter,
/// else of its name. Its title: front matter, first heading, name.
[[nodiscard]] loaded_content load_content(const std::vector<scanned_file>& found, const content_limits& limits);

/// The folder with everything in it: `scan_folder` and `load_content`.
[[nodiscard]] result<loaded_content> load_folder(const std::filesystem::path& dir, const content_limits& limits);

}  // namespace beamline::event_horizon
