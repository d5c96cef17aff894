// The decisions of a dynamic supervisor without processes: what only the core shows.

#include "supervision/dynamic_core.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::supervision;

namespace {

/// Remembers what it was told; launches always succeed unless said otherwise.
class fake_port final : public dynamic_port {
public:
  std::uint64_t next_ref() override { return ++last_ref; }
  launch_outcome launch(const dynamic_child& c) override {
    ++launches;
    if (launch_fails)
      return child_error{.what = child_error::kind::start_failed, .why = reason::custom("no")};
    born[1000 + c.ref] = c.ref;
    return launched_child{.id = 1000 + c.ref};
  }
  void signal(const dynamic_child& c, const reason& why) override { signals.push_back({c.id, why}); }
  bool is_busy(const dynamic_child&) override { return busy; }
  bool fence(const dynamic_child& c) override {
    fenced.push_back(c.id);
    return true;
  }
  void abort(const dynamic_child&) override { ++aborts; }
  void wake_at(time_point t) override {
    wake = t;
    ++wakes;
  }
  void retry_later(std::uint64_t ref) override { retries.push_back(ref); }
  void answer_start(request_token t, std::uint64_t id, std::any) override { started[t] = id; }
  void answer_start(request_token t, child_error e) override { refused[t] = e.what; }
  void answer_change(request_token t, change_answer a) override { changed[t] = a.ok(); }
  void report(report::kind what, const dynamic_child&, const reason&, duration, std::size_t n) override {
    reports.push_back({what, n});
  }
  void child_up(const dynamic_child&) override { ++ups; }
  void child_left(const dynamic_child&) override { ++lefts; }
  void child_waits(const dynamic_child& c, bool waits) override {
    waits ? (void)waiting.insert(c.position) : (void)waiting.erase(c.position);
  }
  void restart_counted(time_point) override { ++restarts; }
  void zombie_added(const dynamic_child&, time_point) override { ++zombies; }
  void zombie_removed(std::uint64_t) override { --zombies; }
  random_source& random() override { return chance; }
  void end(const reason& why) override { ends.push_back(why); }

  std::uint64_t last_ref = 0;
  int launches = 0, aborts = 0, wakes = 0, ups = 0, lefts = 0, restarts = 0, zombies = 0;
  std::set<std::uint64_t> waiting;
  bool launch_fails = false, busy = true;
  std::map<std::uint64_t, std::uint64_t> born;
  std::vector<std::pair<std::uint64_t, reason>> signals;
  std::vector<std::uint64_t> fenced, retries;
  std::map<request_token, std::uint64_t> started;
  std::map<request_token, child_error::kind> refused;
  std::map<request_token, bool> changed;
  std::vector<std::pair<report::kind, std::size_t>> reports;
  std::vector<reason> ends;
  time_point wake{};
  seeded_random chance{1};
};

struct rig {
  fake_port port;
  child_budget budget{0};
  dynamic_core core;
  time_point now{1s};

  explicit rig(dynamic_supervisor_spec s = {}) : core{port, budget, s} {}

  /// A running child; its id.
  std::uint64_t child(child_spec s) {
    core.start(std::move(s), 1, now);
    auto ref = port.last_ref;
    core.started(ref, {}, now);
    return 1000 + ref;
  }
  void gone(std::uint64_t id, const reason& why) { core.gone(port.born.at(id), child_gone::stage::running, why, now); }
  void advance(duration d) {
    now += d;
    core.wake(now);
  }
};

child_spec some(restart_type r = restart_type::permanent, shutdown_policy stop = duration{1s}) {
  child_spec s;
  s.id = "c";
  s.start = [](starter&) -> start_outcome { return start_ignored{}; };
  s.restart = r;
  s.shutdown = stop;
  return s;
}

}  // namespace

TEST_CASE("equal limits of many children need one timer") {
  rig r;
  for (int i = 0; i < 1000; ++i)
    r.child(some());
  r.core.stop(reason::shutdown(), r.now);
  CHECK(r.port.signals.size() == 1000);
  CHECK(r.port.wakes == 1);
  CHECK(r.port.wake == r.now + 1s);
  r.port.signals.clear();
  r.advance(1s);
  CHECK(r.port.signals.size() == 1000);
  CHECK(r.port.signals.front().second.is_kill());
}

TEST_CASE("no deadline is kept for children that are gone") {
  rig r;
  for (int i = 0; i < 20'000; ++i) {
    auto id = r.child(some(restart_type::temporary, shutdown_policy{1h}));
    r.core.terminate(id, 2, r.now);
    r.gone(id, reason::shutdown());
  }
  CHECK(r.core.size() == 0);
  CHECK(r.port.wakes == 1);
  CHECK(r.budget.used() == 0);
}

TEST_CASE("a stop is over with the last child, and only once") {
  rig r;
  auto a = r.child(some());
  auto b = r.child(some());
  r.core.stop(reason::custom("first"), r.now);
  r.core.stop(reason::custom("second"), r.now);
  r.gone(a, reason::shutdown());
  CHECK(r.port.ends.empty());
  r.gone(b, reason::shutdown());
  REQUIRE(r.port.ends.size() == 1);
  CHECK(r.port.ends[0] == reason::custom("first"));
  CHECK(r.port.lefts == 2);
}

