#include "gallery/ticker.hpp"

#include "pubsub/system.hpp"

namespace gallery {

beamline::behavior ticker::init() {
  tick();
  return handlers();
}

void ticker::tick() {
  const auto since = env().time().wall_now().time_since_epoch();
  const clock_tick now{static_cast<std::uint64_t>(since / tick_interval)};
  // While PubSub is being restarted nobody is there to be told.
  (void)beamline::pubsub::system_of(env()).broadcast(*this, clock_topic(), now);
  run_after(tick_interval, [this] { tick(); });
}

}  // namespace gallery
