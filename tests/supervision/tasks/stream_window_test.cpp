#include "supervision/tasks/stream_window.hpp"

#include "base/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

using namespace beamline;
using namespace beamline::supervision;

using numbers = std::vector<stream_window::index>;

TEST_CASE("stream_window asks for as much as may run and for one more with each that finishes") {
  stream_window s{{.max_concurrency = 2, .ordered = true, .buffered_max = 10}};
  CHECK(s.ask() == 2);
  CHECK(s.ask() == 0);
  CHECK(s.start() == 0);
  CHECK(s.start() == 1);
  CHECK(s.ask() == 0);
  CHECK(s.finish(0) == numbers{0});
  CHECK(s.ask() == 1);
}

TEST_CASE("an ordered stream_window holds back what is not next, an unordered one nothing") {
  for (bool ordered : {true, false}) {
    CAPTURE(ordered);
    stream_window s{{.max_concurrency = 3, .ordered = ordered, .buffered_max = 10}};
    CHECK(s.ask() == 3);
    for (int i = 0; i < 3; ++i)
      (void)s.start();
    CHECK(s.finish(2) == (ordered ? numbers{} : numbers{2}));
    CHECK(s.finish(1) == (ordered ? numbers{} : numbers{1}));
    CHECK(s.finish(0) == (ordered ? numbers{0, 1, 2} : numbers{0}));
  }
}

TEST_CASE("behind a slow item a stream_window goes on until its buffer is full") {
  stream_window s{{.max_concurrency = 2, .ordered = true, .buffered_max = 5}};
  CHECK(s.ask() == 2);
  auto head = s.start();
  std::size_t finished = 0;
  for (auto next = s.start();; next = s.start()) {
    CHECK(s.finish(next).empty());
    ++finished;
    if (s.ask() == 0)
      break;
  }
  CHECK(finished == 4);  // The head will need the fifth place.
  CHECK(s.running() == 1);
  CHECK(s.buffered() == 4);
  CHECK(s.finish(head) == numbers{0, 1, 2, 3, 4});
  CHECK(s.ask() == 2);
}

TEST_CASE("a stream_window with a buffer smaller than its concurrency still runs all places") {
  stream_window s{{.max_concurrency = 8, .ordered = true, .buffered_max = 1}};
  CHECK(s.ask() == 8);
}

TEST_CASE("a stream_window is complete when the input is over and all is handed out") {
  stream_window s{{.max_concurrency = 2, .ordered = true, .buffered_max = 5}};
  CHECK(s.ask() == 2);
  (void)s.start();
  s.end_input();
  CHECK(!s.is_complete());
  CHECK(s.ask() == 0);
  (void)s.finish(0);
  CHECK(s.is_complete());
  CHECK_THROWS_AS((void)s.start(), std::logic_error);
}

TEST_CASE("a stream_window refuses what cannot be") {
  stream_window s{{.max_concurrency = 2, .ordered = true, .buffered_max = 5}};
  CHECK_THROWS_AS((void)s.start(), std::logic_error);
  CHECK_THROWS_AS((void)s.finish(0), std::logic_error);
  (void)s.ask();
  (void)s.start();
  (void)s.finish(0);
  CHECK_THROWS_AS((void)s.finish(0), std::logic_error);
}

TEST_CASE("a stream_window delivers every item once, in order, within its bounds, whatever finishes when") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    seeded_random random{seed};
    stream_window::options o{1 + random.below(5), random.below(2) == 0, 1 + random.below(6)};
    stream_window s{o};
    const std::size_t inputs = random.below(40);
    std::size_t asked = 0;
    std::size_t given = 0;
    numbers running;
    numbers delivered;
    while (!s.is_complete()) {
      asked += s.ask();
      REQUIRE(asked + running.size() <= o.max_concurrency);
      // Stuck it must never be: something runs, or was asked for.
      REQUIRE(asked + running.size() > 0);
      if (asked > 0 && (running.empty() || random.below(2) == 0)) {
        if (given++ == inputs) {
          s.end_input();
          asked = 0;
        } else {
          running.push_back(s.start());
          --asked;
        }
      } else {
        auto i = running.begin() + static_cast<std::ptrdiff_t>(random.below(running.size()));
        auto now = s.finish(*i);
        running.erase(i);
        delivered.insert(delivered.end(), now.begin(), now.end());
      }
      REQUIRE(s.buffered() <= std::max(o.buffered_max, o.max_concurrency));
    }
    REQUIRE(delivered.size() == inputs);
    if (!o.ordered)
      std::sort(delivered.begin(), delivered.end());
    for (std::size_t i = 0; i < inputs; ++i)
      REQUIRE(delivered[i] == i);
  }
}
