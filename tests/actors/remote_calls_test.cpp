// Calls of processes of other nodes: one outcome each, and as good as a local one for the callee (D70, D72, D73, D86).

#include "actors/remote_pair.hpp"
#include "base/planted.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::subjects;
using testing::for_each_seed;
using testing::world;

namespace {

using outcomes_t = std::vector<std::string>;

struct caller_and_callee : remote_pair {
  explicit caller_and_callee(world& the_world) : remote_pair{the_world}, from{spawn(*a)}, to{spawn(*b, "callee")} {}
  template <class R = std::int64_t>
  void call(auto message, duration within = 5s) {
    call_to<R>(to, message, within);
  }
  template <class R = std::int64_t>
  void call_to(const pid& callee, auto message, duration within = 5s) {
    at(*a, from, [this, callee, message, within](talker& self) { outcomes.call<R>(self, callee, message, within); });
  }
  pid from, to;
  outcome_log outcomes;
};

}  // namespace

TEST_CASE("a call of a process of another node gets the value, as a local one does") {
  for_each_seed(50, [](world& w) {
    caller_and_callee p{w};
    p.call(question{41});
    p.call_to(pid{std::make_shared<node_identity>(node_identity{"b@sim", 0}), "callee"}, question{1});
    w.advance(1s);
    std::ranges::sort(p.outcomes.all);
    CHECK(p.outcomes.all == outcomes_t{"ok 2", "ok 42"});
    p.at(*p.b, p.to, [](talker& self) { CHECK(self.who_asked == pid{}); });
    CHECK(p.is_quiet());
  });
}

TEST_CASE("a call of another node that is answered later, or never") {
  world w;
  caller_and_callee p{w};
  p.call(riddle{1});
  w.advance(10ms);
  SUBCASE("later") {
    p.at(*p.b, p.to, [](talker& self) { self.riddles[0].second.set(7); });
    w.advance(1s);
    CHECK(p.outcomes.all == outcomes_t{"ok 7"});
  }
  SUBCASE("failed with a reason") {
    p.at(*p.b, p.to, [](talker& self) { self.riddles[0].second.fail(reason::custom("no idea")); });
    w.advance(1s);
    CHECK(p.outcomes.all == outcomes_t{"crashed (custom: no idea)"});
  }
  SUBCASE("the promise is dropped") {
    p.at(*p.b, p.to, [](talker& self) { self.riddles.clear(); });
    w.advance(1s);
    CHECK(p.outcomes.all == outcomes_t{"crashed (crashed: the reply was never given)"});
  }
  SUBCASE("the callee is killed") {
    p.b->kill(p.to);
    w.advance(1s);
    CHECK(p.outcomes.all == outcomes_t{"crashed (killed)"});
  }
  SUBCASE("too late") {
    w.advance(6s);
    CHECK(p.outcomes.all == outcomes_t{"timeout"});
    p.at(*p.b, p.to, [](talker& self) { self.riddles[0].second.set(7); });
    w.advance(1s);
    CHECK(p.outcomes.all.size() == 1);
  }
  CHECK(p.is_quiet());
}

