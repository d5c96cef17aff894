#pragma once

#include "apps/event_horizon/content/dates.hpp"
#include "apps/event_horizon/content/problem.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a post says about itself, at its top: YAML between two lines `---`, or TOML between two lines `+++`.
///
///   ---                                        +++
///   title: "Hello: two nodes"                  title = "Hello: two nodes"
///   date: 2024-05-01 10:20:30 +0200            date = 2024-05-01T10:20:30+02:00
///   description: What this is.                 description = "What this is."
///   tags: [beam, c++]                          tags = ["beam", "c++"]
///   draft: true                                draft = true
///   ---                                        +++
///
/// Other blogs' words for the same are understood: `summary`, `excerpt`, `lastmod`, `categories`, `published: false`,
/// `status: draft`, `permalink`, `image`, …; what they say to their own programs (`layout`, `weight`) is passed over.
namespace beamline::event_horizon {

// Longer ones are cut there, and reported.
inline constexpr std::size_t title_bytes_max = 200;
inline constexpr std::size_t summary_bytes_max = 500;
inline constexpr std::size_t tag_bytes_max = 60;
// Tags after these are left out, and reported.
inline constexpr std::size_t tags_max = 20;
// A longer block is refused: its post is not shown.
inline constexpr std::size_t front_bytes_max = 32 * 1024;

struct front_matter {
  std::string title;    // Empty: it says none.
  std::string summary;  // Empty: it says none.
  std::string slug;     // As written; empty: the file's name decides.
  std::string image;    // Address of the picture that social networks show; as written.
  std::optional<post_date> date;
  std::optional<post_date> updated;
  std::vector<std::string> tags;  // Each once, in the order written.
  bool is_draft = false;
};

struct parsed_post {
  front_matter front;
  std::string_view body;  // Part of the text that was parsed.
  int body_line = 1;      // Its first line in that text, from 1.
};

/// Takes a post apart. Adds to `problems` what is not understood; their files are left empty. Nothing is returned, and
/// the last problem says why, when the front matter cannot be read at all. Pure, thread-safe.
[[nodiscard]] std::optional<parsed_post> parse_front_matter(std::string_view text, problem_list& problems);

}  // namespace beamline::event_horizon
