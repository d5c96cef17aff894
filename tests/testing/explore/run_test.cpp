#include "testing/explore/run.hpp"

#include "testing/explore/shop.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

using namespace beamline;
using namespace beamline::testing;

namespace {

plan quick(std::uint64_t seed = 1) {
  plan p;
  p.seed = seed;
  p.horizon = 200ms;
  p.settle = 500ms;
  return p;
}

run_result run(shop::options o, const plan& p, const run_options& how = {}) {
  shop::shop_scenario s{o};
  return run_plan(s, p, how);
}

fault read(std::string_view line) { return *parse_fault(line); }

/// Breaks in the handler of its 3rd order.
class breaks_at_third final : public checker {
public:
  breaks_at_third() : checker{"fewer than three"} {}
  void on_start(simulated_node& n) override {
    handles_.push_back(n.events().attach<shop::accepted>([this, &n](const shop::accepted&) {
      if (++seen == 3)
        at = n.world().elapsed();
      if (seen >= 3)
        fail("there was a third one");
    }));
  }
  int seen = 0;
  duration at{};

private:
  std::vector<telemetry::handle> handles_;
};

class broken_shop final : public shop::shop_scenario {
public:
  void add_checkers(cluster& c) override { third = &c.check<breaks_at_third>(); }
  breaks_at_third* third = nullptr;
};

/// Throws where it is told to.
class throwing_shop final : public shop::shop_scenario {
public:
  explicit throwing_shop(std::string where) : where_{std::move(where)} {}
  void boot(simulated_node& n) override {
    if (where_ == "boot")
      throw std::runtime_error{"no boot"};
    shop_scenario::boot(n);
  }
  void add_checkers(cluster&) override {
    if (where_ == "checkers")
      throw std::runtime_error{"no checkers"};
  }
  void stop_load(cluster& c) override {
    if (where_ == "stop")
      throw 5;
    shop_scenario::stop_load(c);
  }
  bool is_settled(cluster&, std::string&) override {
    if (where_ == "settled")
      throw std::runtime_error{"no end"};
    return true;
  }

private:
  std::string where_;
};

struct ball {};
class player final : public process {
public:
  player(process_context& c, pid other) : process{c}, other_{std::move(other)} {}
  behavior init() override {
    return handlers(
        [this](const pid& other) {
          other_ = other;
          cast(other_, ball{});
        },
        [this](const ball&) { cast(other_, ball{}); });
  }

private:
  pid other_;
};

class endless final : public scenario {
public:
  void boot(simulated_node& n) override {
    auto a = n.spawn<player>(pid{});
    n.cast(a, n.spawn<player>(a));
  }
};

}  // namespace

TEST_CASE("a run without a bug breaks nothing, faults or not") {
  auto p = quick();
  CHECK_FALSE(run({}, p).broken);
  p.faults = {read("crash a@sim at 50ms for 20ms"), read("power_loss b@sim at 199ms for 10s"),
              read("pause a@sim at 90ms for 30ms")};
  auto r = run({}, p);
  CHECK_MESSAGE(!r.broken, (r.broken ? r.broken->evidence : ""));
  CHECK(r.seen.at("crash") == 1);
  CHECK(r.seen.at("power_loss") == 1);
  CHECK(r.took > 200ms);
  CHECK(r.steps > 100);
}

TEST_CASE("the hash of a run is the same however it is looked at, and another for another seed") {
  auto p = quick(7);
  p.faults = {read("crash a@sim 100us after shop.accepted #3 for 20ms"), read("pause b@sim at 90ms for 30ms")};
  auto plain = run({}, p);
  for (const auto& how : {run_options{.is_recorded = true}, run_options{.has_timeline = true},
                          run_options{.counted = {"shop.written"}, .is_recorded = true, .has_timeline = true}}) {
    auto r = run({}, p, how);
    CHECK(r.hash == plain.hash);
    CHECK(r.steps == plain.steps);
    CHECK(r.took == plain.took);
  }
  p.seed = 8;
  CHECK(run({}, p).hash != plain.hash);
}

