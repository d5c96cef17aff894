#include "actors/process.hpp"

#include "actors/events.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace beamline;
using testing::simulated_node;
using testing::world;

namespace {

struct add {
  long by;
};
struct get {};
struct fail {};
struct get_later {};
struct answer_now {};
struct promise_and_fail {};
struct nothing_to_say {};

class counter : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const add& m) { total_ += m.by; }, [this](const get&) { return total_; },
                    [](const fail&) -> long { throw std::runtime_error{"no more"}; },
                    [this](const get_later&) -> deferred {
                      auto p = promise<long>();
                      waiting_.push_back(p);
                      return p;
                    },
                    [this](const promise_and_fail&) -> deferred {
                      auto p = promise<long>();
                      throw std::runtime_error{"halfway"};
                      return p;
                    },
                    [](const nothing_to_say&) {},
                    [this](const answer_now&) {
                      for (auto& p : waiting_)
                        p.set(total_);
                      waiting_.clear();
                    });
  }

private:
  long total_ = 0;
  std::vector<reply_promise<long>> waiting_;
};

/// Runs what a test hands it in a turn of its own.
struct perform {
  std::function<void(process&)> what;
};

class subject : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const perform& p) { p.what(*this); }, [this](const add& m) { seen.push_back(m.by); });
  }
  using process::call;
  using process::cancel;
  using process::cast;
  using process::exit;
  using process::limit_mailbox;
  using process::register_as;
  using process::resume_with;
  using process::run_after;
  using process::send_after;
  using process::spawn;
  using process::stop;
  using process::trap_exits;
  using process::unwatch;
  using process::watch;

  std::vector<long> seen;
};

/// Runs `fn(subject&)` inside a subject and the world to rest.
template <class F>
void in(world& w, simulated_node& n, const pid& p, F fn) {
  n.cast(p, perform{[fn](process& self) { fn(static_cast<subject&>(self)); }});
  w.run();
}

}  // namespace

TEST_CASE("a process handles casts in order and answers calls") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = w.start_node();
    auto p = n.spawn<counter>();
    n.cast(p, add{2});
    n.cast(p, add{3});
    CHECK(w.ask<long>(p, get{}) == 5);
  });
}

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

TEST_CASE("every call has exactly one outcome") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<counter>();
  auto s = n.spawn<subject>();
  int values = 0;
  std::vector<call_error> errors;
  auto ask = [&](auto m, duration within) {
    in(w, n, s, [&, m, within](subject& self) {
      self.call<long>(p, m, within).then([&](long) { ++values; }, [&](const call_error& e) { errors.push_back(e); });
    });
  };

  SUBCASE("a value") {
    ask(get{}, 5s);
    w.advance(10s);
    CHECK(values == 1);
    CHECK(errors.empty());
  }
  SUBCASE("a time-out, after which the late answer is not seen") {
    ask(get_later{}, 5s);
    w.advance(6s);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].what == call_error::kind::timeout);
    n.cast(p, answer_now{});
    w.advance(10s);
    CHECK(values == 0);
    CHECK(errors.size() == 1);
  }
  SUBCASE("an answer given later, before the time-out") {
    ask(get_later{}, 5s);
    w.advance(4s);
    n.cast(p, answer_now{});
    w.advance(10s);
    CHECK(values == 1);
    CHECK(errors.empty());
  }
  SUBCASE("noproc, when nobody is there any more") {
    n.kill(p);
    w.run();
    ask(get{}, 5s);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].what == call_error::kind::noproc);
  }
  SUBCASE("the reason, when the callee dies with the call in its mailbox") {
    ask(get_later{}, 5s);
    n.cast(p, fail{});
    ask(get{}, 5s);
    w.run();
    REQUIRE(errors.size() == 2);
    for (const auto& e : errors) {
      bool is_told =
          e == call_error{call_error::kind::crashed, reason::crashed("no more")} || e.what == call_error::kind::noproc;
      CHECK_MESSAGE(is_told, to_string(e));
    }
  }
  SUBCASE("an error, when the answer has another type than asked for") {
    in(w, n, s, [&](subject& self) {
      self.call<std::string>(p, get{}, 5s)
          .then([&](const std::string&) { ++values; }, [&](const call_error& e) { errors.push_back(e); });
    });
    w.run();
    CHECK(values == 0);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].what == call_error::kind::crashed);
  }
  SUBCASE("an error, when the callee has no handler for it") {
    ask(std::string{"what?"}, 5s);
    CHECK(values == 0);
    CHECK(errors.size() == 1);
  }
}

