#include "testing/explore/report.hpp"

#include "actors/process_text.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace beamline;
using namespace beamline::testing;

namespace {

timeline_entry line(duration at, std::string node, std::string who, std::string text) {
  return {time_point{} + at, std::move(node), std::move(who), std::move(text)};
}

failure small_failure() {
  failure f;
  f.campaign = "exactly-once";
  f.seeds = 23;
  f.found.seed = 23;
  f.found.faults.resize(12);
  f.outcome.broken = violation{"exactly-once", "slug hello was applied twice"};
  f.outcome.broken_at = 412'337us;
  f.shrunk.smallest.seed = 23;
  f.shrunk.smallest.weather.choice = schedule::fifo;
  f.shrunk.smallest.faults = {*parse_fault("power_loss a@sim 3us after outbox.accepted #3 for 600ms")};
  f.shrunk.outcome = f.outcome;
  f.shrunk.runs = 31;
  f.story = {line(411'203us, "a@sim", "outbox <12.1>", "handles outbox.accept{item: 3}"),
             line(411'203us, "a@sim", "", "* outbox.accepted item=3"), line(1'411'206us, "", "", "HORIZON")};
  f.again = "tests/test_sim --seed 23";
  return f;
}

}  // namespace

TEST_CASE("a failure reads as a page: what, evidence, plan, story, how to see it again") {
  CHECK(failure_text(small_failure())
        == R"page(explore "exactly-once": seed 23 breaks "exactly-once" after 0.412337s, the first to fail of 23 seeds

  slug hello was applied twice

shrunk from 12 faults to 1 in 31 runs. The climate of the seed was
  schedule uniform
  step 1us..20us latency 200us..3ms commit 100us..5ms
  suspend 50000ppm up to 100us, reset 0ppm, skew 0s
The plan, for replay(R"(...)") or a file for --plan:
  seed 23
  horizon 2s settle 3s
  schedule fifo
  step 1us..20us latency 200us..3ms commit 100us..5ms
  suspend 50000ppm up to 100us, reset 0ppm, skew 0s
  fault power_loss a@sim 3us after outbox.accepted #3 for 600ms

The end of its story (3 lines of 3):
  0.411203s  a@sim  outbox <12.1>  handles outbox.accept{item: 3}
  0.411203s  a@sim                 * outbox.accepted item=3
  1.411206s                        HORIZON

Again: tests/test_sim --seed 23
)page");
}

TEST_CASE("a failure that was not shrunk shows the plan as it was") {
  auto f = small_failure();
  f.found.faults = {*parse_fault("pause a@sim at 1s for 2s"), *parse_fault("reset a@sim | b@sim at 2s")};
  f.shrunk = {};
  auto text = failure_text(f);
  CHECK(text.find("\nThe plan:\n  seed 23\n") != std::string::npos);
  CHECK(text.find("  fault reset a@sim | b@sim at 2s\n") != std::string::npos);
  CHECK(text.find("shrunk") == std::string::npos);
}

TEST_CASE("an order that was reduced to some choices is counted") {
  auto f = small_failure();
  f.shrunk.smallest.script = schedule_script{{17, 2}};
  CHECK(failure_text(f).find("to 1 in 31 runs, and the order of steps to 1 choice. The climate") != std::string::npos);
}

TEST_CASE("only the last lines of a story are shown, and none is longer than a screen") {
  std::vector<timeline_entry> story;
  for (int i = 0; i < 100; ++i)
    story.push_back(line(i * 1ms, "a_node_with_a_very_long_name@sim", std::string(50, 'w'), std::string(300, 'x')));
  std::istringstream lines{story_text(story, 7)};
  std::string one;
  int n = 0;
  while (std::getline(lines, one)) {
    CHECK(columns(one) <= story_columns_max + 2);
    CHECK(one.ends_with("..."));
    ++n;
  }
  CHECK(n == 7);
  CHECK(story_text(story, 7).starts_with("  0.093000s"));
  CHECK(story_text({}, 7).empty());
}

TEST_CASE("moments are written as --until takes them") {
  CHECK(moment_text(0ns) == "0.000000s");
  CHECK(moment_text(1'500ns) == "0.000001s");
  CHECK(moment_text(1203ms) == "1.203000s");
  CHECK(moment_text(61s + 1us) == "61.000001s");
}

TEST_CASE("two stories are compared up to the line where they part") {
  std::vector<timeline_entry> once, again;
  for (int i = 0; i < 10; ++i)
    once.push_back(line(i * 1ms, "a@sim", "p <1>", "step " + std::to_string(i)));
  again = once;
  CHECK(first_difference(once, again).empty());
  again[8].text = "something else";
  CHECK(first_difference(once, again) == R"(They part after 8 equal lines:
  0.003000s  a@sim  p <1>  step 3
  0.004000s  a@sim  p <1>  step 4
  0.005000s  a@sim  p <1>  step 5
  0.006000s  a@sim  p <1>  step 6
  0.007000s  a@sim  p <1>  step 7
once:
  0.008000s  a@sim  p <1>  step 8
again:
  0.008000s  a@sim  p <1>  something else
)");
  again.resize(8);
  CHECK(first_difference(once, again).ends_with("again:\n  (the end)\n"));
}
