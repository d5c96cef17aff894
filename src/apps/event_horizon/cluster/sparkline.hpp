#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace beamline::event_horizon {

/// A line of steps as the path of an SVG: `M580 40V20H590V40H600`. Equal values next to each other are one piece, so a
/// quiet hour is a short text. Pure.
struct sparkline {
  int width = 600;
  int height = 48;
  std::size_t points = 120;  // How many fit; fewer are drawn at the right end.

  /// The line itself. Empty without values; `values` beyond `points` are left out, oldest first.
  [[nodiscard]] std::string line(std::span<const std::uint64_t> values) const;
  /// The area below it.
  [[nodiscard]] std::string area(std::span<const std::uint64_t> values) const;
};

/// What stands for the drawing: `Now 3, at most 17 within the last 10 minutes.`
[[nodiscard]] std::string spoken_history(std::span<const std::uint64_t> values);

}  // namespace beamline::event_horizon
