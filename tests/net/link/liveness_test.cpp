#include "net/link/liveness.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <optional>

#include <doctest/doctest.h>

namespace beamline::net {

namespace {

/// Asks whenever it is due, until `until` or the end; when it gave up.
std::optional<time_point> first_death(liveness& l, time_point until) {
  for (auto now = l.check(time_point{}).next; now <= until;) {
    auto d = l.check(now);
    if (d.is_dead)
      return now;
    REQUIRE(d.next > now);
    now = d.next;
  }
  return {};
}

duration between(seeded_random& random, duration least, duration most) {
  return least
       + duration{static_cast<duration::rep>(random.below(static_cast<std::uint64_t>((most - least).count()) + 1))};
}

}  // namespace

TEST_CASE("D39 a tick is due when nothing was written for a quarter of the tick time") {
  liveness l{{.tick_here = 20s, .tick_there = 20s}, time_point{}};
  CHECK_FALSE(l.check(time_point{4999ms}).is_tick_due);
  CHECK(l.check(time_point{5s}).is_tick_due);
  SUBCASE("and a quarter later again") {
    CHECK_FALSE(l.check(time_point{9s}).is_tick_due);
    CHECK(l.check(time_point{10s}).is_tick_due);
  }
  SUBCASE("not while something else is written") {
    l.note_written(time_point{8s});
    auto d = l.check(time_point{10s});
    CHECK_FALSE(d.is_tick_due);
    CHECK(d.next == time_point{13s});
  }
}

TEST_CASE("D39 four quiet checks in a row end a link") {
  liveness l{{.tick_here = 20s, .tick_there = 20s}, time_point{}};
  CHECK(first_death(l, time_point{60s}) == time_point{20s});
  CHECK(l.check(time_point{21s}).is_dead);
}

TEST_CASE("D40 a silent peer is given up between T and T and a quarter after its last octet") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    seeded_random random{seed};
    auto tick_time = between(random, 20ms, 60s);
    auto intensity = static_cast<int>(4 + random.below(seed % 2 == 0 ? 1 : 97));
    liveness l{{.tick_here = tick_time, .tick_there = tick_time, .intensity = intensity}, time_point{}};
    auto last_octet = time_point{between(random, 0s, 3 * tick_time)};
    std::optional<time_point> died;
    for (auto now = time_point{}; !died;) {
      // Octets come from time to time, until they do not come any more; timers are late now and then, but not by much.
      if (now <= last_octet)
        l.note_read(now);
      auto d = l.check(now);
      if (d.is_dead)
        died = now;
      auto next = d.next + between(random, 0s, tick_time / intensity / 4);
      if (now < last_octet && next > last_octet)
        next = last_octet;
      now = std::min(next, now + tick_time / intensity / 2);
    }
    CHECK(*died - last_octet > tick_time - tick_time / intensity);
    CHECK(*died - last_octet <= tick_time + tick_time / intensity + tick_time / intensity / 4);
  }
}

TEST_CASE("I6 a silent failure is reported within T (1 + 1/intensity), never earlier than T (1 - 1/intensity)") {
  for (auto phase = 0ms; phase < 5000ms; phase += 37ms) {
    CAPTURE(phase.count());
    liveness l{{.tick_here = 20s, .tick_there = 20s}, time_point{}};
    // The peer ticks every 5 s, and the last time at 30 s and that phase; it fails when the next one is nearly due.
    auto last = time_point{30s + phase};
    std::optional<time_point> died;
    auto tick = time_point{phase};
    for (auto now = time_point{}; !died;) {
      auto d = l.check(now);
      if (d.is_dead)
        died = now;
      now = d.next;
      if (tick <= last && tick <= now) {
        now = tick;
        l.note_read(now);
        tick += 5s;
      }
    }
    CHECK(*died >= last + 20s - 5s);
    CHECK(*died <= last + 20s + 5s);
  }
}

