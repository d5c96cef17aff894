#include "supervision/backoff.hpp"

#include <algorithm>

namespace beamline::supervision {

duration backoff_delay(const backoff& b, std::uint32_t nth, random_source& random) {
  if (!b.is_on())
    return duration::zero();
  auto delay = b.first;
  for (auto n = nth; n > 1 && delay < b.max; --n)
    delay = delay > b.max / 2 ? b.max : delay * 2;
  delay = std::min(delay, b.max);
  auto spread = static_cast<std::int64_t>(static_cast<double>(delay.count()) * b.jitter);
  if (spread <= 0)
    return delay;
  auto varied =
      delay.count() - spread + static_cast<std::int64_t>(random.below(2 * static_cast<std::uint64_t>(spread) + 1));
  return duration{varied};
}

}  // namespace beamline::supervision
