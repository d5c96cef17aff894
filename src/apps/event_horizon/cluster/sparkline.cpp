#include "apps/event_horizon/cluster/sparkline.hpp"

#include "actors/process_text.hpp"

#include <algorithm>

namespace beamline::event_horizon {

std::string sparkline::line(std::span<const std::uint64_t> values) const {
  if (values.size() > points)
    values = values.last(points);
  if (values.empty() || points == 0)
    return {};
  // A single event must be seen, and the greatest number touches the top: one line's width is left free.
  const auto top = std::max<std::uint64_t>(*std::max_element(values.begin(), values.end()), 1);
  const auto y = [&](std::uint64_t v) {
    const auto share = static_cast<double>(v) / static_cast<double>(top);
    return std::to_string(height - 1 - static_cast<int>(share * (height - 2)));
  };
  const auto x = [&](std::size_t i) {
    return std::to_string(static_cast<std::size_t>(width) * (points - values.size() + i) / points);
  };
  auto out = "M" + x(0) + " " + y(values[0]);
  for (std::size_t i = 1; i < values.size(); ++i)
    if (y(values[i]) != y(values[i - 1]))
      out += "H" + x(i) + "V" + y(values[i]);
  return out + "H" + x(values.size());
}

std::string sparkline::area(std::span<const std::uint64_t> values) const {
  auto top = line(values);
  if (top.empty())
    return top;
  const auto shown = std::min(values.size(), points);
  const auto left = static_cast<std::size_t>(width) * (points - shown) / points;
  return top + "V" + std::to_string(height) + "H" + std::to_string(left) + "Z";
}

std::string spoken_history(std::span<const std::uint64_t> values) {
  if (values.empty())
    return "Nothing was measured yet.";
  const auto most = *std::max_element(values.begin(), values.end());
  if (most == 0)
    return "Nothing has waited within the last 10 minutes.";
  return "Now " + grouped(values.back()) + ", at most " + grouped(most) + " within the last 10 minutes.";
}

}  // namespace beamline::event_horizon
