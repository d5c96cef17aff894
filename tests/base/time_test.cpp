#include "base/time.hpp"

#include <doctest/doctest.h>

using namespace beamline;

TEST_CASE("a manual clock stands still until it is moved") {
  auto clock = manual_clock{};
  auto start = clock.now();
  auto wall_start = clock.wall_now();
  CHECK(clock.now() == start);

  clock.advance(1500ms);
  CHECK(clock.now() - start == 1500ms);
  CHECK(clock.wall_now() - wall_start == 1500ms);
}

TEST_CASE("a manual clock starts at the wall time it is given") {
  auto start = wall_time{std::chrono::hours{1}};
  CHECK(manual_clock{start}.wall_now() == start);
}

TEST_CASE("the system's monotonic time never goes back and its calendar is of this century") {
  auto clock = system_clock{};
  auto before = clock.now();
  CHECK(clock.now() >= before);
  CHECK(clock.wall_now() > wall_time{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}});
  CHECK(clock.wall_now() < wall_time{std::chrono::sys_days{std::chrono::year{2100} / 1 / 1}});
}

TEST_CASE("milliseconds are rounded towards zero") {
  CHECK(to_ms(1999us) == 1);
  CHECK(to_ms(-1999us) == -1);
  CHECK(to_ms(2s) == 2000);
}
