#include "net/outbox/drain.hpp"

#include "base/random.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using net::outbox::drain;

namespace {

drain::options prompt() { return {.batch_max = 100, .events_per_s = 500, .start_delay_max = 0s}; }

const time_point start{1h};

}  // namespace

TEST_CASE("a drain is idle without anything to send, or without anybody to send it to") {
  drain d{prompt(), start};
  CHECK(d.next(start, 0, true).send == 0);
  CHECK(d.next(start, 5, false).send == 0);
  CHECK_FALSE(d.next(start, 5, false).again);
  CHECK_FALSE(d.is_syncing());
  CHECK(d.next(start, 5, true).send == 5);
  CHECK(d.is_syncing());
}

TEST_CASE("one batch is under way at a time, and a drain ends when nothing is left") {
  drain d{prompt(), start};
  CHECK(d.next(start, 130, true).send == 100);
  d.started(100);
  CHECK(d.next(start, 30, true).send == 0);
  CHECK_FALSE(d.next(start, 30, true).again);
  d.succeeded();
  // The bucket is empty: wait for enough for a batch that is worth it.
  auto later = d.next(start, 30, true);
  CHECK(later.send == 0);
  REQUIRE(later.again);
  CHECK(*later.again - start >= 50ms);
  CHECK(*later.again - start <= 51ms);
  CHECK(d.is_syncing());
  CHECK(d.next(*later.again, 30, true).send == 25);
  d.started(25);
  d.succeeded();
  auto last = d.next(*later.again, 5, true);
  REQUIRE(last.again);
  CHECK(d.next(*last.again, 5, true).send == 5);
  d.started(5);
  d.succeeded();
  CHECK(d.next(*last.again, 0, true).send == 0);
  CHECK_FALSE(d.is_syncing());
}

TEST_CASE("pauses after failures double up to their limit, with jitter, and a target that comes up ends them") {
  drain d{{.start_delay_max = 0s, .retry_min = 1s, .retry_max = 60s}, start};
  seeded_random random{7};
  auto now = start;
  duration expected = 1s;
  for (int i = 0; i < 10; ++i) {
    REQUIRE(d.next(now, 1, true).send == 1);
    d.started(1);
    d.failed(now, random);
    CHECK_FALSE(d.is_syncing());
    CHECK(d.is_failing());
    auto step = d.next(now, 1, true);
    CHECK(step.send == 0);
    REQUIRE(step.again);
    CHECK(*step.again - now <= expected);
    CHECK(*step.again - now >= expected / 2);
    CHECK(d.next(*step.again - 1ns, 1, true).send == 0);
    now = *step.again;
    expected = std::min<duration>(expected * 2, 60s);
  }
  d.target_up(now, random);
  CHECK_FALSE(d.is_failing());
  CHECK(d.next(now, 1, true).send == 1);
}

TEST_CASE("an operator's word ends a pause at once") {
  drain d{{.start_delay_max = 0s}, start};
  seeded_random random{1};
  (void)d.next(start, 1, true);
  d.started(1);
  d.failed(start, random);
  REQUIRE(d.next(start, 1, true).send == 0);
  d.nudge(start);
  CHECK(d.next(start, 1, true).send == 1);
}

TEST_CASE("hosts do not begin together when a target has come up") {
  bool was_early = false;
  bool was_late = false;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    drain d{{.start_delay_max = 2s}, start};
    seeded_random random{seed};
    d.target_up(start, random);
    auto step = d.next(start, 1, true);
    if (step.send > 0)
      continue;
    REQUIRE(step.again);
    auto delay = *step.again - start;
    CHECK(delay <= 2s);
    was_early = was_early || delay < 500ms;
    was_late = was_late || delay > 1500ms;
  }
  CHECK(was_early);
  CHECK(was_late);
}

TEST_CASE("whatever happens in whatever order, the rate is kept, and a drain always ends") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    seeded_random random{seed};
    const drain::options o{.batch_max = 1 + random.below(100), .events_per_s = 1 + random.below(1000)};
    drain d{o, start};
    auto now = start;
    std::uint64_t sent = 0;
    std::size_t under_way = 0;
    std::size_t waiting = 0;
    bool has_target = false;
    for (int i = 0; i < 300; ++i) {
      now += duration{static_cast<std::int64_t>(random.below(200'000'000))};
      switch (random.below(6)) {
        case 0: waiting += random.below(300); break;
        case 1:
          has_target = true;
          d.target_up(now, random);
          break;
        case 2: has_target = false; break;
        case 3: d.nudge(now); break;
        default:
          if (under_way > 0) {
            if (random.below(2) == 0) {
              d.succeeded();
              waiting -= under_way;
            } else {
              d.failed(now, random);
              CHECK_FALSE(d.is_syncing());
            }
            under_way = 0;
          }
      }
      auto step = d.next(now, waiting, has_target);
      CHECK((step.send == 0 || under_way == 0));
      CHECK((!step.again || *step.again > now));
      if (step.send > 0) {
        REQUIRE(has_target);
        under_way = 1 + random.below(step.send);
        d.started(under_way);
        sent += under_way;
      }
      auto allowed =
          o.batch_max + static_cast<std::uint64_t>((now - start).count()) / 1'000 * o.events_per_s / 1'000'000 + 1;
      CHECK(sent <= allowed);
    }
    // From now on everything goes well.
    if (under_way > 0) {
      d.succeeded();
      waiting -= under_way;
    }
    for (int i = 0; i < 100'000 && waiting > 0; ++i) {
      auto step = d.next(now, waiting, true);
      if (step.send == 0) {
        REQUIRE(step.again);
        now = *step.again;
        continue;
      }
      d.started(step.send);
      waiting -= step.send;
      d.succeeded();
    }
    CHECK(waiting == 0);
    (void)d.next(now, waiting, true);
    CHECK_FALSE(d.is_syncing());
  }
}
