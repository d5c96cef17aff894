#include "supervision/component.hpp"

#include "supervision/supervisor.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;
using namespace std::chrono_literals;

namespace {

using lines = std::vector<std::string>;

/// Does its jobs when the test says so, as a thread that takes its time.
class slow_executor final : public executor {
public:
  void run(std::function<void()> job) override { jobs.push_back(std::move(job)); }
  void step() {
    REQUIRE_FALSE(jobs.empty());
    auto job = std::move(jobs.front());
    jobs.erase(jobs.begin());
    job();
  }
  std::vector<std::function<void()>> jobs;
};

/// What the test knows of all lives of its component.
struct lives {
  journal j = make_journal();
  int made = 0;
  std::function<void(reason)> fail{};  // Of the current life.
  std::optional<error> make_error{};
  bool throws_in_make = false;
  bool throws_in_stop = false;
  bool is_unneeded = false;
};

class part final : public component {
public:
  part(std::shared_ptr<lives> l, int n) : lives_{std::move(l)}, number_{n} {}
  ~part() override { note(lives_->j, "gone " + std::to_string(number_)); }
  void stop(const reason& why) override {
    note(lives_->j, "stop " + std::to_string(number_) + " " + to_string(why));
    if (lives_->throws_in_stop)
      throw std::runtime_error{"cannot stop"};
  }

private:
  std::shared_ptr<lives> lives_;
  int number_;
};

component_factory factory(const std::shared_ptr<lives>& l) {
  return [l](const component_context& c) -> result<std::unique_ptr<component>> {
    if (l->throws_in_make)
      throw std::runtime_error{"bang"};
    if (l->make_error)
      return *l->make_error;
    if (l->is_unneeded)
      return std::unique_ptr<component>{};
    l->fail = c.failed;
    auto n = ++l->made;
    note(l->j, "made " + std::to_string(n));
    return std::unique_ptr<component>{std::make_unique<part>(l, n)};
  };
}

struct bridge_site {
  testing::world& w;
  testing::simulated_node& n;
  std::shared_ptr<lives> l = std::make_shared<lives>();
  pid top;

  explicit bridge_site(testing::world& in) : w{in}, n{in.start_node()} {}

  void start(std::shared_ptr<executor> on, child_spec::overrides o = {}) {
    top =
        n.spawn<supervisor>(supervisor_spec{.children = {child_component("part", factory(l), std::move(on)).with(o)}});
    w.run();
  }
  void start() { start(std::make_shared<inline_executor>()); }
  child_info child() { return w.ask<child_list>(top, which_children{}).at(0); }
};

}  // namespace

TEST_CASE("G10 a component that fails to start, or is not needed, is passed on to the supervisor") {
  enum class start { refused, thrown, not_needed } how = start::refused;
  SUBCASE("an error") { how = start::refused; }
  SUBCASE("a throw") { how = start::thrown; }
  SUBCASE("not needed") { how = start::not_needed; }
  testing::for_each_seed(20, [how](testing::world& w) {
    bridge_site s{w};
    auto add = [&] {
      return w.ask<start_answer>(
          s.top, start_child{child_component("more", factory(s.l), std::make_shared<inline_executor>())});
    };
    s.start();
    if (how == start::refused) {
      s.l->make_error = error{errc::conflict, "port 4000 is taken"};
      auto answer = add();
      REQUIRE_FALSE(answer.ok());
      CHECK(answer.error().what == child_error::kind::start_failed);
      CHECK(answer.error().why == reason::custom("port 4000 is taken"));
    }
    if (how == start::thrown) {
      s.l->throws_in_make = true;
      auto answer = add();
      REQUIRE_FALSE(answer.ok());
      CHECK(answer.error().why == reason::crashed("bang"));
    }
    if (how == start::not_needed) {
      s.l->is_unneeded = true;
      auto answer = add();
      REQUIRE(answer.ok());
      CHECK_FALSE(answer->who);
    }
    CHECK(*s.l->j == lines{"made 1"});
  });
}

TEST_CASE("G11 a component that was killed ends its process with `killed`, after it was stopped") {
  testing::for_each_seed(20, [](testing::world& w) {
    bridge_site s{w};
    s.start(std::make_shared<inline_executor>(), {.restart = restart_type::temporary});
    auto who = s.child().who;
    std::optional<reason> ended;
    class watcher : public process {
    public:
      watcher(process_context& c, pid target, std::optional<reason>& out)
          : process{c}, target_{std::move(target)}, out_{out} {}
      behavior init() override {
        watch(target_, [this](const reason& why) { out_ = why; });
        return {};
      }

    private:
      pid target_;
      std::optional<reason>& out_;
    };
    s.n.spawn<watcher>(who, ended);
    w.run();
    s.l->fail(reason::killed());
    s.l->fail(reason::custom("again"));  // Only the first one counts.
    w.run();
    CHECK(ended == reason::killed());
    CHECK(*s.l->j == lines{"made 1", "stop 1 killed", "gone 1"});
  });
}

TEST_CASE("G12 a component that dies ends its process with its reason, and is restarted") {
  testing::for_each_seed(50, [](testing::world& w) {
    bridge_site s{w};
    s.start();
    auto first = s.child().who;
    s.l->fail(reason::custom("disk is gone"));
    w.run();
    CHECK(*s.l->j == lines{"made 1", "stop 1 custom: disk is gone", "gone 1", "made 2"});
    CHECK(s.child().state == slot_state::running);
    CHECK(s.child().who != first);
    CHECK(s.child().incarnation == 2);
  });
}