TEST_CASE("D41 a link that is busy in one direction only stays up: the other side ticks") {
  liveness sender{{.tick_here = 20s, .tick_there = 20s}, time_point{}};
  liveness receiver{{.tick_here = 20s, .tick_there = 20s}, time_point{}};
  int ticks = 0;
  for (auto now = time_point{}; now < time_point{300s}; now += 100ms) {
    sender.note_written(now);
    receiver.note_read(now);
    auto from_receiver = receiver.check(now), from_sender = sender.check(now);
    CHECK_FALSE(from_receiver.is_dead);
    CHECK_FALSE(from_sender.is_dead);
    CHECK_FALSE(from_sender.is_tick_due);
    if (from_receiver.is_tick_due) {
      ++ticks;
      sender.note_read(now);
    }
  }
  CHECK(ticks == 59);
}

TEST_CASE("D42 nodes with different tick times stay linked: the shorter is ticked by, the longer given up by") {
  const duration times[][2] = {{8s, 60s}, {60s, 8s}, {20s, 21s}};
  for (const auto& t : times) {
    CAPTURE(to_ms(t[0]));
    liveness a{{.tick_here = t[0], .tick_there = t[1]}, time_point{}};
    liveness b{{.tick_here = t[1], .tick_there = t[0]}, time_point{}};
    for (auto now = time_point{}; now < time_point{600s}; now += 50ms) {
      auto da = a.check(now), db = b.check(now);
      REQUIRE_FALSE(da.is_dead);
      REQUIRE_FALSE(db.is_dead);
      if (da.is_tick_due)
        b.note_read(now);
      if (db.is_tick_due)
        a.note_read(now);
    }
  }
  SUBCASE("and the longer one is what a silent peer gets") {
    liveness l{{.tick_here = 8s, .tick_there = 60s}, time_point{}};
    CHECK(first_death(l, time_point{200s}) == time_point{60s});
    liveness other{{.tick_here = 60s, .tick_there = 8s}, time_point{}};
    CHECK(other.check(time_point{2s}).is_tick_due);
  }
}

TEST_CASE("D45 a long pause of this process is one quiet check, and gives nobody up by itself") {
  liveness l{{.tick_here = 20s, .tick_there = 20s}, time_point{}};
  CHECK_FALSE(l.check(time_point{5s}).is_dead);
  SUBCASE("early") {
    auto d = l.check(time_point{100s});
    CHECK_FALSE(d.is_dead);
    CHECK(d.is_tick_due);
    CHECK(d.next == time_point{105s});
    SUBCASE("what came meanwhile is read before the next check") {
      l.note_read(time_point{100s});
      for (auto now : {105s, 110s, 115s, 120s})
        CHECK_FALSE(l.check(time_point{now}).is_dead);
      CHECK(l.check(time_point{125s}).is_dead);
    }
    SUBCASE("a peer that is gone is given up two checks later: one before the pause, one for it") {
      CHECK_FALSE(l.check(time_point{105s}).is_dead);
      CHECK(l.check(time_point{110s}).is_dead);
    }
  }
  SUBCASE("when the next quiet check would be the last") {
    CHECK_FALSE(l.check(time_point{10s}).is_dead);
    CHECK_FALSE(l.check(time_point{15s}).is_dead);
    CHECK_FALSE(l.check(time_point{60s}).is_dead);
    SUBCASE("and nothing is there to be read") { CHECK(l.check(time_point{65s}).is_dead); }
    SUBCASE("and something is") {
      l.note_read(time_point{61s});
      CHECK_FALSE(l.check(time_point{65s}).is_dead);
    }
  }
}

TEST_CASE("a higher intensity detects more exactly") {
  liveness l{{.tick_here = 20s, .tick_there = 20s, .intensity = 100}, time_point{}};
  l.note_read(time_point{10ms});
  CHECK(first_death(l, time_point{60s}) == time_point{20200ms});
}

TEST_CASE("a tick time that cannot be counts as the nearest that can") {
  liveness l{{.tick_here = 20s, .tick_there = duration{-1}, .intensity = 0}, time_point{}};
  auto d = l.check(time_point{1ns});
  CHECK(d.next == time_point{2500us});
  CHECK_FALSE(d.is_dead);
  liveness patient{{.tick_here = duration::max(), .tick_there = duration::max()}, time_point{}};
  CHECK(patient.check(time_point{1s}).next == time_point{liveness::tick_time_max / 4});
}

}  // namespace beamline::net
