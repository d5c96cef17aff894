#include "apps/accumulator/sweep.hpp"

#include "apps/accumulator/tables.hpp"

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::accumulator::test;

namespace {

struct swept_tables : fresh_tables {
  accumulator_options options{.visit_window = 30min, .dedupe_retention = 24h, .dedupe_rows_max = 1'000'000};

  uid bound() {
    return with([&](tables& t) { return sweep_bound(t, time.wall_now(), options); });
  }
  sweep_step step(const uid& to) {
    return with([&](tables& t) { return sweep(t, to, options); });
  }
  std::int64_t seen() { return number("SELECT count(*) FROM seen_events"); }
  std::int64_t visited() { return number("SELECT count(*) FROM visits"); }
};

}  // namespace

TEST_CASE_FIXTURE(swept_tables, "ids and visits are forgotten after the retention, and not before") {
  auto first = ids.next();
  (void)apply(first, visits{metric::scope::blog, "hello", {"visitor_1"}});
  time.advance(12h);
  auto second = ids.next();
  (void)apply(second, visits{metric::scope::blog, "hello", {"visitor_1"}});
  time.advance(11h);
  auto nothing = step(bound());
  CHECK(nothing.ids == 0);
  CHECK(nothing.visits == 0);
  time.advance(2h);
  auto some = step(bound());
  CHECK(some.ids == 1);
  CHECK(some.visits == 1);
  CHECK_FALSE(some.has_more());
  CHECK(seen() == 1);
  SUBCASE("a repetition of what was forgotten is rejected, and counts nothing") {
    auto late = apply(first, visits{metric::scope::blog, "hello", {"visitor_1"}});
    CHECK(late.answer.outcome == event_outcome::rejected);
    CHECK(code_of(late) == "expired");
    CHECK(stats("hello").visits == 2);
    CHECK(seen() == 1);
  }
  SUBCASE("also when the clock steps back meanwhile, or the retention is made longer") {
    time.advance(-20h);
    options.dedupe_retention = 1000h;
    (void)step(bound());
    CHECK(code_of(apply(first, like{"hello", "", true, 1})) == "expired");
  }
  SUBCASE("a repetition of the other one is a duplicate") {
    CHECK(apply(second, visits{metric::scope::blog, "hello", {"visitor_1"}}).answer.outcome
          == event_outcome::duplicate);
  }
}

TEST_CASE_FIXTURE(swept_tables, "many rows go in steps") {
  for (int i = 0; i < 2500; ++i)
    (void)apply(visits{metric::scope::blog, "hello", {"visitor_" + std::to_string(i)}});
  time.advance(48h);
  auto to = bound();
  auto steps = std::vector<std::int64_t>{};
  for (int i = 0; i < 3; ++i) {
    auto s = step(to);
    CHECK(s.ids == s.visits);
    CHECK(s.has_more() == (i < 2));
    steps.push_back(s.ids);
  }
  CHECK(steps == std::vector<std::int64_t>{1000, 1000, 500});
  CHECK(seen() == 0);
  CHECK(visited() == 0);
  CHECK(stats("hello").visits == 2500);
}

TEST_CASE_FIXTURE(swept_tables, "of too many ids the oldest are forgotten early, but not the last hour") {
  options.dedupe_rows_max = 1000;
  auto made = std::vector<uid>{};
  for (int i = 0; i < 1500; ++i) {
    made.push_back(ids.next());
    (void)apply(made.back(), like{"hello", "", true, 1});
    time.advance(10s);
  }
  (void)step(bound());
  CHECK(seen() <= 1001);
  CHECK(seen() >= 1000);
  CHECK(code_of(apply(made.front(), like{"hello", "", true, 1})) == "expired");
  CHECK(apply(made.back(), like{"hello", "", true, 1}).answer.outcome == event_outcome::duplicate);
  for (int i = 0; i < 1500; ++i) {
    (void)apply(like{"hello", "", true, 1});
    time.advance(1s);
  }
  (void)step(bound());
  CHECK(seen() >= 1500);
  CHECK(stats("hello").likes == 3000);
}

TEST_CASE_FIXTURE(swept_tables, "of too many visits the oldest go early as well") {
  options.dedupe_rows_max = 1000;
  for (int i = 0; i < 30; ++i) {
    auto who = std::vector<std::string>{};
    for (int v = 0; v < 100; ++v)
      who.push_back("visitor_" + std::to_string(v));
    (void)visit("hello", who);
    time.advance(30min);
  }
  while (step(bound()).has_more())
    continue;
  CHECK(visited() >= 1000);
  CHECK(visited() <= 1300);
  CHECK(stats("hello").visits == 3000);
}
