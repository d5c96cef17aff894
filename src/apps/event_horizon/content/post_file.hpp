#pragma once

#include "apps/event_horizon/content/dates.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

// As long as the accumulator's; a longer name is cut.
inline constexpr std::size_t post_slug_bytes_max = 100;

/// What the name of a post's file says.
struct post_file_name {
  std::string folder;  // With its slash at the end; empty: the content folder itself.
  std::string words;   // Of the name, without the date: `My trip`.
  std::string slug;    // May be empty: no letter of it can be part of an address.
  std::optional<post_date> date;
  bool is_draft = false;    // It lies in `_drafts`.
  bool is_skipped = false;  // It is about its folder and no post: `_index.md`.
};

[[nodiscard]] post_file_name read_post_file_name(std::string_view path);

/// `images/../x.png` written in a file of `folder`, as a path within the content folder; empty when it leads outside.
[[nodiscard]] std::string joined_path(std::string_view folder, std::string_view written);

}  // namespace beamline::event_horizon
