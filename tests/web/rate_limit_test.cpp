#include "web/rate_limit.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace beamline;
using beamline::web::token_bucket;

TEST_CASE("a token bucket lets a burst pass, and then its rate") {
  auto bucket = token_bucket{{.per_second = 10, .burst = 5}};
  auto now = time_point{} + 1s;
  for (int i = 0; i < 5; ++i)
    CHECK(bucket.take(1, now) == 0s);
  CHECK(bucket.take(1, now) == 100ms);
  CHECK(bucket.take(1, now) == 200ms);
  SUBCASE("the debt is paid off with time") { CHECK(bucket.take(1, now + 300ms) == 0s); }
  SUBCASE("not earlier") { CHECK(bucket.take(1, now + 250ms) > 0s); }
  SUBCASE("after a rest there is one burst, not more") {
    CHECK(bucket.take(5, now + 1h) == 0s);
    CHECK(bucket.take(1, now + 1h) == 100ms);
  }
}

TEST_CASE("a token bucket takes amounts as they are, and more than a burst as debt") {
  auto bucket = token_bucket{{.per_second = 100, .burst = 10}};
  CHECK(bucket.take(110, time_point{} + 1s) == 1s);
}

TEST_CASE("a token bucket asked out of order does not gain") {
  auto bucket = token_bucket{{.per_second = 1, .burst = 1}};
  CHECK(bucket.take(1, time_point{} + 10s) == 0s);
  CHECK(bucket.take(0, time_point{} + 5s) == 0s);
  CHECK(bucket.take(1, time_point{} + 10s) == 1s);
}

TEST_CASE("a rate of nothing is a mistake of the program") {
  CHECK_THROWS_AS(token_bucket({.per_second = 0, .burst = 1}), std::invalid_argument);
  CHECK_THROWS_AS(token_bucket({.per_second = 1, .burst = 0}), std::invalid_argument);
  CHECK_THROWS_AS(token_bucket({.per_second = -1, .burst = 1}), std::invalid_argument);
}
