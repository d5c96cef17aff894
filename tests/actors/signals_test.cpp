// Exit signals that somebody sends (S1, S12, S13) and what a process may know of them.

#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

struct row {
  reason sent;
  std::optional<reason> plain_ends_as, trapping_ends_as;
};

// S1.
const std::vector<row> signal_table{
    {reason::normal(), std::nullopt, std::nullopt},
    {reason::shutdown("later"), reason::shutdown("later"), std::nullopt},
    {reason::custom("oops"), reason::custom("oops"), std::nullopt},
    {reason::killed(), reason::killed(), std::nullopt},
    {reason::kill(), reason::killed(), reason::killed()},
};

}  // namespace

TEST_CASE("X14 what an exit signal does depends on its reason and on whether its receiver traps exits") {
  for (const auto& r : signal_table)
    for (auto traps : {false, true})
      for (auto from_outside : {false, true})
        testing::for_each_seed(10, [&](world& w) {
          CAPTURE(to_string(r.sent));
          CAPTURE(traps);
          CAPTURE(from_outside);
          auto& n = w.start_node();
          std::vector<exit_signal> trapped;
          auto p = traps ? trapping(w, n, trapped) : n.spawn<subject>();
          auto sender = n.spawn<subject>();
          if (from_outside)
            n.exit(p, r.sent);
          else
            in(w, n, sender, [&](subject& self) { self.exit(p, r.sent); });
          w.run();
          const auto& ends_as = traps ? r.trapping_ends_as : r.plain_ends_as;
          CHECK(n.is_alive(p) == !ends_as.has_value());
          CHECK(n.processes().exit_reason(p.id()) == ends_as);
          CHECK(n.is_alive(sender));
          REQUIRE(trapped.size() == (traps && !ends_as ? 1U : 0U));
          if (!trapped.empty()) {
            CHECK(trapped[0].why == r.sent);
            CHECK(trapped[0].from == (from_outside ? pid{} : sender));
            CHECK_FALSE(trapped[0].is_link);
          }
        });
}

TEST_CASE("a process that stops trapping exits dies of the next one") {
  world w;
  auto& n = w.start_node();
  std::vector<exit_signal> trapped;
  auto p = trapping(w, n, trapped);
  n.exit(p, reason::custom("one"));
  w.run();
  in(w, n, p, [](subject& self) { self.trap_exits({}); });
  CHECK(n.is_alive(p));
  n.exit(p, reason::custom("two"));
  w.run();
  REQUIRE(trapped.size() == 1);
  CHECK(trapped[0].why == reason::custom("one"));
  CHECK(how_ended(n, p) == reason::custom("two"));
}

TEST_CASE("a trap may replace itself while it runs") {
  world w;
  auto& n = w.start_node();
  std::string story;
  auto p = n.spawn<subject>([&story](subject& self) {
    self.trap_exits([&story, &self](const exit_signal&) {
      self.trap_exits([&story](const exit_signal&) { story += "second "; });
      story += "first ";
    });
  });
  n.exit(p, reason::shutdown());
  n.exit(p, reason::shutdown());
  w.run();
  CHECK(story == "first second ");
}

TEST_CASE("exit(self, normal) ends a process, unless it traps exits (S13)") {
  world w;
  auto& n = w.start_node();
  std::vector<exit_signal> trapped;
  auto plain = n.spawn<subject>();
  auto traps = trapping(w, n, trapped);
  auto crashing = n.spawn<subject>();
  in(w, n, plain, [](subject& self) { self.exit(self.self(), reason::normal()); });
  in(w, n, traps, [](subject& self) { self.exit(self.self(), reason::normal()); });
  in(w, n, crashing, [](subject& self) { self.exit(self.self(), reason::custom("tired")); });
  CHECK(how_ended(n, plain) == reason::normal());
  CHECK(n.is_alive(traps));
  CHECK(trapped.size() == 1);
  CHECK(how_ended(n, crashing) == reason::custom("tired"));
}

TEST_CASE("terminate is told how the process ended, and whether a signal did it") {
  world w;
  auto& n = w.start_node();
  std::vector<std::string> ends;
  auto make = [&] {
    return n.spawn<subject>([&ends](subject& self) {
      self.at_end = [&ends](subject& me, const reason& why) {
        ends.push_back(to_string(why) + (me.is_ended_by_signal() ? " by signal" : ""));
      };
    });
  };
  n.exit(make(), reason::shutdown());
  w.run();
  n.kill(make());
  w.run();
  in(w, n, make(), [](subject& self) { self.stop(reason::shutdown()); });
  in(w, n, make(), [](subject&) { throw std::runtime_error{"boom"}; });
  in(w, n, make(), [](subject& self) {
    self.stop();
    throw std::runtime_error{"after all"};
  });
  CHECK(ends
        == std::vector<std::string>{"shutdown by signal", "killed by signal", "shutdown", "crashed: boom",
                                    "crashed: after all"});
}

TEST_CASE("a handler that takes long can see that it is asked to stop, and only then") {
  world w{testing::world_options{.weather = {.hold_ppm = 0}}};
  auto& n = w.start_node();
  std::vector<exit_signal> trapped;
  std::vector<bool> asked;
  auto look_later = [&](const pid& p) {
    // Blocked for a second, it looks at the end of it: in the next message, which waits in front of the signal.
    n.cast(p, perform{[](process&) { testing::block(1s); }});
    n.cast(p, perform{[&asked](process& self) { asked.push_back(static_cast<subject&>(self).is_asked_to_stop()); }});
    w.run();
  };
  SUBCASE("by a signal that ends it") {
    auto p = n.spawn<subject>();
    look_later(p);
    n.exit(p, reason::shutdown());
    w.advance(2s);
    CHECK(asked == std::vector{true});
  }
  SUBCASE("not by one that does not") {
    auto p = n.spawn<subject>();
    look_later(p);
    n.exit(p, reason::normal());
    w.advance(2s);
    CHECK(asked == std::vector{false});
  }
  SUBCASE("not by one that it traps, of anybody but its parent") {
    auto p = trapping(w, n, trapped);
    auto stranger = n.spawn<subject>();
    look_later(p);
    in(w, n, stranger, [&](subject& self) { self.exit(p, reason::shutdown()); });
    w.advance(2s);
    look_later(p);
    n.exit(p, reason::shutdown());  // Its parent is the node.
    w.advance(2s);
    look_later(p);
    w.advance(2s);
    CHECK(asked == std::vector{false, true, false});
    CHECK(trapped.size() == 2);
  }
  SUBCASE("no more when the signal was one of a link that is cut") {
    auto p = n.spawn<subject>();
    auto peer = n.spawn<subject>();
    in(w, n, p, [&](subject& self) { self.link(peer); });
    n.cast(p, perform{[](process&) { testing::block(1s); }});
    n.cast(p, perform{[&](process& self) {
             asked.push_back(static_cast<subject&>(self).is_asked_to_stop());
             static_cast<subject&>(self).unlink(peer);
           }});
    w.run();
    n.exit(peer, reason::shutdown());
    w.advance(2s);
    REQUIRE(n.is_alive(p));
    in(w, n, p, [&asked](subject& self) { asked.push_back(self.is_asked_to_stop()); });
    CHECK(asked == std::vector{true, false});
  }
}
