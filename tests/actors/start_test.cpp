// What the parent of a process hears of its start and of its end (M4, M7).

#include "actors/subjects.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

using stage = child_gone::stage;

/// What a parent has heard of the start number 7.
struct heard {
  std::string order;
  std::vector<child_started> started;
  std::vector<child_gone> gone;
};

heard heard_by(world& w, testing::simulated_node& n, const pid& parent) {
  heard h;
  in(w, n, parent, [&h](subject& self) { h = {self.order, self.started, self.gone}; });
  return h;
}

pid start(world& w, testing::simulated_node& n, const pid& parent, std::function<void(subject&)> at_start) {
  pid child;
  in(w, n, parent, [&](subject& self) { child = self.spawn_as<subject>(birth{.start_ref = 7}, at_start); });
  return child;
}

/// Is released after everything else of its process.
struct last_member {
  std::function<void()> at_end;
  ~last_member() { at_end(); }
};

class slow_to_go : public process {
public:
  slow_to_go(process_context& c, std::function<void()> at_end) : process{c}, member_{std::move(at_end)} {}
  behavior init() override {
    return handlers([this](const add&) { stop(reason::custom("over")); });
  }

private:
  last_member member_;
};

class unborn : public process {
public:
  explicit unborn(process_context& c) : process{c} { throw std::runtime_error{"no such thing"}; }
  behavior init() override { return {}; }
};

}  // namespace

TEST_CASE("a start that goes well is told once, with what it passed on, and its end once after that") {
  testing::for_each_seed(100, [](world& w) {
    auto& n = w.start_node();
    auto parent = n.spawn<subject>();
    auto child = start(w, n, parent, [](subject& self) { self.start_info(std::string{"port 80"}); });
    auto h = heard_by(w, n, parent);
    REQUIRE(h.order == "s");
    CHECK(h.started[0].start_ref == 7);
    CHECK(std::any_cast<std::string>(h.started[0].info) == "port 80");
    in(w, n, child, [](subject& self) { self.stop(reason::custom("over")); });
    w.advance(1s);
    h = heard_by(w, n, parent);
    REQUIRE(h.order == "sg");
    CHECK(h.gone[0].start_ref == 7);
    CHECK(h.gone[0].when == stage::running);
    CHECK(h.gone[0].why == reason::custom("over"));
  });
}

TEST_CASE("a start without information passes on none, and one without a number is not told at all") {
  world w;
  auto& n = w.start_node();
  auto parent = n.spawn<subject>();
  start(w, n, parent, {});
  CHECK_FALSE(heard_by(w, n, parent).started.at(0).info.has_value());
  pid silent;
  in(w, n, parent, [&](subject& self) { silent = self.spawn<subject>(); });
  n.kill(silent);
  w.run();
  CHECK(heard_by(w, n, parent).order == "s");
}

TEST_CASE("a start that fails is told once, with how it failed") {
  struct row {
    const char* how;
    std::function<void(subject&)> at_start;
    stage when;
    reason why;
  };
  const std::vector<row> table{
      {"is not needed", [](subject& self) { (void)self.ignore_start(); }, stage::ignored, reason::normal()},
      {"refuses", [](subject& self) { (void)self.refuse_start(reason::custom("no disk")); }, stage::starting,
       reason::custom("no disk")},
      {"throws", [](subject&) { throw std::runtime_error{"boom"}; }, stage::starting, reason::crashed("boom")},
      {"stops", [](subject& self) { self.stop(); }, stage::starting, reason::normal()},
      {"is not needed and throws then",
       [](subject& self) {
         (void)self.ignore_start();
         throw std::runtime_error{"boom"};
       },
       stage::starting, reason::crashed("boom")},
      {"stops and throws then",
       [](subject& self) {
         self.stop();
         throw std::runtime_error{"boom"};
       },
       stage::starting, reason::crashed("boom")},
      {"confirms after it has stopped",
       [](subject& self) {
         self.hold_start();
         self.stop(reason::shutdown());
         self.confirm_start();
       },
       stage::starting, reason::shutdown()},
      {"confirms in its last words",
       [](subject& self) {
         self.hold_start();
         self.at_end = [](subject& me, const reason&) { me.confirm_start(); };
         self.exit(self.self(), reason::custom("late"));
       },
       stage::starting, reason::custom("late")},
      {"throws although it holds the start",
       [](subject& self) {
         self.hold_start();
         throw std::runtime_error{"boom"};
       },
       stage::starting, reason::crashed("boom")},
  };
  for (const auto& r : table)
    testing::for_each_seed(20, [&](world& w) {
      CAPTURE(r.how);
      auto& n = w.start_node();
      auto parent = n.spawn<subject>();
      auto child = start(w, n, parent, r.at_start);
      w.advance(1s);
      auto h = heard_by(w, n, parent);
      REQUIRE(h.order == "g");
      CHECK(h.gone[0].start_ref == 7);
      CHECK(h.gone[0].when == r.when);
      CHECK(h.gone[0].why == r.why);
      CHECK_FALSE(n.is_alive(child));
      CHECK(n.processes().count() == 1);
    });
}

