// In how many seeds is each planted bug found, which is the first, and how many faults are left after shrinking? Writes
// the table of found.md:
//
//   sim_survey [SEEDS] [JOBS] > tests/sim/found.md          1000 seeds on one thread by default

#include "sim/planted_bugs.hpp"

#include <fmt/format.h>

#include <cstdlib>

using namespace beamline;

namespace {

std::uint64_t number(int argc, char** argv, int place, std::uint64_t otherwise) {
  return argc > place ? std::strtoull(argv[place], nullptr, 10) : otherwise;
}

constexpr std::string_view head =
    R"(# What the simulator finds

Bugs planted on purpose, one at a time, in the code below the toy cluster of three nodes (looked for in tests/sim/toy), in
supervision (tests/sim/real), in what links nodes (tests/sim/links), in PubSub and presence (tests/sim/presence), and in the
outbox, the accumulator and what they stand on (tests/sim/outbox); {0} seeds each, faults drawn from the seed. Written by `sim_survey {0}`; nothing in it is edited by hand.

| bug | where | breaks | seeds of {0} | first | after shrinking |
|---|---|---|---|---|---|
)";

void survey(const planted_bug& b, std::uint64_t seeds, unsigned jobs) {
  with_planted(b, [&](testing::explorer e) {
    e.seeds(seeds).repeat_every(0).jobs(jobs);
    auto all = testing::explorer{e}.survey();
    auto found = all.broken.contains(std::string{b.invariant}) ? all.broken.at(std::string{b.invariant}) : 0;
    fmt::print("| {} | {} | {} | {} |", b.what, b.where, b.invariant, found);
    if (found == 0) {
      fmt::print(" - | - |\n");
    } else {
      auto one = testing::explorer{e}.expect_violation(std::string{b.invariant});
      auto faults = one.smallest ? one.smallest->faults.size() : 0;
      fmt::print(" {} | {} {} |\n", one.failing.front(), faults, faults == 1 ? "fault" : "faults");
    }
    std::fflush(stdout);
  });
}

}  // namespace

int main(int argc, char** argv) {
  auto seeds = number(argc, argv, 1, 1000);
  auto jobs = static_cast<unsigned>(number(argc, argv, 2, 1));
  fmt::print(head, seeds);
  for (const auto& b : planted_bugs())
    survey(b, seeds, jobs);
  std::size_t failing = 0;
  using enum planted_bug::scene;
  for (auto scene : {toy, house, links, gathering, outbox})
    failing += explore_scene(scene, "no bug").seeds(seeds).jobs(jobs).survey().failing.size();
  fmt::print("\nWithout a bug {} of {} seeds of all five break something.\n", failing, 5 * seeds);
  return failing == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
