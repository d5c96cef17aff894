#include "testing/check/bounds.hpp"

#include "actors/process.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct tick {};
struct arm {};

class clockwork final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([](const tick&) {},
                    [this](const arm&) {
                      for (int i = 0; i < 30; ++i)
                        run_after(1h, [] {});
                    });
  }
};

struct bench {
  bounds c{{.processes_max = 10, .mailbox_max = 10, .pending_max = 20, .events_max = 50, .every = 10}};
  world w;
  bench() { w.add_observer(c); }
  [[nodiscard]] std::string found() const { return c.broken() ? c.broken()->evidence : ""; }
};

}  // namespace

TEST_CASE("what stays within its bounds is fine") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  auto p = n.spawn<clockwork>();
  for (int i = 0; i < 100; ++i) {
    n.cast(p, tick{});
    b.w.run();
  }
  b.c.at_end(b.w);
  CHECK(b.found() == "");
}

TEST_CASE("too many processes are caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  for (int i = 0; i < 12; ++i)
    n.spawn<clockwork>();
  b.w.run();
  CHECK(b.found().starts_with("a@sim at "));
  CHECK(b.found().ends_with(": 12 processes, at most 10 are expected (I41)"));
}

TEST_CASE("a mailbox that fills up is caught, and its process named") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  auto p = n.get().spawn_as<clockwork>({.name = "clock"});
  for (int i = 0; i < 40; ++i)
    n.cast(p, tick{});
  b.w.run();
  CHECK(b.found().find(" messages in the mailbox of (anonymous namespace)::clockwork \"clock\" <a@sim.")
        != std::string::npos);
}

TEST_CASE("timers that are never cancelled are caught") {
  bench b;
  auto& n = b.w.start_node("a@sim");
  SUBCASE("of one process") {
    n.cast(n.spawn<clockwork>(), arm{});
    b.w.run();
    b.c.at_end(b.w);
    CHECK(b.found().find(": 30 timers, calls and watches of (anonymous namespace)::clockwork <a@sim.")
          != std::string::npos);
  }
  SUBCASE("of a node") {
    auto one = n.spawn<clockwork>();
    n.cast(one, arm{});
    n.cast(n.spawn<clockwork>(), arm{});
    b.w.run();
    b.c.at_end(b.w);
    CHECK(b.found().find(": 60 timers and events that are still to come, at most 50") != std::string::npos);
  }
}

TEST_CASE("a program adds its own") {
  bench b;
  std::uint64_t queue = 3;
  b.c.also("events in the outbox", 5, [&](simulated_node&) { return queue; });
  b.w.start_node("a@sim");
  b.c.at_end(b.w);
  CHECK(b.found() == "");
  queue = 6;
  b.c.at_end(b.w);
  CHECK(b.found() == "a@sim at 1us: 6 events in the outbox, at most 5 are expected (I41)");
}