TEST_CASE("a promise kept by a dead process keeps nothing alive, and its caller is answered") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<counter>();
  auto s = n.spawn<subject>();
  std::vector<call_error> errors;
  in(w, n, s, [&](subject& self) {
    self.call<long>(p, get_later{}, 1h).then([](long) {}, [&](const call_error& e) { errors.push_back(e); });
  });
  n.kill(p);
  w.run();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].what == call_error::kind::crashed);
  CHECK(errors[0].why == reason::killed());
}

TEST_CASE("a handler that makes a promise and then throws tells its caller what it threw") {
  world w;
  auto& n = w.start_node();
  auto outcome = w.try_ask<long>(n.spawn<counter>(), promise_and_fail{});
  CHECK(std::get<call_error>(outcome) == call_error{call_error::kind::crashed, reason::crashed("halfway")});
}

TEST_CASE("a call that is answered without a value can be awaited") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<counter>();
  CHECK_NOTHROW(w.ask<void>(p, nothing_to_say{}));
  n.kill(p);
  w.run();
  CHECK_THROWS_AS(w.ask<void>(p, nothing_to_say{}), testing::simulation_error);
}

TEST_CASE("timers fire at their time, in order, and never after they were cancelled") {
  world w;
  auto& n = w.start_node();
  auto s = n.spawn<subject>();
  std::vector<int> fired;
  std::uint64_t second = 0;
  in(w, n, s, [&](subject& self) {
    self.run_after(3s, [&] { fired.push_back(3); });
    second = self.run_after(2s, [&] { fired.push_back(2); });
    self.run_after(1s, [&] { fired.push_back(1); });
    self.send_after(4s, add{4});
    self.send_after(
        4s, perform{[&](process& p) { fired.push_back(static_cast<int>(static_cast<subject&>(p).seen.at(0))); }});
  });
  SUBCASE("all") {
    w.advance(1500ms);
    CHECK(fired == std::vector{1});
    w.advance(10s);
    CHECK(fired == std::vector{1, 2, 3, 4});
  }
  SUBCASE("one is cancelled") {
    in(w, n, s, [&](subject& self) { self.cancel(second); });
    w.advance(10s);
    CHECK(fired == std::vector{1, 3, 4});
  }
  SUBCASE("the process ends first") {
    n.kill(s);
    w.advance(10s);
    CHECK(fired.empty());
  }
}

TEST_CASE("a timer that is due already can still be cancelled") {
  testing::for_each_seed(200, [](world& w) {
    auto& n = w.start_node();
    auto s = n.spawn<subject>();
    bool is_cancelled = false, fired_after = false;
    in(w, n, s, [&](subject& self) {
      auto t = self.run_after(10us, [&] { fired_after = is_cancelled; });
      self.run_after(10us, [&, t] {
        self.cancel(t);
        is_cancelled = true;
      });
    });
    w.advance(1s);
    CHECK_FALSE(fired_after);
  });
}

TEST_CASE("watchers are told once, after everything the dead one sent, and names are free by then (S10)") {
  testing::for_each_seed(300, [](world& w) {
    auto& n = w.start_node();
    auto a = n.spawn<subject>();
    auto b = n.spawn<subject>();
    std::vector<std::string> story;
    in(w, n, a, [&](subject& self) { REQUIRE(self.register_as("worker").ok()); });
    in(w, n, b, [&](subject& self) {
      self.watch(a, [&](const reason& r) {
        story.push_back("down " + to_string(r) + " saw " + std::to_string(self.seen.size()));
        CHECK(n.get().whereis("worker") == pid{});
      });
    });
    in(w, n, a, [&](subject& self) {
      self.cast(b, add{1});
      self.cast(b, add{2});
      self.stop(reason::shutdown("done"));
    });
    w.run();
    CHECK(story == std::vector<std::string>{"down shutdown: done saw 2"});
  });
}

TEST_CASE("watching a dead process tells noproc; an unwatched one tells nothing") {
  world w;
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  std::vector<reason> told;
  SUBCASE("dead already") {
    n.kill(a);
    w.run();
    in(w, n, b, [&](subject& self) { self.watch(a, [&](const reason& r) { told.push_back(r); }); });
    CHECK(told == std::vector{reason::noproc()});
  }
  SUBCASE("unwatched while the notice is in the mailbox") {
    in(w, n, b, [&](subject& self) {
      auto ref = self.watch(a, [&](const reason& r) { told.push_back(r); });
      self.exit(a, reason::killed());
      self.run_after(1s, [&self, ref] { self.unwatch(ref); });
    });
    w.advance(2s);
    CHECK(told.size() == 1);
  }
  SUBCASE("unwatched before it dies") {
    in(w, n, b, [&](subject& self) {
      auto ref = self.watch(a, [&](const reason& r) { told.push_back(r); });
      self.unwatch(ref);
    });
    n.kill(a);
    w.run();
    CHECK(told.empty());
  }
  SUBCASE("watched twice: told twice, each once") {
    in(w, n, b, [&](subject& self) {
      self.watch(a, [&](const reason& r) { told.push_back(r); });
      self.watch(a, [&](const reason& r) { told.push_back(r); });
    });
    n.kill(a);
    w.run();
    CHECK(told == std::vector{reason::killed(), reason::killed()});
  }
}