TEST_CASE("a call of another node fails as a local one does") {
  world w;
  caller_and_callee p{w};
  SUBCASE("nobody is there") {
    p.call_to(pid{p.b->get().identity(), std::uint64_t{99}}, question{1});
    w.advance(1s);
    CHECK(p.outcomes.all == outcomes_t{"noproc"});
  }
  SUBCASE("nobody has the name") {
    p.call_to(pid{p.b->get().identity(), "nobody"}, question{1});
    w.advance(1s);
    CHECK(p.outcomes.all == outcomes_t{"noproc"});
  }
  SUBCASE("the handler throws") {
    p.call(poison{"bad apple"});
    w.advance(1s);
    CHECK(p.outcomes.all == outcomes_t{"crashed (crashed: bad apple)"});
  }
  SUBCASE("the mailbox is full") {
    p.b->cast(p.to, perform{[&](process& self) {
                static_cast<subject&>(self).limit_mailbox(1);
                testing::block(50ms);
              }});
    w.pass(1ms);
    p.b->cast(p.to, perform{[](process&) {}});
    p.call(question{1}, 20ms);
    w.advance(1s);
    CHECK(p.outcomes.all == outcomes_t{"busy"});
  }
  SUBCASE("the message is in no contract") {
    p.call(secret{1});
    w.advance(1s);
    REQUIRE(p.outcomes.all.size() == 1);
    CHECK(p.outcomes.all[0].find("notsup: ") != std::string::npos);
    CHECK(p.outcomes.all[0].find("secret") != std::string::npos);
    CHECK(p.outcomes.all[0].find("node::options::contract") != std::string::npos);
  }
  SUBCASE("the answer is in no contract") {
    p.call(indiscretion{1});
    w.advance(1s);
    REQUIRE(p.outcomes.all.size() == 1);
    CHECK(p.outcomes.all[0].find("notsup: the answer: ") != std::string::npos);
  }
  SUBCASE("the answer has another type than was asked for") {
    p.call<bool>(question{1});
    w.advance(1s);
    REQUIRE(p.outcomes.all.size() == 1);
    CHECK(p.outcomes.all[0].find("another type") != std::string::npos);
  }
  SUBCASE("the queue to that node is full") {
    p.at_a->room = 0;
    p.call(question{1});
    CHECK(p.outcomes.all == outcomes_t{"busy"});
  }
  SUBCASE("the message is too large for the link") {
    p.at_a->octets_max = 10;
    p.call(poison{"a text of more than ten octets"});
    REQUIRE(p.outcomes.all.size() == 1);
    CHECK(p.outcomes.all[0].find("too_large: ") != std::string::npos);
  }
  SUBCASE("the answer is too large for the link") {
    p.at_b->octets_max = 5;
    p.call(question{1'000'000'000'000});
    p.at_b->octets_max = 200;
    w.advance(1ms);
    p.at_b->octets_max = 12;
    w.advance(6s);
    CHECK(p.outcomes.all.size() == 1);
  }
  w.advance(10s);
  CHECK(p.outcomes.all.size() == 1);
  CHECK(p.is_quiet());
}

