#include "apps/event_horizon/visit_losses.hpp"

#include "actors/environment.hpp"
#include "apps/event_horizon/events.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"

#include <utility>

namespace beamline::event_horizon {

void visit_losses::add(const environment& env, std::string_view of, std::string_view why) {
  env.events().emit(visit_lost{of, why});
  std::uint64_t count = 0;
  {
    std::lock_guard lock{mutex_};
    ++untold_;
    const auto now = env.time().now();
    if (told_ && now - *told_ < visit_losses_interval)
      return;
    told_ = now;
    count = std::exchange(untold_, 0);
  }
  env.log().warn("event_horizon", "visits are not counted", {{"count", count}, {"last_of", of}, {"why", why}});
}

}  // namespace beamline::event_horizon