TEST_CASE("kill overtakes the mailbox and cannot be trapped; other exits can") {
  world w;
  auto& n = w.start_node();
  auto s = n.spawn<subject>();
  std::vector<reason> trapped;
  in(w, n, s, [&](subject& self) { self.trap_exits([&](const reason& r) { trapped.push_back(r); }); });
  n.exit(s, reason::shutdown());
  n.exit(s, reason::normal());
  w.run();
  CHECK(trapped == std::vector{reason::shutdown(), reason::normal()});
  REQUIRE(n.is_alive(s));
  int handled = 0;
  for (int i = 0; i < 1000; ++i)
    n.cast(s, perform{[&](process&) { ++handled; }});
  n.kill(s);
  w.run();
  CHECK_FALSE(n.is_alive(s));
  CHECK(handled < 10);
}

TEST_CASE("a full mailbox drops casts, answers calls with busy, and still takes exits") {
  world w;
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  in(w, n, a, [](subject& self) { self.limit_mailbox(10); });
  std::vector<call_error> errors;
  n.cast(b, perform{[&](process& p) {
           auto& self = static_cast<subject&>(p);
           for (int i = 0; i < 100; ++i)
             self.cast(a, add{i});
           self.call<long>(a, get{}, 5s).then([](long) {}, [&](const call_error& e) { errors.push_back(e); });
         }});
  // The sender's one handler runs before the receiver's first: nothing is held in this schedule.
  w.run();
  REQUIRE(errors.size() == 1);
  auto info = n.processes().list(w.now());
  std::uint64_t shed = 0;
  for (const auto& p : info)
    shed += p.shed;
  CHECK(shed >= 1);
  n.exit(a, reason::shutdown());
  w.run();
  CHECK_FALSE(n.is_alive(a));
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

TEST_CASE("a stale pid reaches nobody, even when its slot is used again") {
  world w;
  auto& n = w.start_node();
  std::set<pid> all;
  auto first = n.spawn<counter>();
  n.kill(first);
  w.run();
  for (int i = 0; i < 2000; ++i) {
    auto p = n.spawn<counter>();
    CHECK(all.insert(p).second);
    n.kill(p);
    w.run();
  }
  CHECK_FALSE(n.is_alive(first));
  n.cast(first, add{1});
  w.run();
  CHECK(n.processes().count() == 0);
}

TEST_CASE("a name belongs to one process at a time") {
  world w;
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  in(w, n, a, [](subject& self) { CHECK(self.register_as("one").ok()); });
  in(w, n, b, [](subject& self) {
    auto r = self.register_as("one");
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().code == errc::exists);
    CHECK(self.register_as("").error().code == errc::invalid);
  });
  pid by_name{n.get().identity(), "one"};
  in(w, n, b, [&](subject& self) { self.cast(by_name, add{5}); });
  in(w, n, a, [](subject& self) { CHECK(self.seen == std::vector<long>{5}); });
  n.kill(a);
  w.run();
  in(w, n, b, [](subject& self) { CHECK(self.register_as("one").ok()); });
  CHECK(n.get().whereis("one") == b);
}

TEST_CASE("children know their parent, and a list shows what a process does without asking it") {
  world w;
  auto& n = w.start_node();
  auto parent = n.spawn<subject>();
  pid child;
  in(w, n, parent, [&](subject& self) { child = self.spawn<counter>(); });
  n.cast(child, add{1});
  bool is_found = false;
  for (const auto& p : n.processes().list(w.now()))
    if (p.id == child.id()) {
      is_found = true;
      CHECK(p.parent == parent.id());
      CHECK(p.kind.find("counter") != std::string::npos);
      CHECK(p.depth == 1);
    }
  CHECK(is_found);
}

TEST_CASE("a node refuses more processes than it may have") {
  process_table table{std::make_shared<const node_identity>(node_identity{"a@b", 1}), 2};
  auto a = table.reserve();
  (void)table.reserve();
  CHECK_THROWS_AS((void)table.reserve(), process_limit_reached);
  table.retire(a, reason::normal());
  CHECK_NOTHROW((void)table.reserve());
}
