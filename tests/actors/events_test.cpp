#include "actors/events.hpp"

#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

struct calls_seen {
  explicit calls_seen(testing::simulated_node& n)
      : begun{n.events().attach<call_started>(
          [this](const call_started& e) { started[e.ref] = std::string{e.message} + " to " + std::string{e.to}; })},
        ended{n.events().attach<call_done>([this](const call_done& e) {
          CHECK(started.erase(e.ref) == 1);
          outcomes.emplace_back(e.outcome);
          took.push_back(e.took);
        })} {}

  std::map<std::uint64_t, std::string> started;
  std::vector<std::string> outcomes;
  std::vector<duration> took;
  telemetry::handle begun, ended;
};

}  // namespace

TEST_CASE("a process is told started before its init, and ended once") {
  world w;
  auto& n = w.start_node();
  std::vector<std::string> story;
  auto a = n.events().attach<process_started>([&](const process_started& e) {
    story.push_back("started " + std::string{e.label} + " " + std::string{e.name} + " life "
                    + std::to_string(e.incarnation) + " of " + std::to_string(e.parent) + " at "
                    + std::to_string(e.position));
  });
  auto b = n.events().attach<process_ended>(
      [&](const process_ended& e) { story.push_back("ended " + std::string{e.reason}); });
  auto p =
      n.get().spawn_as<subject>({.parent = 7, .name = "cart", .label = "the cart", .incarnation = 2, .position = 3},
                                [&](subject&) { story.push_back("init"); });
  w.run();
  n.exit(p, reason::shutdown());
  w.run();
  CHECK(story == std::vector<std::string>{"started the cart cart life 2 of 7 at 3", "init", "ended shutdown"});
}

TEST_CASE("a spawn that fails is neither started nor ended") {
  world w;
  auto& n = w.start_node();
  n.get().spawn_as<subject>({.name = "cart"});
  w.run();
  auto told = 0;
  auto a = n.events().attach<process_started>([&](const process_started&) { ++told; });
  auto b = n.events().attach<process_ended>([&](const process_ended&) { ++told; });
  CHECK_THROWS_AS(n.get().spawn_as<subject>({.name = "cart"}), name_taken);
  w.run();
  CHECK(told == 0);
}

TEST_CASE("each call is told when it is made and when it has its outcome, whatever that is") {
  world w;
  auto& n = w.start_node();
  calls_seen seen{n};
  auto caller = n.spawn<subject>();
  auto callee = n.spawn<counter>();
  auto ask = [&](const pid& to) {
    in(w, n, caller, [&](subject& self) {
      self.call<long>(to, get{}, 5ms).then([](long) {}, [](const call_error&) {});
      CHECK(seen.started.size() == 1);
      CHECK(seen.started.begin()->second == "beamline::subjects::get to " + to_string(to));
    });
    w.advance(1s);
  };
  ask(callee);
  ask(pid{n.get().identity(), "nobody"});
  ask(pid{std::make_shared<node_identity>(node_identity{"else@sim", 1}), 5});
  CHECK(seen.outcomes == std::vector<std::string>{"ok", "noproc", "noconnection"});
  CHECK(seen.started.empty());
  CHECK(seen.took.front() > duration{});
  CHECK(seen.took.front() < 1ms);
}

TEST_CASE("a call whose caller ends has no outcome") {
  world w;
  auto& n = w.start_node();
  calls_seen seen{n};
  auto caller = n.spawn<subject>();
  auto callee = n.spawn<counter>();
  in(w, n, caller, [&](subject& self) {
    self.call<long>(callee, get{}, 5ms).then([](long) {}, [](const call_error&) {});
    self.stop();
  });
  w.advance(1s);
  CHECK(seen.started.size() == 1);
  CHECK(seen.outcomes.empty());
}

TEST_CASE("a call made before anybody wanted to know is not told") {
  world w;
  auto& n = w.start_node();
  auto caller = n.spawn<subject>();
  auto callee = n.spawn<counter>();
  std::optional<calls_seen> seen;
  in(w, n, caller, [&](subject& self) {
    self.call<long>(callee, get{}, 5ms).then([](long) {}, [](const call_error&) {});
    seen.emplace(n);
  });
  w.advance(1s);
  CHECK(seen->outcomes.empty());
}
