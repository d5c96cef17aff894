#pragma once

#include "base/html.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

/// A post as readers see it.
struct post {
  std::string slug;  // Its address, /blog/<slug>: the name of its file.
  std::string title;
  std::chrono::year_month_day date{};
  std::string summary;
  std::vector<std::string> tags;
  safe_html body;
};

// More problems than this are counted, not listed.
inline constexpr std::size_t catalogue_problems_max = 50;

/// The posts of the blog: one Markdown file each, `<slug>.md` (or `.markdown`), read when the node starts. Immutable
/// afterwards, so it may be read from any thread.
class catalogue {
public:
  struct limits {
    std::size_t posts_max = 1000;
    std::size_t post_bytes_max = 256 * 1024;
  };

  /// No posts.
  catalogue() = default;

  /// Reads every post of a directory; blocks. Other files, and those whose name begins with a dot, do not matter.
  /// Errors: `not_found` (no directory), `io` (not readable), `too_large` (too many posts), else `invalid` with
  /// everything that is wrong, one line each: `content/posts/hello.md:3: date is "May", expected a day such as …`.
  [[nodiscard]] static result<catalogue> load(const std::filesystem::path& dir, limits l);
  [[nodiscard]] static result<catalogue> load(const std::filesystem::path& dir) { return load(dir, limits{}); }

  /// Newest first; those of one day by slug.
  [[nodiscard]] const std::vector<post>& posts() const noexcept { return posts_; }
  /// Null when there is none. Lives as long as the catalogue.
  [[nodiscard]] const post* find(std::string_view slug) const noexcept;

private:
  std::vector<post> posts_;
  std::vector<std::size_t> by_slug_;  // Indices, in the order of their slugs.
};

/// `1 May 2024`, for people.
[[nodiscard]] std::string long_date(std::chrono::year_month_day date);
/// `2024-05-01`, for programs.
[[nodiscard]] std::string iso_date(std::chrono::year_month_day date);

}  // namespace beamline::event_horizon
