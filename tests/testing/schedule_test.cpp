// What the strategies of the scheduler find, and what they do not (simulation note, section 10).

#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace beamline;
using testing::schedule;
using testing::world;
using testing::world_options;

namespace {

struct hop {
  int left;
};
struct act {};

/// Two of them pass a hop to and fro.
class chain final : public process {
public:
  chain(process_context& c, std::vector<pid>& all, std::size_t me, bool& is_over)
      : process{c}, all_{all}, me_{me}, is_over_{is_over} {}
  behavior init() override {
    return handlers([this](const hop& h) {
      if (h.left == 0)
        is_over_ = true;
      else
        cast(all_[1 - me_], hop{h.left - 1});
    });
  }

private:
  std::vector<pid>& all_;
  std::size_t me_;
  bool& is_over_;
};

/// Has one message to handle, all the while.
class bystander final : public process {
public:
  bystander(process_context& c, const bool& is_over, bool& was_starved)
      : process{c}, is_over_{is_over}, was_starved_{was_starved} {}
  behavior init() override {
    return handlers([this](const act&) { was_starved_ = is_over_; });
  }

private:
  const bool& is_over_;
  bool& was_starved_;
};

/// Whether one ready process waited until a chain of 24 steps was over.
bool is_starved(schedule how, std::uint64_t seed, std::uint64_t* hash = nullptr) {
  std::vector<pid> all;
  bool is_over = false, was_starved = false;
  world w{world_options{.seed = seed, .weather = {.choice = how, .pct_depth = 1, .hold_ppm = 0}}};
  auto& n = w.start_node();
  for (std::size_t i = 0; i < 2; ++i)
    all.push_back(n.spawn<chain>(all, i, is_over));
  auto waits = n.spawn<bystander>(is_over, was_starved);
  w.run();
  n.cast(waits, act{});
  n.cast(all[0], hop{24});
  w.run();
  if (hash != nullptr)
    *hash = w.trace_hash();
  return was_starved;
}

int starved_of(int seeds, schedule how) {
  int found = 0;
  for (int seed = 1; seed <= seeds; ++seed)
    found += is_starved(how, static_cast<std::uint64_t>(seed)) ? 1 : 0;
  return found;
}

}  // namespace

TEST_CASE("priorities find the starvation that even choice practically never shows") {
  CHECK(starved_of(200, schedule::fifo) == 0);
  CHECK(starved_of(200, schedule::uniform) == 0);
  CHECK(starved_of(200, schedule::pct) > 40);  // A third: it has the lowest of three priorities.
}

TEST_CASE("every strategy gives the same run for the same seed") {
  for (auto how : {schedule::fifo, schedule::uniform, schedule::pct}) {
    CAPTURE(static_cast<int>(how));
    std::set<std::uint64_t> hashes;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      std::uint64_t first = 0, second = 0;
      (void)is_starved(how, seed, &first);
      (void)is_starved(how, seed, &second);
      CHECK(first == second);
      hashes.insert(first);
    }
    CHECK(hashes.size() == 20);  // Step costs are drawn from the seed, too.
  }
}

TEST_CASE("recorded choices replayed as a script give the same run") {
  std::size_t deviations = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    auto run = [&](world_options o) {
      std::vector<pid> all;
      bool is_over = false, was_starved = false;
      world w{std::move(o)};
      auto& n = w.start_node();
      for (std::size_t i = 0; i < 2; ++i)
        all.push_back(n.spawn<chain>(all, i, is_over));
      auto waits = n.spawn<bystander>(is_over, was_starved);
      n.cast(waits, act{});
      n.cast(all[0], hop{24});
      w.run();
      return std::pair{w.trace_hash(), w.choices()};
    };
    auto recorded = run({.seed = seed, .weather = {.choice = schedule::uniform}, .is_recorded = true});
    deviations += recorded.second.size();
    auto replayed = run({.seed = seed, .weather = {.choice = schedule::uniform}, .script = recorded.second});
    CHECK(replayed.first == recorded.first);
  }
  CHECK(deviations > 30);
}
