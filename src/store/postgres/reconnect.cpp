#include "store/postgres/reconnect.hpp"

#include "base/random.hpp"

#include <algorithm>

namespace beamline::store::postgres {

void reconnect_plan::on_failed(time_point now) {
  auto pause = reconnect_pause_min;
  for (std::uint64_t i = 0; i < failures_ && pause < reconnect_pause_max; ++i)
    pause *= 2;
  pause = std::min(pause, reconnect_pause_max);
  ++failures_;
  const auto half = static_cast<std::uint64_t>(pause.count()) / 2;
  next_ = now + pause - duration{static_cast<std::int64_t>(mix64(seed_ ^ failures_) % (half + 1))};
}

void reconnect_plan::on_connected() {
  failures_ = 0;
  next_ = {};
}

}  // namespace beamline::store::postgres