TEST_CASE("a lost link fails all calls over it at once, in the order they were made (D73, D235)") {
  for_each_seed(50, [](world& w) {
    caller_and_callee p{w};
    std::vector<int> order;
    p.at(*p.a, p.from, [&](talker& self) {
      for (int i = 0; i < 10; ++i)
        self.call<std::int64_t>(p.to, riddle{i}, time_point::max() - w.now())
            .then([](std::int64_t) { FAIL("answered"); },
                  [&, i](const call_error& e) {
                    CHECK(e.what == call_error::kind::noconnection);
                    order.push_back(i);
                  });
    });
    w.pass(duration{static_cast<duration::rep>(w.seed() % 10) * 300'000});
    p.cut();
    w.run();
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    p.link();
    // What the callee answers now is for nobody (D70).
    p.at(*p.b, p.to, [](talker& self) {
      for (auto& [n, r] : self.riddles)
        r.set(n);
    });
    w.advance(1s);
    CHECK(order.size() == 10);
    CHECK(p.is_quiet());
  });
}

TEST_CASE("the planted bug of calls that are kept when their node is gone is one that this suite sees") {
  auto on = planted::scope{planted::bug::lost_call_kept};
  world w;
  caller_and_callee p{w};
  p.call(riddle{1}, 2s);
  w.advance(10ms);
  p.cut();
  w.advance(1s);
  CHECK(p.outcomes.all.empty());
  w.advance(2s);
  CHECK(p.outcomes.all == outcomes_t{"timeout"});
}

TEST_CASE("SY9 a thousand answers that race with timeouts: each call has one outcome, and nothing is left") {
  for_each_seed(5, [](world& w) {
    caller_and_callee p{w};
    p.at_a->jitter = p.at_b->jitter = 3'000'000;
    std::map<int, int> outcomes;
    int answered = 0;
    for (int batch = 0; batch < 10; ++batch) {
      p.at(*p.a, p.from, [&, batch](talker& self) {
        for (int i = batch * 100; i < batch * 100 + 100; ++i)
          self.call<std::int64_t>(p.to, question{i}, duration{4'000'000 + (i % 37) * 150'000})
              .then(
                  [&, i](std::int64_t n) {
                    CHECK(n == i + 1);
                    ++outcomes[i];
                    ++answered;
                  },
                  [&, i](const call_error& e) {
                    CHECK(e.what == call_error::kind::timeout);
                    ++outcomes[i];
                  });
      });
      w.pass(1ms);
    }
    w.advance(1s);
    CHECK(outcomes.size() == 1000);
    for (const auto& [i, n] : outcomes)
      CHECK(n == 1);
    CHECK(answered > 0);
    CHECK(answered < 1000);
    CHECK(p.is_quiet());
    p.at(*p.b, p.to, [&](talker& self) { CHECK(self.asked >= answered); });
  });
}

TEST_CASE("a callee does not begin what nobody waits for any more, and it is counted (D86)") {
  world w;
  caller_and_callee p{w};
  std::uint64_t overdue = 0;
  auto h = p.b->events().attach<remote_call_overdue>([&](const remote_call_overdue& e) {
    overdue = e.total;
    CHECK(e.callee == p.to.id());
  });
  p.b->cast(p.to, perform{[](process&) { testing::block(100ms); }});
  w.pass(1ms);
  p.at(*p.a, p.from, [&](talker& self) {
    p.outcomes.call(self, p.to, question{1}, 20ms);
    p.outcomes.call(self, p.to, question{2}, 500ms);
  });
  w.advance(1s);
  CHECK(p.outcomes.all == outcomes_t{"timeout", "ok 3"});
  CHECK(overdue == 1);
  p.at(*p.b, p.to, [](talker& self) { CHECK(self.asked == 1); });
  CHECK(p.is_quiet());
}

TEST_CASE("a call without time is sent and ends as timeout; it is not begun") {
  world w;
  caller_and_callee p{w};
  p.call(question{1}, 0s);
  w.advance(1s);
  CHECK(p.outcomes.all == outcomes_t{"timeout"});
  p.at(*p.b, p.to, [](talker& self) { CHECK(self.asked == 0); });
  CHECK(p.is_quiet());
}

TEST_CASE("calls and casts to a stable address wait there for the next owner, those of other nodes, too") {
  for_each_seed(50, [](world& w) {
    caller_and_callee p{w};
    p.b->processes().names().declare("desk", 2);
    pid desk{p.b->get().identity(), "desk"};
    p.call_to(desk, question{1});
    p.call_to(desk, riddle{2});
    w.advance(10ms);
    p.call_to(desk, question{3});  // One more than may wait.
    w.advance(10ms);
    CHECK(p.outcomes.all == outcomes_t{"busy"});
    auto owner = p.spawn(*p.b, "desk");
    w.advance(10ms);
    CHECK(p.outcomes.all == outcomes_t{"busy", "ok 2"});
    p.b->kill(owner);
    w.advance(10ms);
    CHECK(p.outcomes.all == outcomes_t{"busy", "ok 2", "crashed (killed)"});
    CHECK(p.is_quiet());
    p.call_to(desk, question{4});
    w.advance(10ms);
    p.b->processes().names().withdraw("desk");
    w.advance(10ms);
    CHECK(p.outcomes.all.back() == "noproc");
    CHECK(p.is_quiet());
  });
}

TEST_CASE("a call that waits at a stable address when the link goes is not taken for one of the next link") {
  world w;
  caller_and_callee p{w};
  p.b->processes().names().declare("desk", 2);
  p.call_to(pid{p.b->get().identity(), "desk"}, riddle{1});
  w.advance(10ms);
  p.cut();
  p.link();
  auto owner = p.spawn(*p.b, "desk");
  w.advance(10ms);
  p.b->kill(owner);
  w.advance(1s);
  CHECK(p.outcomes.all == outcomes_t{"noconnection"});
  CHECK(p.is_quiet());
}

TEST_CASE("a caller that ends leaves nothing behind") {
  world w;
  caller_and_callee p{w};
  p.call(riddle{1});
  w.advance(10ms);
  p.a->kill(p.from);
  w.run();
  CHECK(p.a->env().remote().count().waits == 0);
  p.at(*p.b, p.to, [](talker& self) { self.riddles[0].second.set(1); });
  w.advance(1s);
  CHECK(p.outcomes.all.empty());
  CHECK(p.is_quiet());
}

TEST_CASE("calls of a world and from outside any process reach other nodes") {
  world w;
  caller_and_callee p{w};
  auto outcome = std::make_shared<std::string>();
  p.at(*p.a, p.from, [&](talker& self) {
    self.stop_process(p.to, reason::shutdown(), 1s,
                      [outcome](const std::optional<call_error>& e) { *outcome = e ? to_string(*e) : "stopped"; });
  });
  w.advance(1s);
  CHECK(outcome->find("notsup") != std::string::npos);  // Only who is on its node stops a process in order.
  CHECK(p.b->is_alive(p.to));
}

TEST_CASE("a void answer crosses, and what a call of void gets else is an error") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  int answers = 0;
  p.at(*p.a, from, [&](talker& self) {
    self.call<void>(to, note{1}, 1s).then([&] { ++answers; }, [](const call_error& e) { FAIL(to_string(e)); });
  });
  w.advance(2s);
  CHECK(answers == 1);
  CHECK(p.is_quiet());
}
