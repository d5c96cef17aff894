#include "net/outbox/blog_events.hpp"
#include "net/outbox/queue.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace beamline;
using namespace beamline::net::outbox;
using namespace beamline::net::outbox::test;

namespace {

const time_point start{1h};

struct full_queue {
  explicit full_queue(queue::limits l, std::size_t merged_max = 1)
      : classes{blog_classes(merged_max)}, q{*classes, l} {}
  queue::outcome add(event e) {
    auto r = q.add(std::move(e), 1, start).what;
    while (q.has_changes()) {
      (void)q.next_save(100);
      (void)q.saved(true);
    }
    return r;
  }
  std::vector<std::uint64_t> left() {
    std::vector<std::uint64_t> out;
    for (const auto& r : q.all_kept())
      out.push_back(r.what.id.low());
    return out;
  }
  std::shared_ptr<const class_table> classes;
  queue q;
};

}  // namespace

TEST_CASE("a full outbox drops the oldest of the classes that may be dropped, and refuses when there is none") {
  full_queue t{{.entries_max = 3}};
  t.add(numbered(1, "comment", "a"));
  t.add(numbered(2, "like", "a"));
  t.add(numbered(3, "like", "b"));
  CHECK(t.add(numbered(4, "like", "c")) == queue::outcome::taken);
  CHECK(t.left() == std::vector<std::uint64_t>{1, 3, 4});
  CHECK(t.add(numbered(5, "comment", "a")) == queue::outcome::taken);
  CHECK(t.add(numbered(6, "comment", "a")) == queue::outcome::taken);
  CHECK(t.left() == std::vector<std::uint64_t>{1, 5, 6});
  CHECK(t.q.dropped() == 3);
  CHECK(t.add(numbered(7, "comment", "a")) == queue::outcome::refused);
  CHECK(t.add(numbered(8, "like", "a")) == queue::outcome::refused);
  CHECK(t.left() == std::vector<std::uint64_t>{1, 5, 6});
  CHECK(t.q.dropped() == 3);
}

TEST_CASE("what is on its way, or not written yet, is not dropped") {
  auto classes = blog_classes(1);
  queue q{*classes, {.entries_max = 2}};
  (void)q.add(numbered(1, "like", "a"), 1, start);
  CHECK(q.add(numbered(2, "like", "a"), 2, start).what == queue::outcome::taken);
  CHECK(q.add(numbered(3, "comment", "a"), 3, start).what == queue::outcome::refused);
  (void)q.next_save(10);
  CHECK(q.add(numbered(3, "comment", "a"), 3, start).what == queue::outcome::refused);
  (void)q.saved(true);
  REQUIRE(q.seal(
               {.events_max = 2}, [](std::string_view) { return false; }, start, wall_time{})
              .size()
          == 2);
  CHECK(q.add(numbered(3, "comment", "a"), 3, start).what == queue::outcome::refused);
  q.unseal();
  CHECK(q.add(numbered(3, "comment", "a"), 3, start).what == queue::outcome::taken);
}