TEST_CASE("different ends of one shutdown are reported apart, equal ones together") {
  rig r;
  std::vector<std::uint64_t> all;
  for (int i = 0; i < 10; ++i)
    all.push_back(r.child(some(restart_type::temporary)));
  r.core.stop(reason::shutdown(), r.now);
  r.port.reports.clear();
  for (std::size_t i = 0; i < all.size(); ++i)
    r.gone(all[i], i < 3 ? reason::shutdown() : i < 5 ? reason::custom("x") : reason::custom("y"));
  CHECK(r.port.reports
        == std::vector<std::pair<report::kind, std::size_t>>{{report::kind::shutdown_error, 2},
                                                             {report::kind::shutdown_error, 5}});
}

TEST_CASE("what a child of a nursery does before its launch is known") {
  auto spec = std::make_shared<child_spec>(some(restart_type::temporary));
  auto adopt = [&](rig& r) {
    REQUIRE(r.budget.try_take());
    r.core.adopt(77, spec, r.now);
  };
  SUBCASE("it starts first") {
    rig r;
    adopt(r);
    r.core.started(77, {}, r.now);
    r.core.adopted(77, 5);
    CHECK(r.core.find(5)->is == child_phase::running);
    CHECK(r.core.count() == child_counts{1, 1, 0, 1});
  }
  SUBCASE("it ends first") {
    rig r;
    adopt(r);
    r.core.gone(77, child_gone::stage::starting, reason::custom("x"), r.now);
    r.core.adopted(77, 5);
    CHECK(r.core.size() == 0);
    CHECK(r.budget.used() == 0);
  }
  SUBCASE("its supervisor stops first: it is told when it is known") {
    rig r;
    adopt(r);
    r.core.stop(reason::shutdown(), r.now);
    CHECK(r.port.signals.empty());
    CHECK(r.port.ends.empty());
    r.core.adopted(77, 5);
    REQUIRE(r.port.signals.size() == 1);
    CHECK(r.port.signals[0].first == 5);
    r.core.gone(77, child_gone::stage::starting, reason::shutdown(), r.now);
    CHECK(r.port.ends.size() == 1);
  }
  SUBCASE("its supervisor stops first and it is never born") {
    rig r;
    adopt(r);
    r.core.stop(reason::shutdown(), r.now);
    r.core.adoption_failed(77);
    CHECK(r.port.ends.size() == 1);
  }
  SUBCASE("it is announced when everything is being stopped") {
    rig r;
    r.child(some());
    r.core.stop(reason::shutdown(), r.now);
    adopt(r);
    r.core.adopted(77, 5);
    CHECK(r.port.signals.back().first == 5);
  }
}

TEST_CASE("a killed child that is in no handler is given more time before it is a zombie") {
  rig r;
  r.port.busy = false;
  auto s = some(restart_type::temporary, shutdown_policy::brutal_kill());
  s.kill_grace = 100ms;
  auto id = r.child(s);
  r.core.terminate(id, 9, r.now);
  for (int i = 0; i < dynamic_core::graces_max; ++i)
    r.advance(100ms);
  CHECK(r.port.fenced.empty());
  r.advance(100ms);
  CHECK(r.port.fenced.size() == 1);
  CHECK(r.port.changed.at(9));
  CHECK(r.core.zombies().size() == 1);
  CHECK(r.port.zombies == 1);
}

TEST_CASE("the zombie policies wait and abort") {
  for (auto policy : {zombie_policy::wait, zombie_policy::abort}) {
    rig r;
    auto s = some(restart_type::permanent, shutdown_policy::brutal_kill());
    s.zombie = policy;
    auto id = r.child(s);
    r.core.terminate(id, 9, r.now);
    r.advance(60s);
    CHECK(r.port.aborts == (policy == zombie_policy::abort ? 1 : 0));
    CHECK(r.port.fenced.empty());
    CHECK_FALSE(r.port.changed.contains(9));
    r.gone(id, reason::killed());
    CHECK(r.port.changed.at(9));
  }
}

TEST_CASE("a failed restart is tried again by a message, and each attempt costs one unit") {
  rig r{{.flags = {.intensity = 3}}};
  auto id = r.child(some());
  r.port.launch_fails = true;
  r.gone(id, reason::custom("x"));
  for (int i = 0; i < 2; ++i) {
    REQUIRE(r.port.retries.size() == static_cast<std::size_t>(i) + 1);
    CHECK(r.port.waiting.size() == 1);
    r.core.retry(r.port.retries.back(), r.now);
  }
  CHECK(r.port.ends.empty());
  r.core.retry(r.port.retries.back(), r.now);
  CHECK(r.port.launches == 4);
  CHECK(r.port.restarts == 4);
  CHECK(r.port.waiting.empty());
  REQUIRE(r.port.ends.size() == 1);
  CHECK(r.port.ends[0] == reason::shutdown());
}

TEST_CASE("a child is found by its last pid until it runs again") {
  rig r;
  auto old = r.child(some());
  r.gone(old, reason::custom("x"));
  auto next = 1000 + r.port.last_ref;
  CHECK(r.core.find(old) == r.core.find(next));
  r.core.started(r.port.last_ref, {}, r.now);
  CHECK(r.core.find(old) == nullptr);
  CHECK(r.core.find(next)->incarnation == 2);
}
