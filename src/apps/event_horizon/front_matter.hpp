#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

inline constexpr std::size_t title_bytes_max = 200;
inline constexpr std::size_t summary_bytes_max = 500;
inline constexpr std::size_t tags_max = 10;
inline constexpr std::size_t tag_bytes_max = 40;

/// What a post says about itself, between two lines `---` at its top.
///
///   ---
///   title: Hello
///   date: 2024-05-01
///   summary: What this is.
///   tags: beam, c++
///   ---
struct front_matter {
  std::string title;
  std::chrono::year_month_day date{};
  std::string summary;
  std::vector<std::string> tags;  // In the order written; may be empty.
};

struct parsed_post {
  front_matter front;
  std::string_view body;  // Part of the text that was parsed.
  int body_line = 0;      // Its first line in that text, from 1.
};

/// A problem with a post, and the line it is on; 0 is the whole file.
struct post_problem {
  int line = 0;
  std::string text;
};

/// Takes a post apart. Every key stands on its own line, once; `title`, `date` and `summary` are required, others are
/// unknown. Adds what is wrong to `problems`; what is returned is good only if nothing was added. Pure.
[[nodiscard]] parsed_post parse_front_matter(std::string_view text, std::vector<post_problem>& problems);

}  // namespace beamline::event_horizon
