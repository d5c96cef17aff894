#pragma once

#include "actors/process.hpp"

#include <cstdint>

namespace beamline::bench {

// What the sources are cast:
struct like {};
struct make_ticks {
  std::int64_t per_second;
  std::int64_t seconds;
};

/// Counts likes and tells everybody.
class scoreboard final : public process {
public:
  using process::process;

private:
  behavior init() override;

  std::int64_t likes_ = 0;
};

/// Changes `tick_topic` as often as it is asked to, for as long; asked again while it does, it goes on as asked last.
class ticker final : public process {
public:
  using process::process;

private:
  behavior init() override;
  void make_due();

  time_point begun_{};
  std::int64_t per_second_ = 0;
  std::int64_t wanted_ = 0;  // Of this time.
  std::int64_t made_ = 0;
  std::int64_t number_ = 0;  // Of the newest, of all times.
  timer_ref next_ = 0;
};

/// Where views find them, in the node's environment.
struct sources {
  pid scoreboard;
  pid ticker;
};

}  // namespace beamline::bench