TEST_CASE("a class that cannot be constructed throws at its spawn, and is not heard of") {
  world w;
  auto& n = w.start_node();
  auto parent = n.spawn<subject>();
  bool has_thrown = false;
  in(w, n, parent, [&](subject& self) {
    try {
      self.spawn_as<unborn>(birth{.start_ref = 7, .name = "worker"});
    } catch (const std::runtime_error& e) {
      has_thrown = e.what() == std::string{"no such thing"};
    }
  });
  CHECK(has_thrown);
  CHECK(heard_by(w, n, parent).order.empty());
  CHECK(n.processes().count() == 1);
  CHECK(n.get().whereis("worker") == pid{});
}

TEST_CASE("a held start is complete when it is confirmed, and only then") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = w.start_node();
    auto parent = n.spawn<subject>();
    auto child = start(w, n, parent, [](subject& self) {
      self.hold_start();
      self.start_info(5);
    });
    CHECK(heard_by(w, n, parent).order.empty());
    bool is_confirmed = w.seed() % 2 == 0;
    if (is_confirmed)
      in(w, n, child, [](subject& self) {
        self.confirm_start();
        self.confirm_start();
      });
    w.advance(1h);
    n.kill(child);
    w.advance(1s);
    auto h = heard_by(w, n, parent);
    REQUIRE(h.gone.size() == 1);
    CHECK(h.order == (is_confirmed ? "sg" : "g"));
    CHECK(h.gone[0].when == (is_confirmed ? stage::running : stage::starting));
    CHECK(h.gone[0].why == reason::killed());
    if (is_confirmed)
      CHECK(std::any_cast<int>(h.started[0].info) == 5);
  });
}

TEST_CASE("a start whose parent has died goes on, unheard") {
  testing::for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto parent = n.spawn<subject>();
    pid child;
    in(w, n, parent, [&](subject& self) {
      child = self.spawn_as<subject>(birth{.start_ref = 7}, [](subject& me) { me.hold_start(); });
      self.stop();
    });
    in(w, n, child, [](subject& self) { self.confirm_start(); });
    CHECK(n.is_alive(child));
    CHECK(n.processes().info(child.id(), w.now())->parent == parent.id());
    n.kill(child);
    w.advance(1s);
    CHECK(n.processes().count() == 0);
  });
}

TEST_CASE("nothing a child has sent arrives after the news that it is gone") {
  testing::for_each_seed(300, [](world& w) {
    auto& n = w.start_node();
    auto parent = n.spawn<subject>();
    std::size_t seen_at_end = 0;
    in(w, n, parent, [&](subject& self) {
      self.on_gone = [&seen_at_end](subject& me) { seen_at_end = me.seen.size(); };
      self.spawn_as<subject>(birth{.start_ref = 7}, [&self](subject& child) {
        for (long i = 0; i < 5; ++i)
          child.cast(self.self(), add{i});
        child.confirm_start();
        child.stop();
      });
    });
    w.advance(1s);
    CHECK(seen_at_end == 5);
    CHECK(heard_by(w, n, parent).order == "sg");
  });
}

TEST_CASE("X43 a successor starts only after its predecessor has been destroyed, member by member") {
  testing::for_each_seed(200, [](world& w) {
    auto& n = w.start_node();
    auto parent = n.spawn<subject>();
    auto observer = n.spawn<subject>();
    std::vector<std::string> story;
    pid child;
    in(w, n, parent, [&](subject& self) {
      child = self.spawn_as<slow_to_go>(birth{.start_ref = 7, .name = "worker"},
                                        [&story] { story.push_back("destroyed"); });
      self.on_gone = [&story](subject& me) {
        me.spawn_as<subject>(birth{.start_ref = 8, .name = "worker"},
                             [&story](subject&) { story.push_back("successor"); });
      };
    });
    // Somebody who sends to it all the time may hold it while it ends.
    in(w, n, observer, [&](subject& self) {
      for (long i = 0; i < 3; ++i)
        self.cast(child, add{i});
    });
    w.advance(1s);
    CHECK(story == std::vector<std::string>{"destroyed", "successor"});
  });
}
