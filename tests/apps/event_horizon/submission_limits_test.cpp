// How many likes and comments a host takes: under way at once, of a visitor, of an address.

#include "apps/event_horizon/host.hpp"
#include "apps/event_horizon/submissions.hpp"
#include "apps/event_horizon/told.hpp"
#include "apps/event_horizon/write_limit.hpp"

#include <algorithm>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using net::outbox::event;
using net::outbox::outcome;
using net::outbox::refused;
using testing::world;

TEST_CASE("one write under way too many is refused at once, and makes room when it is answered") {
  auto w = world{};
  auto h = host{w, {.writes_max = 1}};
  h.outbox.delay = 3s;
  h.start();
  auto seen = noted{};
  h.of.like({"hello", "visitor_1", true}, seen.note());
  h.of.like({"hello", "visitor_2", true}, seen.note());
  h.of.comment(remark(), seen.note());  // Kinds are counted apart.
  h.of.comment(remark("visitor_2"), seen.note());
  w.advance(1s);
  CHECK(seen.all == std::vector<std::string>{"unavailable", "unavailable"});
  w.advance(10s);
  CHECK(seen.all == std::vector<std::string>{"unavailable", "unavailable", "waiting", "waiting"});
  h.of.like({"hello", "visitor_2", true}, seen.note());
  w.advance(10s);
  CHECK(seen.all.back() == "waiting");
}

TEST_CASE("a visitor who does too much is told so, the others are not, and a minute later all is well") {
  auto w = world{};
  auto h = host{w, {.likes_per_minute = 3, .comments_per_minute = 2}};
  h.start();
  auto seen = noted{};
  for (int i = 0; i < 5; ++i)
    h.of.like({"hello", "visitor_1", i % 2 == 0}, seen.note());
  w.advance(1s);
  CHECK(std::count(seen.all.begin(), seen.all.end(), "busy") == 2);
  CHECK(h.outbox.seen.size() == 3);
  for (int i = 0; i < 3; ++i)
    h.of.comment(remark(), seen.note());
  w.advance(1s);
  CHECK(std::count(seen.all.begin(), seen.all.end(), "busy") == 3);
  CHECK(h.outbox.seen.size() == 5);
  h.of.like({"hello", "visitor_2", true}, seen.note());
  w.advance(1s);
  CHECK(seen.all.back() == "waiting");
  w.advance(1min);
  h.of.like({"hello", "visitor_1", true}, seen.note());
  w.advance(1s);
  CHECK(seen.all.back() == "waiting");
}

TEST_CASE("who comes as a new visitor each time is stopped by the address, which others do not share") {
  auto w = world{};
  auto h = host{w, {.likes_per_minute_and_address = 3, .comments_per_minute_and_address = 2}};
  h.start();
  auto seen = noted{};
  auto said = std::string{};
  auto visitor = [n = 1000]() mutable { return "visitor_" + std::to_string(++n); };
  auto like_from = [&](std::string client) {
    h.of.like({"hello", visitor(), true, std::move(client)}, [&](const result<like_answer>& r) {
      seen.note()(r);
      said = r ? "" : r.error().message;
    });
    w.run();
    return seen.all.back();
  };
  for (int i = 0; i < 3; ++i)
    CHECK(like_from("203.0.113.7") == "waiting");
  CHECK(like_from("203.0.113.7") == "busy");
  CHECK(said == too_many_at_address_text);
  CHECK(like_from("203.0.113.8") == "waiting");
  CHECK(like_from("") == "waiting");  // Not known.
  SUBCASE("of an IPv6 address the first half counts, which is one customer's") {
    for (const char* client : {"2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::3"})
      CHECK(like_from(client) == "waiting");
    CHECK(like_from("2001:db8:0:1::4") == "busy");
    CHECK(like_from("2001:db8:0:2::1") == "waiting");
  }
  SUBCASE("comments are counted apart") {
    for (const char* expected : {"waiting", "waiting", "busy"}) {
      auto c = remark(visitor());
      c.client = "203.0.113.7";
      h.of.comment(c, seen.note());
      w.run();
      CHECK(seen.all.back() == expected);
    }
  }
  SUBCASE("a minute later all is well") {
    w.advance(1min);
    CHECK(like_from("203.0.113.7") == "waiting");
  }
}

TEST_CASE("what the address was refused, or the outbox could not keep, is the visitor's to do later") {
  write_limit limit{{.per_visitor = 2, .per_address = 1, .keys_max = 100}};
  const auto now = wall_time{1h};
  using verdict = write_limit::verdict;
  CHECK(limit.take("visitor_1", "203.0.113.7", now) == verdict::ok);
  for (int i = 0; i < 5; ++i)
    CHECK(limit.take("visitor_1", "203.0.113.7", now) == verdict::too_many_of_address);
  limit.give_back("visitor_1", "203.0.113.7");
  CHECK(limit.take("visitor_1", "203.0.113.7", now) == verdict::ok);
  CHECK(limit.take("visitor_1", "203.0.113.8", now) == verdict::ok);
  CHECK(limit.take("visitor_1", "203.0.113.9", now) == verdict::too_many_of_visitor);
}

TEST_CASE("what the outbox could not keep does not count against the visitor") {
  auto w = world{};
  auto h = host{w, {.likes_per_minute = 1}};
  h.outbox.answer = [](const event&) -> std::optional<outcome> { return refused{refused::cause::buffer_full, "full"}; };
  h.start();
  auto seen = noted{};
  for (int i = 0; i < 3; ++i) {
    h.of.like({"hello", "visitor_1", true}, seen.note());
    w.advance(100ms);
  }
  CHECK(seen.all == std::vector<std::string>{"unavailable", "unavailable", "unavailable"});
}

TEST_CASE("only so many visitors are remembered for their limits") {
  auto w = world{};
  auto h = host{w, {.likes_per_minute = 1, .limited_visitors_max = 100}};
  h.start();
  auto seen = noted{};
  for (int i = 0; i < 101; ++i)
    h.of.like({"hello", "visitor_" + std::to_string(1000 + i), true}, seen.note());
  h.of.like({"hello", "visitor_1000", true}, seen.note());  // Forgotten for the last one.
  h.of.like({"hello", "visitor_1100", true}, seen.note());
  w.advance(1s);
  CHECK(std::count(seen.all.begin(), seen.all.end(), "busy") == 1);
}
