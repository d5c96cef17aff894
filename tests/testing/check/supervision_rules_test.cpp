#include "testing/check/supervision_rules.hpp"

#include "base/planted.hpp"
#include "net/events.hpp"
#include "supervision/board.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/workers.hpp"
#include "testing/check/default_checkers.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::testing;
namespace workers = beamline::supervision::workers;

namespace {

struct bench {
  supervision_rules c;
  world w;
  explicit bench(std::uint64_t seed = 1) : w{seed} { w.add_observer(c); }

  pid start(simulated_node& n, strategy how) {
    n.env().provide(n.own<board_registry>());
    auto worker = [](const char* id) { return child<workers::w>(id, workers::journal{}, id); };
    return n.get().spawn_as<supervisor>({.label = "top"},
                                        supervisor_spec{.flags = {.strategy = how, .intensity = 3},
                                                        .children = {worker("a"), worker("b"), worker("c")}});
  }
  void kill(simulated_node& n, std::string_view label) {
    for (const auto& p : n.processes().list(w.now()))
      if (p.label == label)
        n.kill(pid{n.get().identity(), p.id});
  }
  [[nodiscard]] std::string at_end() {
    c.at_end(w);
    return c.broken() ? c.broken()->evidence : "";
  }
};

}  // namespace

TEST_CASE("a real supervisor keeps the rules, killed to its end") {
  for (auto how : {strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one})
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      CAPTURE(seed);
      bench b{seed};
      auto& n = b.w.start_node();
      auto top = b.start(n, how);
      b.w.advance(1ms);
      seeded_random chance{seed};
      for (int i = 0; i < 6; ++i) {
        b.kill(n, std::string(1, static_cast<char>('a' + chance.below(3))));
        b.w.pass(duration{static_cast<std::int64_t>(chance.below(200'000))});
      }
      b.w.advance(1s);
      REQUIRE(b.at_end() == "");
    }
}

TEST_CASE("a start that nobody ordered is caught") {
  bench b;
  auto& n = b.w.start_node();
  auto top = b.start(n, strategy::one_for_one);
  b.w.advance(1ms);
  n.get().spawn_as<workers::w>({.parent = top.id(), .label = "b"}, workers::journal{}, "b");
  CHECK(b.at_end().find("\"top\" <one@sim.") != std::string::npos);
  CHECK(b.at_end().find("starts \"b\" while another life of it is there (M4)") != std::string::npos);
}

TEST_CASE("a lost restart is caught at the end, when no board explains it") {
  bench b;
  auto& n = b.w.start_node();
  auto top = b.start(n, strategy::one_for_one);
  b.w.advance(1ms);
  report r;
  r.supervisor = top;
  r.supervisor_label = "top";
  r.id = "c";
  r.what = report::kind::child_terminated;
  r.why = reason::crashed("boom");
  n.events().emit(supervisor_reported{r});
  CHECK(b.at_end() == "");  // It may come yet.
  b.w.advance(2s);
  CHECK(b.at_end().find("has not started \"c\" again, which was due since 1.") != std::string::npos);
}

TEST_CASE("a real supervisor that forgets to try again is caught") {
  auto run = [](planted::bug b) {
    auto on = planted::scope{b};
    bench t;
    auto& n = t.w.start_node();
    n.env().provide(n.own<board_registry>());
    auto starts = std::make_shared<workers::script>();
    starts->answers["b"] = {workers::start_answer_of::ok, workers::start_answer_of::refuse};
    n.get().spawn_as<supervisor>({.label = "top"},
                                 supervisor_spec{.children = {workers::w_child("a"), workers::w3_child("b", starts)}});
    t.w.advance(1ms);
    t.kill(n, "b");
    t.w.advance(3s);
    return t.at_end();
  };
  CHECK(run(planted::bug::none) == "");
  CHECK(run(planted::bug::lost_retry).find("has not started \"b\" again") != std::string::npos);
}

TEST_CASE("children of an ended supervisor end, too, or are caught") {
  bench b;
  auto& n = b.w.start_node();
  auto top = b.start(n, strategy::one_for_one);
  b.w.advance(1ms);
  SUBCASE("they do") {
    n.kill(top);
    b.w.advance(1s);
    CHECK(b.at_end() == "");
  }
  SUBCASE("one stays") {
    struct plain final : process {
      using process::process;
      behavior init() override {
        return handlers([](const workers::finish&) {});
      }
    };
    n.events().emit(process_started{n.get().spawn<plain>().id(), "plain", "x", "", top.id(), 1, 9});
    n.kill(top);
    b.w.advance(2s);
    CHECK(b.at_end().find("\"x\" <one@sim.") != std::string::npos);
    CHECK(b.at_end().find("is still there, although its supervisor \"top\" <one@sim.") != std::string::npos);
  }
}

TEST_CASE("the default checkers watch a cluster from the first node on") {
  world w;
  cluster c{w, {"a@sim", "b@sim"}, [](simulated_node& n) {
              n.env().provide(n.own<board_registry>());
              n.get().spawn_as<supervisor>(
                  {.label = "top"}, supervisor_spec{.children = {child<workers::w>("a"), child<workers::w>("b")}});
            }};
  add_default_checkers(c);
  c.start();
  c.advance(10ms);
  CHECK(c.kill("a@sim", "b"));
  c.crash("b@sim");
  c.start("b@sim");
  c.advance(1s);
  c.stop("a@sim");
  c.verify();
  CHECK(c.broken() == nullptr);
  c["b@sim"].events().emit(net::link_changed{"a@sim", 1, "host", "down", "", 0});
  CHECK_THROWS_AS(c.advance(1ms), simulation_error);
}