TEST_CASE("recorded choices replay an order that chance made") {
  auto p = quick(3);
  auto chance = run({.has_clerks = true}, p, {.is_recorded = true});
  CHECK(!chance.choices.empty());
  p.weather.choice = schedule::fifo;
  CHECK(run({.has_clerks = true}, p).hash != chance.hash);
  p.script = chance.choices;
  CHECK(run({.has_clerks = true}, p).hash == chance.hash);
}

TEST_CASE("a run ends in the step in which an invariant is broken") {
  broken_shop s;
  auto r = run_plan(s, quick());
  REQUIRE(r.broken);
  CHECK(r.broken->invariant == "fewer than three");
  CHECK(r.broken->evidence == "there was a third one");
  CHECK(r.broken_at == r.took);
  // Steps cost at most 20 us.
  CHECK(r.took < 100ms);
}

TEST_CASE("an order that was accepted before it was written is lost by a crash in between") {
  auto p = quick();
  p.faults = {read("crash a@sim 100us after shop.accepted #4 for 20ms")};
  auto r = run({.accepts_before_writing = true}, p);
  REQUIRE(r.broken);
  CHECK(r.broken->invariant == "orders are kept");
  CHECK(r.broken->evidence.ends_with("was accepted and is not written anywhere"));
  CHECK_FALSE(run({}, p).broken);
}

TEST_CASE("what does not come to rest in time is not settled, with what the scenario says is missing") {
  auto r = run({.forgets_to_stop = true}, quick());
  REQUIRE(r.broken);
  CHECK(r.broken->invariant == invariants::settles);
  CHECK(r.broken->evidence.starts_with("orders still come in, the last one is "));
  CHECK(r.broken->evidence.ends_with(", 500ms after the last fault"));
  CHECK(r.broken_at >= 700ms);
}

TEST_CASE("a process that is still there when its node was stopped in order is a violation, by its name") {
  auto r = run({.has_stubborn = true}, quick());
  REQUIRE(r.broken);
  CHECK(r.broken->invariant == invariants::all_gone);
  CHECK(r.broken->evidence.starts_with("a@sim was told to stop; had to be killed: stubborn <"));
}

TEST_CASE("what breaks in the last stop of a run counts, too") {
  class breaks_at_stop final : public checker {
  public:
    breaks_at_stop() : checker{"nobody stops"} {}
    void on_end(simulated_node& n, node_end how) override {
      if (how == node_end::stop && n.name() == "b@sim")
        fail(n.name());
    }
  };
  class stopping_shop final : public shop::shop_scenario {
  public:
    void add_checkers(cluster& c) override { c.check<breaks_at_stop>(); }
  } s;
  auto r = run_plan(s, quick());
  REQUIRE(r.broken);
  CHECK(r.broken->invariant == "nobody stops");
}

TEST_CASE("what the scenario throws is a violation of \"no exception\", wherever it throws") {
  for (auto [where, what] :
       {std::pair{"boot", "no boot"}, std::pair{"checkers", "no checkers"},
        std::pair{"stop", "something that is no std::exception"}, std::pair{"settled", "no end"}}) {
    throwing_shop s{where};
    auto r = run_plan(s, quick());
    REQUIRE(r.broken);
    CHECK(r.broken->invariant == invariants::no_exception);
    CHECK(r.broken->evidence == what);
  }
}

TEST_CASE("a plan whose faults name nodes that there are not is refused before anything runs") {
  auto p = quick();
  p.faults = {read("crash a@sim at 1ms"), read("crash d@sim at 50ms for 20ms")};
  auto r = run({}, p);
  REQUIRE(r.broken);
  CHECK(r.broken->invariant == invariants::plan_fits);
  CHECK(r.broken->evidence == "\"crash d@sim at 50ms for 20ms\" needs a node of a@sim, b@sim");
  CHECK(r.steps == 0);
  p.faults = {read("reset a@sim | d@sim at 50ms")};
  CHECK(run({}, p).broken->evidence == "\"reset a@sim | d@sim at 50ms\" needs two nodes of a@sim, b@sim");
}

