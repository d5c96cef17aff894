// A tree of a thousand workers on the real scheduler, while somebody kills whatever it finds in it.
// BEAMLINE_SOAK_SECONDS says for how long (3 by default; `scripts/test --full` takes 120, with the sanitizers).

#include "actors/simple_node.hpp"
#include "supervision/board.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/supervisor.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <thread>

using namespace beamline;
using namespace beamline::supervision;

namespace {

constexpr int groups = 10;
constexpr int teams = 10;
constexpr int workers = 10;

struct crash {};
struct work {
  int rounds;
};
struct ping {};

/// Keeps some memory of its own, a timer, a call under way to itself and a watch on its parent, so that there is
/// something to leak.
class worker final : public process {
public:
  using process::process;
  behavior init() override {
    watch(parent(), [](const reason&) {});
    beat();
    return handlers([](const crash&) { throw std::runtime_error{"as ordered"}; },
                    [this](const work& w) {
                      for (int i = 0; i < w.rounds; ++i)
                        memory_.push_back(static_cast<int>(memory_.size()) ^ i);
                      memory_.resize(std::min<std::size_t>(memory_.size(), 4096));
                    },
                    [](const ping&) { return true; });
  }

private:
  void beat() {
    call<bool>(self(), ping{}, 1s).then([](bool) {}, [](const call_error&) {});
    run_after(20ms, [this] { beat(); });
  }

  std::vector<int> memory_;
};

// Kills come much faster than any budget that means something would allow.
supervisor_flags patient(strategy s) { return {.strategy = s, .intensity = intensity_max, .period = 1s}; }

strategy some_strategy(int n) {
  return std::array{strategy::one_for_one, strategy::rest_for_one,
                    strategy::one_for_all}[static_cast<std::size_t>(n) % 3];
}

supervisor_spec tree() {
  supervisor_spec top{.flags = patient(strategy::one_for_one)};
  for (int g = 0; g < groups; ++g) {
    supervisor_spec group{.flags = patient(some_strategy(g))};
    for (int t = 0; t < teams; ++t) {
      supervisor_spec team{.flags = patient(some_strategy(t))};
      for (int w = 0; w < workers; ++w)
        team.children.push_back(child<worker>(std::to_string(w)));
      group.children.push_back(child_supervisor(std::to_string(t), team));
    }
    top.children.push_back(child_supervisor(std::to_string(g), group));
  }
  return top;
}

std::size_t workers_alive(node& n) {
  std::size_t alive = 0;
  for (const auto& p : n.processes().list(time_point{}))
    alive += p.kind.find("worker") != std::string::npos ? 1 : 0;
  return alive;
}

duration soak_time() {
  const char* text = std::getenv("BEAMLINE_SOAK_SECONDS");
  return std::chrono::seconds{text == nullptr ? 3 : std::atoi(text)};
}

}  // namespace

TEST_CASE("a tree of a thousand workers is whole again after random kills") {
  simple_node n{"soak@127.0.0.1", log_level::critical};
  board_registry boards;
  n->env().provide(boards);
  auto top = n->spawn<supervisor>(tree());
  auto all = static_cast<std::size_t>(groups * teams * workers);
  auto is_whole_within = [&](duration limit) {
    for (auto end = n.time().now() + limit; n.time().now() < end; std::this_thread::yield())
      if (workers_alive(n.get()) == all)
        return true;
    return false;
  };
  REQUIRE(is_whole_within(30s));

  seeded_random chance{20261121};
  std::uint64_t blows = 0;
  for (auto end = n.time().now() + soak_time(); n.time().now() < end;) {
    auto ids = n->processes().ids();
    if (ids.size() < all / 2)
      continue;  // Faster than it can be mended: there would soon be nothing left to kill.
    auto victim = pid{n->identity(), ids[chance.below(ids.size())]};
    if (victim == top)
      continue;
    ++blows;
    switch (chance.below(4)) {
      case 0: n->exit(victim, reason::kill()); break;
      case 1: n->exit(victim, reason::custom("an accident")); break;
      case 2: n->cast(victim, crash{}); break;
      default: n->cast(victim, work{1000}); break;
    }
    if (blows % 64 == 0) {  // The tree can be read meanwhile, and its top answers.
      CHECK(n->processes().list(n.time().now()).size() > 1);
      CHECK(n->call_sync<child_counts>(top, count_children{}, 30s).index() == 0);
    }
  }
  MESSAGE("blows: " << blows);
  CHECK(blows > 100);

  CHECK(is_whole_within(60s));
  auto counts = std::get<child_counts>(n->call_sync<child_counts>(top, count_children{}, 30s));
  CHECK(counts == child_counts{.specs = groups, .active = groups, .supervisors = groups, .workers = 0});
  auto report = n->shutdown(60s);
  CHECK(report.is_clean());
  CHECK(n->processes().count() == 0);
  CHECK(boards.all().empty());
}