TEST_CASE("room that is reserved for an event on another way is there when it comes back") {
  auto classes = blog_classes(100);
  auto big = [](std::uint64_t n, std::string type) { return numbered(n, std::move(type), "a", bytes(4000, 'x')); };
  queue q{*classes, {.entries_max = 3, .bytes_max = 10'000}};
  auto write = [&] {
    (void)q.next_save(10);
    (void)q.saved(true);
  };
  SUBCASE("counted in entries") {
    std::vector<place> places;
    for (std::uint64_t n = 1; n <= 2; ++n)
      places.push_back(q.reserve(numbered(n, "comment", "a")).value());
    CHECK(q.add(numbered(3, "comment", "b"), 3, start).what == queue::outcome::taken);
    CHECK(q.add(numbered(4, "comment", "b"), 4, start).what == queue::outcome::refused);
    CHECK_FALSE(q.reserve(numbered(5, "comment", "c")).has_value());
    for (std::uint64_t n = 1; n <= 2; ++n) {
      q.release(numbered(n, "comment", "a"));
      CHECK(q.add(numbered(n, "comment", "a"), n, start, {.at = places[n - 1], .is_closed = true}).what
            == queue::outcome::taken);
    }
    CHECK(q.size() == 3);
  }
  SUBCASE("and in octets, which a merge does not take either") {
    CHECK(q.add(big(1, "comment"), 1, start).what == queue::outcome::taken);
    CHECK(q.add(numbered(2, "visit", "b", visit_of("v1")), 2, start).what == queue::outcome::taken);
    auto at = q.reserve(big(3, "comment"));
    REQUIRE(at.has_value());
    CHECK(q.add(numbered(4, "visit", "b", visit_of(std::string(1800, 'v'))), 4, start).what == queue::outcome::refused);
    q.release(big(3, "comment"));
    CHECK(q.add(big(3, "comment"), 3, start, {.at = *at, .is_closed = true}).what == queue::outcome::taken);
  }
  SUBCASE("nothing is dropped for what may not come back") {
    for (std::uint64_t n = 1; n <= 3; ++n)
      CHECK(q.add(numbered(n, "like", "k" + std::to_string(n)), n, start).what == queue::outcome::taken);
    write();
    CHECK_FALSE(q.reserve(numbered(4, "comment", "a")).has_value());
    CHECK(q.dropped() == 0);
    CHECK(q.add(numbered(4, "comment", "a"), 4, start).what == queue::outcome::taken);
  }
}

TEST_CASE("what makes room goes with the write that brings the new one, and stays when that fails") {
  auto classes = blog_classes(1);
  queue q{*classes, {.entries_max = 1}};
  (void)q.add(numbered(1, "like", "a"), 1, start);
  (void)q.next_save(10);
  (void)q.saved(true);
  REQUIRE(q.add(numbered(2, "comment", "a"), 2, start).what == queue::outcome::taken);
  CHECK(q.size() == 1);
  auto sends = [&] {
    auto sent = q.seal(
        {}, [](std::string_view) { return false; }, start, wall_time{});
    q.unseal();
    return sent;
  };
  CHECK(sends().empty());
  auto c = q.next_save(10);
  REQUIRE(c.puts.size() == 1);
  CHECK(c.puts[0].what.id == uid{0x7000, 2});
  CHECK(c.drops == std::vector<place>{1});
  SUBCASE("it was written") {
    CHECK(q.saved(true).kept == std::vector<queue::ticket>{2});
    CHECK(q.dropped() == 1);
    CHECK(sends() == std::vector<place>{2});
  }
  SUBCASE("it was not: the old one is there still, and its row is written again") {
    CHECK(q.saved(false).failed == std::vector<queue::ticket>{2});
    CHECK(q.dropped() == 0);
    CHECK(sends() == std::vector<place>{1});
    auto again = q.next_save(10);
    REQUIRE(again.puts.size() == 1);
    CHECK(again.puts[0].what.id == uid{0x7000, 1});
    CHECK(again.drops == std::vector<place>{2});
  }
}

TEST_CASE("octets are bounded as entries are, and nothing is dropped for what does not fit anyway") {
  full_queue t{{.bytes_max = 10'000}};
  t.add(numbered(1, "comment", "a", bytes(5000, 'x')));
  t.add(numbered(2, "like", "a", bytes(2000, 'x')));
  t.add(numbered(3, "like", "a", bytes(2000, 'x')));
  CHECK(t.add(numbered(4, "comment", "a", bytes(6000, 'x'))) == queue::outcome::refused);
  CHECK(t.q.dropped() == 0);
  CHECK(t.add(numbered(5, "comment", "a", bytes(3000, 'x'))) == queue::outcome::taken);
  CHECK(t.left() == std::vector<std::uint64_t>{1, 5});
  CHECK(t.q.octets() <= 10'000);
}

TEST_CASE("events that are merged count with their number when they are dropped") {
  full_queue t{{.entries_max = 1}, 1000};
  for (std::uint64_t n = 1; n <= 10; ++n)
    CHECK(t.add(numbered(n, "visit", "a", visit_of("v" + std::to_string(n)))) == queue::outcome::taken);
  CHECK(t.add(numbered(11, "comment", "a")) == queue::outcome::taken);
  CHECK(t.q.dropped() == 10);
}

TEST_CASE("SY15 with 12,000 visits and 10 comments waiting, the comments are kept and the drops are counted") {
  SUBCASE("visits of as many posts: each is an entry of its own") {
    full_queue t{{}};
    for (std::uint64_t n = 1; n <= 12'000; ++n) {
      CHECK(t.add(numbered(n, "visit", "post-" + std::to_string(n), visit_of("v"))) == queue::outcome::taken);
      if (n % 1200 == 0)
        CHECK(t.add(numbered(100'000 + n, "comment", "post-1")) == queue::outcome::taken);
    }
    CHECK(t.q.size() == 10'000);
    CHECK(t.q.dropped() == 2010);
    std::size_t comments = 0;
    for (const auto& r : t.q.all_kept())
      comments += r.what.type == "comment" ? 1 : 0;
    CHECK(comments == 10);
  }
  SUBCASE("visits of one post: they are merged, and none is dropped") {
    full_queue t{{}, 1000};
    for (std::uint64_t n = 1; n <= 12'000; ++n) {
      (void)t.q.add(numbered(n, "visit", "post", visit_of("v" + std::to_string(n))), n, start);
      if (n % 1200 == 0)
        (void)t.q.add(numbered(100'000 + n, "comment", "post"), n, start);
      if (n % 50 == 0) {
        (void)t.q.next_save(1000);
        CHECK(t.q.saved(true).failed.empty());
      }
    }
    CHECK(t.q.dropped() == 0);
    CHECK(t.q.size() <= 32);
    std::uint64_t all = 0;
    for (const auto& r : t.q.all_kept())
      all += r.merged;
    CHECK(all == 12'010);
  }
}
