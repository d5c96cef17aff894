#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <memory>
#include <thread>

namespace beamline::subjects {

/// A node on real threads and clocks.
struct real_node {
  system_clock clock;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  node n{node::options{.name = "test@127.0.0.1"}, environment::ports{clock, random, *log, events, timers}};

  /// Gives way to the others until it is true; false when it is not within half a minute.
  template <class Condition>
  [[nodiscard]] bool wait_until(Condition condition) const {
    for (auto end = clock.now() + 30s; !condition();) {
      if (clock.now() > end)
        return false;
      std::this_thread::yield();
    }
    return true;
  }
};

}  // namespace beamline::subjects
