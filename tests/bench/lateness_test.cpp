#include "blog/lateness.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

using namespace beamline;
using namespace std::chrono_literals;
using bench::lateness;

namespace {

constexpr time_point at(duration d) { return time_point{} + d; }

}  // namespace

TEST_CASE("how late a press is on a page is the time until the page shows it or a later one") {
  lateness l{1};
  l.begin(0, 0);
  l.show(0, 1, at(10ms));
  l.show(0, 3, at(50ms));
  CHECK(l.since({at(0ms), at(20ms), at(45ms)}) == std::vector<double>{10, 30, 5});
}

TEST_CASE("a page that shows a press before it was answered is not late") {
  lateness l{1};
  l.show(0, 1, at(10ms));
  CHECK(l.since({at(12ms)}) == std::vector<double>{0});
}

TEST_CASE("every page counts for itself, one after another") {
  lateness l{2};
  l.show(1, 2, at(8ms));
  l.show(0, 1, at(3ms));
  CHECK(l.behind(1) == 0);
  CHECK(l.behind(2) == 1);
  l.show(0, 2, at(9ms));
  CHECK(l.behind(2) == 0);
  CHECK(l.since({at(1ms), at(5ms)}) == std::vector<double>{2, 4, 7, 3});
}

TEST_CASE("what a page shows when it is joined is no change, and it is behind until there is one") {
  lateness l{2};
  l.begin(0, 5);
  CHECK(l.behind(5) == 1);
  CHECK(l.since({}).empty());
}

TEST_CASE("a number that shrinks, and one that never came, are errors") {
  lateness l{1};
  l.show(0, 2, at(1ms));
  l.show(0, 2, at(2ms));
  CHECK_THROWS_WITH_AS(l.show(0, 1, at(3ms)), "a page shows 1 after 2", std::runtime_error);
  CHECK_THROWS_WITH_AS((void)l.since({at(0ms), at(0ms), at(0ms)}), "a page never showed 3", std::runtime_error);
}
