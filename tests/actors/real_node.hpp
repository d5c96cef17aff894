#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <memory>
#include <thread>
#include <utility>

namespace beamline::subjects {

/// A node on real threads and clocks.
struct real_node {
  explicit real_node(node::options o = {.name = "test@127.0.0.1"})
      : n{std::move(o), environment::ports{clock, random, *log, events, timers}} {}

  system_clock clock;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  node n;

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
