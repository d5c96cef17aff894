#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace beamline::event_horizon {

// Enough of a file to find its size: JPEG files may begin with a preview picture of their own.
inline constexpr std::size_t image_head_bytes = 256 * 1024;
// What claims to be larger than this on one side is no picture for a page.
inline constexpr int image_side_max = 20'000;

struct image_size {
  int width = 0;
  int height = 0;

  friend bool operator==(const image_size&, const image_size&) = default;
};

/// The size in pixels that the beginning of a PNG, JPEG, GIF, WebP or SVG file tells; nothing for others, and for what
/// is damaged. A JPEG that its camera held upright counts as shown: upright. Pure, thread-safe.
[[nodiscard]] std::optional<image_size> read_image_size(std::string_view head);

}  // namespace beamline::event_horizon