TEST_CASE("G13 a named component that is killed comes back under its name") {
  testing::for_each_seed(50, [](testing::world& w) {
    bridge_site s{w};
    s.start(std::make_shared<inline_executor>(), {.name = "part"});
    auto first = s.n.get().whereis("part");
    REQUIRE(first);
    s.n.kill(first);
    w.run();
    auto second = s.n.get().whereis("part");
    REQUIRE(second);
    CHECK(second != first);
    CHECK(*s.l->j == lines{"made 1", "stop 1 killed", "gone 1", "made 2"});
  });
}

TEST_CASE("a component is stopped with its supervisor's word, and destroyed before its process is gone") {
  testing::for_each_seed(20, [](testing::world& w) {
    bridge_site s{w};
    auto on = std::make_shared<slow_executor>();
    s.start(on);
    CHECK(s.l->j->empty());  // Being made: its supervisor waits.
    on->step();
    w.run();
    auto who = s.child().who;
    s.n.exit(s.top, reason::shutdown());
    w.run();
    CHECK(s.n.is_alive(who));  // Being stopped.
    on->step();
    CHECK(*s.l->j == lines{"made 1", "stop 1 shutdown", "gone 1"});
    w.run();
    CHECK(s.n.processes().count() == 0);
  });
}

TEST_CASE("a successor is made only when the component of a killed process was stopped") {
  bool was_stopping = false;
  SUBCASE("killed while it ran") {}
  SUBCASE("killed by its shutdown limit while it was being stopped") { was_stopping = true; }
  testing::for_each_seed(20, [was_stopping](testing::world& w) {
    bridge_site s{w};
    auto on = std::make_shared<slow_executor>();
    s.start(on);
    if (!was_stopping) {
      on->step();
      w.run();
      s.n.kill(s.child().who);
      w.run();
      on->step();
      CHECK(*s.l->j == lines{"made 1", "stop 1 killed", "gone 1"});
      on->step();
    }
    if (was_stopping) {
      on->step();
      w.run();
      s.l->fail(reason::custom("broken"));
      w.run();
      s.n.kill(s.child().who);
      w.run();
      on->step();
      CHECK(*s.l->j == lines{"made 1", "stop 1 custom: broken", "gone 1"});
      on->step();
    }
    w.run();
    CHECK(s.l->j->back() == "made 2");
    CHECK(s.child().state == slot_state::running);
    s.n.exit(s.top, reason::shutdown());
    w.run();
    on->step();
  });
}

TEST_CASE("a component is stopped when it comes up after its process was told to end") {
  testing::for_each_seed(20, [](testing::world& w) {
    bridge_site s{w};
    auto on = std::make_shared<slow_executor>();
    s.start(on);
    s.n.exit(s.top, reason::shutdown());
    w.run();
    on->step();
    w.run();
    on->step();
    w.run();
    CHECK(*s.l->j == lines{"made 1", "stop 1 shutdown", "gone 1"});
    CHECK(s.n.processes().count() == 0);
  });
}

TEST_CASE("a component may fail while it is being made") {
  testing::for_each_seed(20, [](testing::world& w) {
    auto& n = w.start_node();
    auto l = std::make_shared<lives>();
    auto make = [l](const component_context& c) -> result<std::unique_ptr<component>> {
      c.failed(reason::custom("at once"));
      note(l->j, "made");
      return std::unique_ptr<component>{std::make_unique<part>(l, 1)};
    };
    auto top = n.spawn<supervisor>(supervisor_spec{});
    auto answer =
        w.ask<start_answer>(top, start_child{child_component("part", make, std::make_shared<inline_executor>())
                                                 .with({.restart = restart_type::temporary})});
    CHECK_FALSE(answer.ok());
    w.run();
    CHECK(*l->j == lines{"made", "stop 1 custom: at once", "gone 1"});
  });
}

TEST_CASE("a component whose stop throws is gone all the same") {
  testing::world w;
  bridge_site s{w};
  s.l->throws_in_stop = true;
  s.start();
  s.l->fail(reason::custom("broken"));
  w.run();
  CHECK(*s.l->j == lines{"made 1", "stop 1 custom: broken", "gone 1", "made 2"});
}

TEST_CASE("exit signals of other processes leave a component alone, those of the node and stop orders do not") {
  testing::world w;
  bridge_site s{w};
  s.start();
  auto who = s.child().who;
  class stranger : public process {
  public:
    stranger(process_context& c, pid victim) : process{c}, victim_{std::move(victim)} {}
    behavior init() override {
      exit(victim_, reason::shutdown());
      return {};
    }

  private:
    pid victim_;
  };
  s.n.spawn<stranger>(who);
  w.run();
  CHECK(s.n.is_alive(who));
  SUBCASE("the node") {
    s.n.exit(who, reason::shutdown("maintenance"));
    w.run();
  }
  SUBCASE("a stop order") {
    s.n.cast(who, stop_order{reason::shutdown("maintenance")});
    w.run();
  }
  CHECK_FALSE(s.n.is_alive(who));
  CHECK(s.l->j->at(1) == "stop 1 shutdown: maintenance");
}
