#include "net/discovery/rounds.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace beamline;
using namespace beamline::net;

namespace {

struct rig {
  bool begin() { return r.begin(now, random); }

  seeded_random random{1};
  time_point now{};
  discovery_rounds r{{.sources = 2}, now};
};

}  // namespace

TEST_CASE("the first round begins at once, the others every 10 s, more or less by a tenth") {
  rig t;
  CHECK(t.begin());
  std::set<std::int64_t> gaps;
  for (int i = 0; i < 200; ++i) {
    CHECK(t.r.answered(t.r.number(), 0));
    CHECK(t.r.answered(t.r.number(), 1));
    CHECK(t.r.finished(t.now));
    auto gap = t.r.next() - t.now;
    CHECK(gap >= 9s);
    CHECK(gap <= 11s);
    gaps.insert(to_ms(gap));
    t.now += gap - 1ns;
    CHECK_FALSE(t.begin());
    t.now += 1ns;
    CHECK(t.begin());
  }
  CHECK(gaps.size() > 100);
}

TEST_CASE("I36 a round that is not over keeps the next one waiting") {
  rig t;
  CHECK(t.begin());
  CHECK(t.r.answered(1, 0));
  t.now += 20s;
  CHECK_FALSE(t.begin());
  CHECK_FALSE(t.r.finished(t.now));
  CHECK(t.r.answered(1, 1));
  CHECK(t.r.finished(t.now) == 20s);
  CHECK_FALSE(t.r.finished(t.now));
  CHECK_FALSE(t.begin());
  t.now += discovery_rounds::pause_min;
  CHECK(t.begin());
}

TEST_CASE("an answer counts once, and in its own round only") {
  rig t;
  CHECK_FALSE(t.r.answered(0, 0));
  CHECK(t.begin());
  CHECK(t.r.answered(1, 0));
  CHECK_FALSE(t.r.answered(1, 0));
  CHECK_FALSE(t.r.answered(2, 1));
  CHECK_FALSE(t.r.answered(1, 2));
}

TEST_CASE("a source that does not answer in 30 s has failed, and its answer comes too late") {
  rig t;
  CHECK(t.begin());
  CHECK(t.r.answered(1, 1));
  CHECK(t.r.next() == t.now + 30s);
  t.now += 30s - 1ns;
  CHECK(t.r.expired(t.now).empty());
  t.now += 1ns;
  CHECK(t.r.expired(t.now) == std::vector<std::size_t>{0});
  CHECK(t.r.expired(t.now).empty());
  CHECK(t.r.finished(t.now) == 30s);
  CHECK_FALSE(t.r.answered(1, 0));
}

TEST_CASE("a round can be asked for; during one it follows at once") {
  rig t;
  CHECK(t.begin());
  t.r.hurry(t.now);
  CHECK_FALSE(t.begin());
  CHECK(t.r.answered(1, 0));
  CHECK(t.r.answered(1, 1));
  CHECK(t.r.finished(t.now));
  CHECK(t.begin());
  CHECK(t.r.answered(2, 0));
  CHECK(t.r.answered(2, 1));
  CHECK(t.r.finished(t.now));
  CHECK_FALSE(t.begin());
  t.r.hurry(t.now);
  CHECK(t.begin());
}
