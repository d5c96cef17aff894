#include "apps/event_horizon/telling_pace.hpp"

#include <doctest/doctest.h>

namespace beamline::event_horizon {

namespace {

constexpr time_point start{1h};

}  // namespace

TEST_CASE("telling_pace tells a few views of every change at once") {
  telling_pace pace;
  for (int i = 0; i < 3; ++i) {
    CHECK(pace.changed("hello", start) == duration::zero());
    pace.told("hello", unpaced_views_max, start);
  }
}

TEST_CASE("telling_pace tells many views of the first change at once and of the next ones together") {
  telling_pace pace;
  constexpr std::size_t views = 1000;
  const auto pause = telling_per_view * 1000;
  CHECK(pace.changed("hello", start) == duration::zero());
  pace.told("hello", views, start);
  CHECK(pace.changed("hello", start + 1ms) == pause - 1ms);
  CHECK_FALSE(pace.changed("hello", start + 2ms).has_value());
  pace.told("hello", views, start + pause);
  SUBCASE("a change soon after that waits for as long again") {
    CHECK(pace.changed("hello", start + pause + 10ms) == pause - 10ms);
  }
  SUBCASE("after a quiet time a change is told at once") {
    CHECK(pace.changed("hello", start + pause + pause) == duration::zero());
  }
  SUBCASE("another post does not wait") { CHECK(pace.changed("likes", start + pause) == duration::zero()); }
}

TEST_CASE("telling_pace never waits longer than its most, and not for views that have gone") {
  telling_pace pace;
  (void)pace.changed("hello", start);
  pace.told("hello", 1'000'000, start);
  CHECK(pace.changed("hello", start) == telling_pause_max);
  pace.told("hello", 3, start + telling_pause_max);
  CHECK(pace.changed("hello", start + telling_pause_max) == duration::zero());
}

}  // namespace beamline::event_horizon
