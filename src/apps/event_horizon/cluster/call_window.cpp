#include "apps/event_horizon/cluster/call_window.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace beamline::event_horizon {

std::size_t call_window::bucket_of(duration took) {
  constexpr auto longest = (std::uint64_t{1} << octaves) - 1;
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(took / 1us, 1));
  const auto n = std::min(us, longest);
  const auto octave = static_cast<std::size_t>(std::bit_width(n)) - 1;
  // The three binary digits behind the first one.
  const auto part = octave >= 3 ? n >> (octave - 3) & 7U : n << (3 - octave) & 7U;
  return octave * parts + part;
}

duration call_window::middle_of(std::size_t bucket) {
  const auto octave = bucket / parts;
  const auto part = static_cast<std::int64_t>(bucket % parts);
  return duration{(2 * (8 + part) + 1) * (std::int64_t{1000} << octave) / 16};
}

void call_window::record(time_point now, duration took) {
  const auto number = number_of(now);
  auto& at = pieces_[static_cast<std::size_t>(number) % slices];
  if (at.number != number)
    at = piece{.number = number};
  auto& count = at.of[bucket_of(took)];
  // A bucket that is full says the same as one that is fuller.
  if (count < std::numeric_limits<std::uint32_t>::max())
    ++count;
}

duration call_window::quantile(const std::array<std::uint64_t, octaves * parts>& all, std::uint64_t rank) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (seen += all[i]; seen >= rank)
      return middle_of(i);
  return {};
}

call_window::summary call_window::of_last_minutes(time_point now) const {
  const auto newest = number_of(now);
  std::array<std::uint64_t, octaves * parts> all{};
  summary out;
  for (const auto& p : pieces_) {
    if (p.number < 0 || p.number > newest || p.number <= newest - static_cast<std::int64_t>(slices))
      continue;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] += p.of[i];
      out.calls += p.of[i];
    }
  }
  if (out.calls == 0)
    return out;
  out.median = quantile(all, (out.calls + 1) / 2);
  out.p99 = quantile(all, out.calls - out.calls / 100);
  return out;
}

}  // namespace beamline::event_horizon
