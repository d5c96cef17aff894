#pragma once

#include "actors/message.hpp"
#include "pubsub/topic.hpp"

#include <cstdint>

namespace beamline::bench {

/// How many likes everybody's number has.
struct likes_changed {
  std::int64_t likes = 0;
  BEAMLINE_MESSAGE(likes_changed, "bench.likes", 1, likes)
};

/// One change of a topic that changes all the time: which, and when it was made, in microseconds of the machine's
/// monotonic clock, which the load client reads as well.
struct tick {
  std::int64_t number = 0;
  std::int64_t made_at_us = 0;
  BEAMLINE_MESSAGE(tick, "bench.tick", 1, number, made_at_us)
};

inline constexpr pubsub::topic_name<likes_changed, pubsub::topic_class::last_value> likes_topic{"bench:likes"};
inline constexpr pubsub::topic_name<tick, pubsub::topic_class::last_value> tick_topic{"bench:ticks"};

}  // namespace beamline::bench
