#include "actors/events.hpp"
#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

TEST_CASE("an idle process lives on although nobody holds a handle to it") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<counter>();
  w.advance(1h);
  CHECK(n.is_alive(p));
  CHECK(w.ask<long>(p, get{}) == 0);
}

TEST_CASE("a handler that throws ends the process, and its caller is told why") {
  world w;
  auto& n = w.start_node();
  std::string what;
  auto h = n.events().attach<process_crashed>([&](const process_crashed& e) { what = e.what; });
  auto p = n.spawn<counter>();
  auto outcome = w.try_ask<long>(p, fail{});
  REQUIRE(std::holds_alternative<call_error>(outcome));
  CHECK(std::get<call_error>(outcome) == call_error{call_error::kind::crashed, reason::crashed("no more")});
  CHECK(what == "no more");
  CHECK_FALSE(n.is_alive(p));
}

TEST_CASE("work done on another thread comes back in a turn of the process, or not at all") {
  world w;
  auto& n = w.start_node();
  auto s = n.spawn<subject>();
  std::function<void(int)> done;
  int got = 0;
  in(w, n, s, [&](subject& self) { done = self.resume_with([&](int x) { got = x; }); });
  SUBCASE("alive") {
    done(7);
    CHECK(got == 0);
    w.run();
    CHECK(got == 7);
  }
  SUBCASE("ended meanwhile") {
    n.kill(s);
    w.run();
    done(7);
    w.run();
    CHECK(got == 0);
  }
}

TEST_CASE("stop_process ends a process in order and says how that went") {
  world w;
  auto& n = w.start_node();
  auto s = n.spawn<subject>();
  std::vector<std::string> outcomes;
  auto stop = [&](const pid& who, const reason& why) {
    in(w, n, s, [&, who, why](subject& self) {
      self.stop_process(who, why, 5s,
                        [&](const std::optional<call_error>& e) { outcomes.push_back(e ? to_string(*e) : "ended"); });
    });
  };
  SUBCASE("as asked, name free by then, although it traps exits") {
    std::vector<exit_signal> trapped;
    auto p = trapping(w, n, trapped);
    stop(p, reason::custom("enough"));
    CHECK(outcomes == std::vector<std::string>{"ended"});
    CHECK(how_ended(n, p) == reason::custom("enough"));
    CHECK(trapped.empty());
  }
  SUBCASE("by name") {
    auto p = n.get().spawn_as<subject>(birth{.name = "worker"});
    stop(pid{n.get().identity(), "worker"}, reason::normal());
    CHECK(outcomes == std::vector<std::string>{"ended"});
    CHECK_FALSE(n.is_alive(p));
  }
  SUBCASE("dead already") {
    auto p = n.spawn<subject>();
    n.kill(p);
    w.run();
    stop(p, reason::shutdown());
    CHECK(outcomes == std::vector<std::string>{"noproc"});
  }
  SUBCASE("of another end than asked for") {
    auto p = n.spawn<subject>();
    n.cast(p, perform{[](process&) { testing::block(1s); }});
    n.cast(p, perform{[](process&) { throw std::runtime_error{"first"}; }});
    stop(p, reason::shutdown());
    w.advance(2s);
    CHECK(outcomes == std::vector<std::string>{"crashed (crashed: first)"});
  }
  SUBCASE("it takes too long") {
    auto p = n.spawn<subject>();
    n.cast(p, perform{[](process&) { testing::block(1h); }});
    stop(p, reason::shutdown());
    w.advance(10s);
    CHECK(outcomes == std::vector<std::string>{"timeout"});
    w.advance(2h);
    CHECK(how_ended(n, p) == reason::shutdown());
  }
}

TEST_CASE("a process knows who has called it, in the handler of the call only") {
  world w;
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  std::vector<pid> callers;
  auto note = perform{[&](process& p) {
    auto& self = static_cast<subject&>(p);
    callers.push_back(self.caller());
    self.send_after(1s, perform{[&](process& later) { callers.push_back(static_cast<subject&>(later).caller()); }});
  }};
  in(w, n, a, [&](subject& self) { self.call<void>(b, note, 5s).then([] {}, [](const call_error&) {}); });
  w.advance(2s);
  n.cast(b, note);
  w.advance(2s);
  CHECK(callers == std::vector{a, pid{}, pid{}, pid{}});
}

TEST_CASE("a caller that ends leaves nothing of itself with a callee that has not looked at its call yet") {
  auto token = std::make_shared<int>(1);
  world w;
  auto& n = w.start_node();
  auto busy = n.spawn<subject>();
  auto caller = n.spawn<subject>([token](subject& self) { self.at_end = [token](subject&, const reason&) {}; });
  n.cast(busy, perform{[](process&) { testing::block(1h); }});
  w.run();
  in(w, n, caller, [&](subject& self) {
    self.call<long>(busy, get{}, 2h).then([](long) {}, [](const call_error&) {});
    self.stop();
  });
  CHECK(token.use_count() == 1);
  CHECK(n.processes().info(busy.id(), w.now())->watchers == 0);
  CHECK(n.processes().info(busy.id(), w.now())->depth == 1);
  w.advance(2h);
  CHECK(n.is_alive(busy));
}
