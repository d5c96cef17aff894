#include "testing/check/call_outcomes.hpp"

#include "actors/process.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct ask {};
struct ask_many {
  std::vector<pid> whom;
};
struct idle {};

/// Answers sometimes at once, sometimes later, sometimes never, and sometimes dies of it.
class moody final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const ask&) -> deferred {
      auto p = promise<int>();
      auto mood = env().random().below(5);
      if (mood == 0)
        kept_.push_back(p);
      else if (mood == 1)
        stop(reason::crashed("enough"));
      else if (mood == 2)
        run_after(2ms, [p] { p.set(1); });
      else
        p.set(1);
      return p;
    });
  }

private:
  std::vector<reply_promise<int>> kept_;
};

class asker final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers(
        [this](const ask_many& m) {
          for (const auto& p : m.whom)
            call<int>(p, ask{}, 1ms + duration{static_cast<std::int64_t>(env().random().below(3'000'000))})
                .then([](int) {}, [](const call_error&) {});
        },
        [](const idle&) {});
  }
};

struct bench {
  call_outcomes c;
  world w;
  explicit bench(world_options o = {}) : w{std::move(o)} { w.add_observer(c); }
  [[nodiscard]] std::string found() const { return c.broken() ? c.broken()->evidence : ""; }
};

}  // namespace

TEST_CASE("calls of a real node have one outcome each, in time, whatever happens") {
  for (auto choice : {schedule::uniform, schedule::pct})
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      bench b{{.seed = seed, .weather = {.choice = choice, .hold_ppm = 100'000}}};
      auto& n = b.w.start_node();
      std::vector<pid> all;
      for (int i = 0; i < 5; ++i)
        all.push_back(n.spawn<moody>());
      all.push_back(pid{n.env().self(), "nobody"});
      all.push_back(pid{std::make_shared<node_identity>(node_identity{"else@sim", 1}), 5});
      auto a = n.spawn<asker>();
      auto doomed = n.spawn<asker>();
      for (int i = 0; i < 10; ++i) {
        n.cast(a, ask_many{all});
        n.cast(doomed, ask_many{all});
        b.w.pass(500us);
      }
      n.kill(doomed);
      b.w.pass(300us);
      b.w.pause_node(n, 5ms);
      b.w.advance(1s);
      b.c.at_end(b.w);
      REQUIRE(b.found() == "");
      REQUIRE(b.c.open() == 0);
    }
}

TEST_CASE("a second outcome is caught, and one that nobody asked for") {
  bench b;
  auto& n = b.w.start_node();
  n.events().emit(call_started{7, 1, "<one@sim.8>", "ask", 1s});
  n.events().emit(call_done{7, 1, "ok", 1ms});
  CHECK(b.found() == "");
  SUBCASE("second") { n.events().emit(call_done{7, 1, "timeout", 1s}); }
  SUBCASE("unasked") { n.events().emit(call_done{7, 2, "timeout", 1s}); }
  CHECK(b.found().find("which is not open") != std::string::npos);
}

TEST_CASE("an outcome for a caller that has ended is caught") {
  bench b;
  auto& n = b.w.start_node();
  n.events().emit(call_started{7, 1, "<one@sim.8>", "ask", 1s});
  n.events().emit(process_ended{7, "asker", "normal"});
  CHECK(b.c.open() == 0);
  n.events().emit(call_done{7, 1, "ok", 1ms});
  CHECK(b.found().find("<one@sim.7> at 1us: the outcome ok for call 1") != std::string::npos);
}

TEST_CASE("a call that outlives its deadline is caught while its caller goes on") {
  bench b;
  auto& n = b.w.start_node();
  auto p = n.spawn<asker>();
  b.w.run();
  n.events().emit(call_started{p.id(), 1, "<one@sim.8>", "ask", 10ms});
  n.cast(p, idle{});
  b.w.run();
  CHECK(b.found() == "");
  b.w.advance(11ms);
  CHECK(b.found() == "");  // It has not run since.
  for (int i = 0; i < 3; ++i)
    n.cast(p, idle{});
  b.w.run();
  CHECK(b.found() == "");  // The signal may have been the last of the three.
  n.cast(p, idle{});
  b.w.run();
  CHECK(b.found().find("has no outcome yet, although its time-out must have been handled by now") != std::string::npos);
}

TEST_CASE("a call without an outcome is caught at the end, and not before it is due") {
  bench b;
  auto& n = b.w.start_node();
  auto p = n.spawn<asker>();
  b.w.run();
  n.events().emit(call_started{p.id(), 1, "<one@sim.8>", "app::ask", 10ms});
  b.c.at_end(b.w);
  CHECK(b.found() == "");
  b.w.advance(1s);
  b.c.at_end(b.w);
  CHECK(b.found().find(", app::ask to <one@sim.8>, due at ") != std::string::npos);
  CHECK(b.found().find("has no outcome at the end") != std::string::npos);
}

TEST_CASE("a node that ends takes its calls along") {
  bench b;
  auto& n = b.w.start_node();
  n.events().emit(call_started{7, 1, "<one@sim.8>", "ask", 1ms});
  b.w.crash_node(n);
  CHECK(b.c.open() == 0);
}
