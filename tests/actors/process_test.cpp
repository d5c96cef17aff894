#include "actors/process.hpp"

#include "actors/events.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <caf/skip.hpp>
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>

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

/// Has a handler that throws in a delayed message, and a last word that asks whom it answers.
class last_words : public process {
public:
  using process::process;
  behavior init() override {
    send_after(1s, fail{});
    return handlers([](const fail&) { throw std::runtime_error{"no more"}; });
  }
  void terminate(const reason&) override {
    (void)promise<long>();
    throw 1;  // NOLINT: it must not, but if it does only this process suffers.
  }
};

/// Keeps what it owes to the senders of `get_later`, and a token.
class hoarder : public process {
public:
  hoarder(process_context& c, std::shared_ptr<int> token) : process{c}, token_{std::move(token)} {}
  behavior init() override {
    return handlers([this](const get_later&) -> deferred { return owed_.emplace_back(promise<long>()); });
  }

private:
  std::shared_ptr<int> token_;
  std::vector<reply_promise<long>> owed_;
};

std::int64_t depth_of(world& w, simulated_node& n, const pid& p) {
  for (const auto& info : n.processes().list(w.now()))
    if (info.id == p.id())
      return info.depth;
  return -1;
}

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
      self.exit(a, reason::kill());
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
  in(w, n, s, [&](subject& self) { self.trap_exits([&](const exit_signal& e) { trapped.push_back(e.why); }); });
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
  world w{testing::world_options{.hold_ppm = 0}};  // The sender's handler runs to its end before the receiver's first.
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
  w.run();
  REQUIRE(errors.size() == 1);
  auto info = n.processes().list(w.now());
  std::uint64_t shed = 0;
  for (const auto& p : info)
    shed += p.shed;
  CHECK(shed == 91);  // 90 of the 100 casts, and the call.
  CHECK(errors[0].what == call_error::kind::busy);
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

TEST_CASE("a shared message to a process of another node does not reach the local one with its number") {
  world w;
  auto& n = w.start_node();
  auto a = n.spawn<subject>();
  auto b = n.spawn<subject>();
  pid elsewhere{std::make_shared<const node_identity>(node_identity{"two@sim", 7}), b.id()};
  in(w, n, a, [&](subject& self) {
    const auto shared = share(add{3});
    CHECK_THROWS_AS(self.cast(elsewhere, shared), std::logic_error);
    CHECK_NOTHROW(self.cast(pid{}, shared));
    self.cast(b, shared);
  });
  in(w, n, b, [](subject& self) { CHECK(self.seen == std::vector<long>{3}); });
}

TEST_CASE("a promise made for a cast, which nobody awaits, keeps no dead process") {
  auto token = std::make_shared<int>(1);
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<hoarder>(token);
  n.cast(p, get_later{});
  w.run();
  CHECK(token.use_count() == 2);
  n.kill(p);
  w.run();
  CHECK(token.use_count() == 1);
}

TEST_CASE("a delayed message whose handler throws, and last words that throw, end one process in order") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<last_words>();
  auto s = n.spawn<subject>();
  std::vector<reason> told;
  in(w, n, s, [&](subject& self) { self.watch(p, [&](const reason& r) { told.push_back(r); }); });
  w.advance(2s);
  CHECK(told == std::vector{reason::crashed("no more")});
}

TEST_CASE("what reaches a dead process late is not counted for the next one in its slot") {
  world w;
  auto& n = w.start_node();
  auto first = n.spawn<counter>();
  auto handle = n.processes().find(first.id());
  n.kill(first);
  w.run();
  auto second = n.spawn<counter>();
  w.run();
  REQUIRE((first.id() & 0xffffff) == (second.id() & 0xffffff));
  handle->get()->enqueue(nullptr, caf::make_message_id(), share(add{1}), nullptr);
  CHECK(depth_of(w, n, second) == 0);
  handle = nullptr;
}

TEST_CASE("a skipped message still counts as waiting") {
  world w;
  auto& n = w.start_node();
  auto s = n.spawn<subject>();
  in(w, n, s, [](subject& self) { self.set_default_handler(caf::skip); });
  n.cast(s, get{});
  w.run();
  CHECK(depth_of(w, n, s) == 1);
  in(w, n, s, [](subject&) {});
  CHECK(depth_of(w, n, s) == 1);
}

TEST_CASE("whoever finds a process gone can take its name, on any thread") {
  process_table table{std::make_shared<const node_identity>(node_identity{"a@b", 1}), 100};
  constexpr int rounds = 10'000;
  std::atomic<std::uint64_t> owner{0};
  auto successor = table.reserve();  // Before the thread starts, for the reason given below.
  std::thread ending{[&] {
    for (int i = 0; i < rounds; ++i) {
      auto id = table.reserve();
      (void)table.register_name(id, "worker");
      owner = id;
      table.retire(id, reason::normal());
      while (owner != 0)
        std::this_thread::yield();
    }
  }};
  int refused = 0;
  for (int i = 0; i < rounds; ++i) {
    std::uint64_t id = 0;
    while ((id = owner) == 0)
      std::this_thread::yield();
    while (!table.exit_reason(id))
      std::this_thread::yield();
    refused += table.register_name(successor, "worker").ok() ? 0 : 1;
    table.retire(successor, reason::normal());
    successor = table.reserve();  // Before the other goes on: it must not get a slot that is still looked at.
    owner = 0;
  }
  table.retire(successor, reason::normal());
  ending.join();
  CHECK(refused == 0);
  CHECK(table.whereis("worker") == 0);
  CHECK(table.count() == 0);
}

TEST_CASE("names, slots and watches stay right when several threads use few slots") {
  process_table table{std::make_shared<const node_identity>(node_identity{"a@b", 1}), 8};
  std::array<std::atomic<std::uint64_t>, 4> latest{};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < latest.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20'000; ++i) {
        auto id = table.reserve();
        latest[t] = id;
        auto other = latest[(t + 1) % latest.size()].load();  // May be gone, its slot taken by anybody.
        auto ref = table.next_ref();
        table.watch(other, ref, id);
        bool is_named = table.register_name(id, "name" + std::to_string(i % 3)).ok();
        (void)table.register_name(other, "other");  // Races with its end.
        (void)table.list(time_point{});
        table.unwatch(other, ref);
        if (table.find(other) != nullptr)
          ++wrong;  // Nobody was published.
        if (is_named && table.whereis("name" + std::to_string(i % 3)) != id)
          ++wrong;
        table.retire(id, reason::normal());
        if (table.watch(id, ref, id) || table.register_name(id, "dead").ok())
          ++wrong;
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(wrong == 0);
  CHECK(table.count() == 0);
  CHECK(table.ids().empty());
  for (const auto* name : {"name0", "name1", "name2", "other", "dead"})
    CHECK(table.whereis(name) == 0);
}
