#include "live/server/sources.hpp"

#include "live/server/topics.hpp"
#include "pubsub/system.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace beamline::bench {

namespace {

constexpr duration tick_step = std::chrono::milliseconds{1};

std::int64_t microseconds_of(time_point t) {
  return std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch()).count();
}

template <class Topic, class M>
void tell(process& by, const Topic& topic, const M& what) {
  if (auto told = pubsub::system_of(by.env()).broadcast(by, topic, what); !told)
    throw std::runtime_error{topic.name() + ": " + told.error().message};
}

}  // namespace

behavior scoreboard::init() {
  return handlers([this](const like&) { tell(*this, likes_topic(), likes_changed{++likes_}); });
}

behavior ticker::init() {
  return handlers([this](const make_ticks& m) {
    cancel(next_);
    begun_ = now();
    per_second_ = m.per_second;
    wanted_ = m.per_second * m.seconds;
    made_ = 0;
    make_due();
  });
}

/// All that should have been made by now, each a change of its own.
void ticker::make_due() {
  const auto passed = std::chrono::duration<double>(now() - begun_).count();
  const auto due = std::min(wanted_, static_cast<std::int64_t>(passed * static_cast<double>(per_second_)));
  for (; made_ < due; ++made_)
    tell(*this, tick_topic(), tick{++number_, microseconds_of(now())});
  if (made_ < wanted_)
    next_ = run_after(tick_step, [this] { make_due(); });
}

}  // namespace beamline::bench
