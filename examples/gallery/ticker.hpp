#pragma once

#include "actors/message.hpp"
#include "actors/process.hpp"
#include "pubsub/topic.hpp"

#include <chrono>
#include <cstdint>

namespace gallery {

// Twenty times a second.
inline constexpr beamline::duration tick_interval = std::chrono::milliseconds{50};

/// What the clock says: how many intervals have passed since 1970. It grows over restarts of the node, too.
struct clock_tick {
  std::uint64_t number = 0;
  BEAMLINE_MESSAGE(clock_tick, "gallery.clock_tick", 1, number)
};

/// Who subscribes is told at once, and then of the newest only.
inline constexpr beamline::pubsub::topic_name<clock_tick, beamline::pubsub::topic_class::last_value> clock_topic{
    "gallery:clock"};

/// Says it to everybody, on all nodes.
class ticker final : public beamline::process {
public:
  using process::process;

private:
  beamline::behavior init() override;
  void tick();
};

}  // namespace gallery
