#include "net/outbox/queue.hpp"

#include "net/outbox/blog_events.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace beamline;
using namespace beamline::net::outbox;
using namespace beamline::net::outbox::test;

namespace {

const time_point start{24h};
const wall_time today{std::chrono::seconds{1'700'000'000}};

bool nobody(std::string_view) { return false; }

/// A queue whose writes always go well.
struct quick_queue {
  explicit quick_queue(queue::limits l = {}, std::size_t merged_max = 1000)
      : classes{blog_classes(merged_max)}, q{*classes, l} {}

  queue::added add(event e) {
    auto r = q.add(std::move(e), 1, start);
    write();
    return r;
  }
  row_changes write() {
    row_changes all;
    while (q.has_changes()) {
      auto c = q.next_save(1000);
      all.puts.insert(all.puts.end(), c.puts.begin(), c.puts.end());
      all.drops.insert(all.drops.end(), c.drops.begin(), c.drops.end());
      CHECK(q.saved(true).failed.empty());
    }
    return all;
  }
  std::vector<place> seal(std::size_t most = 100) { return q.seal({.events_max = most}, nobody, start, today); }

  std::shared_ptr<const class_table> classes;
  queue q;
};

}  // namespace

TEST_CASE("what is not written is not accepted, and does not go") {
  auto classes = blog_classes();
  queue q{*classes, {}};
  CHECK(q.add(numbered(1, "comment", "a"), 11, start).what == queue::outcome::taken);
  CHECK(q.size() == 1);
  CHECK(q.seal({}, nobody, start, today).empty());
  auto c = q.next_save(10);
  REQUIRE(c.puts.size() == 1);
  CHECK(c.puts[0].what == numbered(1, "comment", "a"));
  CHECK(q.seal({}, nobody, start, today).empty());
  SUBCASE("written: it may go, and its row goes when it was applied") {
    auto told = q.saved(true);
    CHECK(told.kept == std::vector<queue::ticket>{11});
    auto sent = q.seal({}, nobody, start, today);
    REQUIRE(sent.size() == 1);
    q.applied(sent[0]);
    CHECK(q.size() == 0);
    CHECK(q.octets() == 0);
    CHECK(q.next_save(10).drops == sent);
  }
  SUBCASE("not written: it was never there; a row that is found all the same is to go") {
    auto told = q.saved(false);
    CHECK(told.failed == std::vector<queue::ticket>{11});
    CHECK(q.size() == 0);
    CHECK_FALSE(q.has_new());
    CHECK(q.next_save(10).drops == std::vector<place>{1});
  }
}

TEST_CASE("events of a key that follow each other are merged until they are as many as their class allows") {
  quick_queue t{{}, 3};
  auto first = t.add(numbered(1, "visit", "a", visit_of("v1")));
  CHECK(t.add(numbered(2, "visit", "a", visit_of("v2"))).id == first.id);
  CHECK(t.add(numbered(3, "visit", "b", visit_of("v1"))).id != first.id);
  CHECK(t.add(numbered(4, "visit", "a", visit_of("v3"))).id == first.id);
  CHECK(t.q.size() == 2);
  CHECK(t.add(numbered(5, "visit", "a", visit_of("v4"))).id == uid{0x7000, 5});
  CHECK(t.q.size() == 3);
  auto sent = t.seal();
  REQUIRE(sent.size() == 3);
  CHECK(visitors_in(t.q.at(sent[0]).payload) == std::vector<std::string>{"v1", "v2", "v3"});
  CHECK(t.q.merged(sent[0]) == 3);
}

TEST_CASE("where a class says within which time, events made in two of these stay two") {
  auto merge = [](visits& waiting, const visits& newer) {
    waiting.visitors.insert(waiting.visitors.end(), newer.visitors.begin(), newer.visitors.end());
    return true;
  };
  class_table classes{{{.type = "visit", .coalesce = coalescing<visits>(merge), .within = 30min}}};
  queue q{classes, {}};
  // An id of version 7 begins with the milliseconds at which it was made.
  auto made = [](std::uint64_t minutes, std::uint64_t n) {
    auto e = numbered(n, "visit", "a", visit_of("v1"));
    e.id = uid{(minutes * 60'000) << 16 | 0x7000, n};
    return e;
  };
  auto add = [&](std::uint64_t minutes, std::uint64_t n) { return q.add(made(minutes, n), 1, start).id.low(); };
  CHECK(add(60, 1) == 1);
  CHECK(add(89, 2) == 1);
  CHECK(add(90, 3) == 3);  // The next half hour.
  CHECK(add(119, 4) == 3);
  CHECK(add(62, 5) == 5);  // Late, and nothing is overtaken.
  CHECK(add(61, 6) == 5);
  CHECK(q.size() == 3);
  CHECK(are_in_one(0s, uid{}, made(90, 1).id));
}

TEST_CASE("an event is not merged over one of another type: nothing of a key is overtaken") {
  quick_queue t;
  t.add(numbered(1, "visit", "a", visit_of("v1")));
  t.add(numbered(2, "comment", "a"));
  t.add(numbered(3, "visit", "a", visit_of("v2")));
  CHECK(t.q.size() == 3);
}

TEST_CASE("what was once on its way does not change any more, even after it came back, even after a restart") {
  quick_queue t;
  t.add(numbered(1, "visit", "a", visit_of("v1")));
  REQUIRE(t.seal().size() == 1);
  t.add(numbered(2, "visit", "a", visit_of("v2")));
  CHECK(t.q.size() == 2);
  t.q.unseal();
  CHECK(t.seal(1) == std::vector<place>{1});
  CHECK(visitors_in(t.q.at(1).payload).size() == 1);
  t.q.unseal();

  auto rows = t.q.all_kept();
  quick_queue next;
  next.q.load(rows, start, today);
  next.add(numbered(3, "visit", "a", visit_of("v3")));
  CHECK(next.q.size() == 3);
  CHECK(next.seal() == std::vector<place>{1, 2, 3});
}

TEST_CASE("a flood of events to be merged does not keep the first one for ever") {
  auto classes = blog_classes();
  queue q{*classes, {}};
  (void)q.add(numbered(1, "visit", "a", visit_of("v1")), 1, start);
  (void)q.next_save(10);
  (void)q.add(numbered(2, "visit", "a", visit_of("v2")), 2, start);
  (void)q.saved(true);
  // It is being written again when the drain gets to it: from here on it stays as it is.
  (void)q.next_save(10);
  CHECK(q.seal({}, nobody, start, today).empty());
  (void)q.add(numbered(3, "visit", "a", visit_of("v3")), 3, start);
  CHECK(q.size() == 2);
  (void)q.saved(true);
  CHECK(q.seal({}, nobody, start, today) == std::vector<place>{1});
}

TEST_CASE("a merge that cannot be written is taken back, and the entry goes with what was kept before") {
  auto classes = blog_classes();
  queue q{*classes, {}};
  (void)q.add(numbered(1, "visit", "a", visit_of("v1")), 1, start);
  (void)q.next_save(10);
  (void)q.saved(true);
  (void)q.add(numbered(2, "visit", "a", visit_of("v2")), 2, start);
  (void)q.next_save(10);
  (void)q.add(numbered(3, "visit", "a", visit_of("v3")), 3, start);
  auto octets_with_all = q.octets();
  auto told = q.saved(false);
  CHECK(told.kept.empty());
  CHECK(told.failed == std::vector<queue::ticket>{2, 3});
  CHECK(q.octets() < octets_with_all);
  CHECK_FALSE(q.has_new());
  // The row may have been written after all: it is written again as it should be.
  auto again = q.next_save(10);
  REQUIRE(again.puts.size() == 1);
  CHECK(visitors_in(again.puts[0].what.payload) == std::vector<std::string>{"v1"});
  (void)q.saved(true);
  REQUIRE(q.seal({}, nobody, start, today).size() == 1);
  CHECK(visitors_in(q.at(1).payload) == std::vector<std::string>{"v1"});
}

TEST_CASE("an event that comes twice is kept once") {
  auto classes = blog_classes();
  queue q{*classes, {}};
  (void)q.add(numbered(1, "comment", "a"), 1, start);
  CHECK(q.add(numbered(1, "comment", "a"), 2, start).what == queue::outcome::taken);
  (void)q.next_save(10);
  CHECK(q.add(numbered(1, "comment", "a"), 3, start).what == queue::outcome::taken);
  auto told = q.saved(true);
  CHECK(told.kept == std::vector<queue::ticket>{1, 2, 3});
  CHECK(q.add(numbered(1, "comment", "a"), 4, start).what == queue::outcome::known);
  CHECK(q.size() == 1);
}

TEST_CASE("an event that comes back from the direct way stands before what came after it") {
  quick_queue t;
  auto reserved = t.q.reserve(numbered(1, "comment", "a"));
  REQUIRE(reserved.has_value());
  t.add(numbered(2, "comment", "a"));
  t.q.release(numbered(1, "comment", "a"));
  (void)t.q.add(numbered(1, "comment", "a"), 1, start, {.at = *reserved, .is_closed = true});
  t.write();
  auto sent = t.seal();
  REQUIRE(sent.size() == 2);
  CHECK(t.q.at(sent[0]).id == uid{0x7000, 1});
}

TEST_CASE("a batch ends before a key that must wait") {
  quick_queue t;
  t.add(numbered(1, "comment", "a"));
  t.add(numbered(2, "comment", "b"));
  t.add(numbered(3, "comment", "c"));
  auto sent = t.q.seal(
      {}, [](std::string_view key) { return key == "b"; }, start, today);
  CHECK(sent == std::vector<place>{1});
}

TEST_CASE("a batch is bounded in bytes, but takes one event of any size") {
  quick_queue t;
  t.add(numbered(1, "comment", "a", bytes(100'000, 'x')));
  t.add(numbered(2, "comment", "a", bytes(100'000, 'x')));
  CHECK(t.q.seal({.bytes_max = 1000}, nobody, start, today) == std::vector<place>{1});
  t.q.unseal();
  CHECK(t.q.seal({.bytes_max = 150'000}, nobody, start, today) == std::vector<place>{1});
  t.q.unseal();
  CHECK(t.q.seal({.bytes_max = 250'000}, nobody, start, today) == std::vector<place>{1, 2});
}

TEST_CASE("a rejected event is a dead letter, which does not hold up the others and can be retried or discarded") {
  quick_queue t;
  t.add(numbered(1, "comment", "a"));
  t.add(numbered(2, "comment", "a"));
  auto sent = t.seal();
  t.q.reject(sent[0], "too long", today);
  t.q.applied(sent[1]);
  CHECK(t.q.size() == 0);
  REQUIRE(t.q.dead().size() == 1);
  CHECK(t.q.dead().begin()->second.dead->why == "too long");
  auto c = t.write();
  REQUIRE(c.puts.size() == 1);
  CHECK(c.puts[0].dead->why == "too long");
  CHECK(c.drops == std::vector<place>{2});
  CHECK(t.q.add(numbered(1, "comment", "a"), 9, start).what == queue::outcome::known);

  SUBCASE("retried: it waits again and its row says so") {
    CHECK(t.q.retry(uid{0x7000, 1}, start));
    CHECK(t.q.dead().empty());
    auto again = t.write();
    REQUIRE(again.puts.size() == 1);
    CHECK_FALSE(again.puts[0].dead);
    CHECK(t.seal() == std::vector<place>{1});
    CHECK_FALSE(t.q.retry(uid{0x7000, 1}, start));
  }
  SUBCASE("discarded: its row goes") {
    CHECK(t.q.discard(uid{0x7000, 1}));
    CHECK(t.write().drops == std::vector<place>{1});
    CHECK_FALSE(t.q.discard(uid{0x7000, 1}));
    CHECK_FALSE(t.q.knows(uid{0x7000, 1}));
  }
  SUBCASE("after a restart it is a dead letter still") {
    quick_queue next;
    next.q.load({c.puts[0]}, start, today);
    CHECK(next.q.dead().size() == 1);
    CHECK(next.q.size() == 0);
    CHECK(next.add(numbered(3, "comment", "a")).what == queue::outcome::taken);
    CHECK(next.seal() == std::vector<place>{2});
  }
}

TEST_CASE("dead letters are bounded: the oldest are handed out, and their rows stay until that is done") {
  quick_queue t{{.dead_max = 2}};
  for (std::uint64_t n = 1; n <= 3; ++n)
    t.add(numbered(n, "comment", "a"));
  for (auto p : t.seal())
    t.q.reject(p, "no", today);
  CHECK(t.q.dead().size() == 2);
  auto evicted = t.q.take_evicted();
  REQUIRE(evicted.size() == 1);
  CHECK(evicted[0].what.id == uid{0x7000, 1});
  CHECK(t.q.take_evicted().empty());
  CHECK(t.write().drops.empty());
  t.q.forget(evicted[0].at);
  CHECK(t.write().drops == std::vector<place>{1});
}

TEST_CASE("what is too old is a dead letter: its target may have forgotten it") {
  quick_queue t;
  t.add(numbered(1, "comment", "a"));
  auto rows = t.q.all_kept();

  SUBCASE("within a run the clock of the wall says nothing") {
    CHECK(t.q.seal({.age_max = 1h}, nobody, start + 30min, today + 400h).size() == 1);
  }
  SUBCASE("it was too long in this run") {
    CHECK(t.q.seal({.age_max = 1h}, nobody, start + 61min, today).empty());
    REQUIRE(t.q.dead().size() == 1);
    CHECK(t.q.dead().begin()->second.dead->why.starts_with("too old"));
    // Whoever retries it decides that it may go.
    CHECK(t.q.retry(uid{0x7000, 1}, start + 61min));
    CHECK(t.q.seal({.age_max = 1h}, nobody, start + 62min, today).size() == 1);
  }
  SUBCASE("age goes on over restarts, and a clock that was set back makes nothing younger than now") {
    quick_queue later;
    later.q.load(rows, time_point{5s}, today + 50min);
    CHECK(later.q.seal({.age_max = 1h}, nobody, time_point{5s} + 11min, today).empty());
    CHECK(later.q.dead().size() == 1);
    quick_queue back;
    back.q.load(rows, time_point{5s}, today - 50h);
    CHECK(back.q.seal({.age_max = 1h}, nobody, time_point{5s} + 59min, today).size() == 1);
  }
}

TEST_CASE("a class table refuses a type twice, and none") {
  CHECK_THROWS_AS((class_table{{{.type = "a"}, {.type = "a"}}}), std::logic_error);
  CHECK_THROWS_AS((class_table{{{.type = ""}}}), std::logic_error);
}