TEST_CASE("an exchange that takes no time is ended by its number of steps") {
  endless s;
  auto p = quick();
  p.weather.step_cost = {0ns, 0ns};
  auto r = run_plan(s, p, {.steps_max = 1000});
  REQUIRE(r.broken);
  CHECK(r.broken->invariant == invariants::comes_to_an_end);
  CHECK(r.broken->evidence == "still running after 1000 steps");
  CHECK(r.steps == 1001);
}

TEST_CASE("a run may be stopped early, to look at the story so far") {
  for (auto until : std::vector<duration>{0ns, 50ms, 230ms}) {
    auto r = run({.forgets_to_stop = true}, quick(), {.has_timeline = true, .until = until});
    CHECK_FALSE(r.broken);
    CHECK(r.took >= until);
    CHECK(r.took < until + 100us);
    REQUIRE(!r.timeline.empty());
    CHECK(r.timeline.back().at - time_point{} <= r.took);
  }
}

TEST_CASE("what is to be counted is counted, and nothing else but the faults that struck") {
  auto p = quick();
  p.faults = {read("pause a@sim at 50ms for 20ms"), read("pause a@sim at 5s for 20ms")};
  auto r = run({}, p, {.counted = {"shop.written", "shop.never"}});
  CHECK(r.seen.size() == 2);
  CHECK(r.seen.at("pause") == 1);
  CHECK(r.seen.at("shop.written") > 50);
}

TEST_CASE("the story tells of nodes, messages with their content, events with their fields, and faults") {
  auto p = quick();
  p.faults = {read("crash b@sim at 50ms for 20ms"), read("power_loss b@sim at 100ms for 20ms")};
  auto r = run({.has_hasty_adders = true}, p, {.has_timeline = true});
  auto has = [&](std::string_view node, std::string_view who, std::string_view text) {
    return std::any_of(r.timeline.begin(), r.timeline.end(), [&](const timeline_entry& e) {
      return e.node == node && e.who.starts_with(who) && e.text == text;
    });
  };
  CHECK(has("a@sim", "", "starts, incarnation 1"));
  CHECK(has("b@sim", "", "starts, incarnation 4"));
  CHECK(has("b@sim", "", "crashes"));
  CHECK(has("b@sim", "", "loses power"));
  CHECK(has("a@sim", "", "is told to stop"));
  CHECK(has("b@sim", "", "FAULT crash b@sim at 50ms for 20ms"));
  CHECK(has("", "", "HORIZON: faults and load end, everything is healed and started"));
  CHECK(has("a@sim", "till <", "starts"));
  CHECK(has("a@sim", "till <", "a timer is due"));
  CHECK(has("a@sim", "tally <", "is called shop.get{}"));
  CHECK(has("a@sim", "tally <", "handles shop.put{value: 1}"));
  CHECK(has("a@sim", "adder <", "gets the reply 0"));
  CHECK(std::any_of(r.timeline.begin(), r.timeline.end(), [](const timeline_entry& e) {
    return e.text.starts_with("* process.started id=<0.1> kind=shop::till name=till incarnation=");
  }));
  CHECK((has("a@sim", "", "* shop.accepted order=1") || has("b@sim", "", "* shop.accepted order=1")));
  CHECK(std::is_sorted(r.timeline.begin(), r.timeline.end(),
                       [](const timeline_entry& a, const timeline_entry& b) { return a.at < b.at; }));
}

TEST_CASE("of a long story the last lines are kept") {
  auto all = run({}, quick(), {.has_timeline = true}).timeline;
  auto last = run({}, quick(), {.has_timeline = true, .timeline_max = 10}).timeline;
  REQUIRE(all.size() > 100);
  CHECK(last == std::vector<timeline_entry>{all.end() - 10, all.end()});
}
