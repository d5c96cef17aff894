#include "base/random.hpp"
#include "testing/faults/plan.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace beamline;
using namespace beamline::testing;

namespace {

plan read(std::string_view text) {
  auto p = parse_plan(text);
  REQUIRE_MESSAGE(p.ok(), text << "\n" << (p.ok() ? "" : p.error().message));
  return *p;
}

std::string refused(std::string_view text) {
  auto p = parse_plan(text);
  REQUIRE_MESSAGE(!p.ok(), text);
  CHECK(p.error().code == errc::invalid);
  return p.error().message;
}

}  // namespace

TEST_CASE("a plan is printed line by line, as a person would write it") {
  plan p;
  p.seed = 4711;
  p.weather.choice = schedule::pct;
  p.script = schedule_script{{17, 2}, {49, 1}};
  p.faults.push_back({.what = fault_kind::power_loss, .node = "a@sim", .lasts = 600ms, .at = 120ms});
  CHECK(to_string(p) == R"(seed 4711
horizon 2s settle 3s
schedule pct depth 3 of 4000
step 1us..20us latency 200us..3ms commit 100us..5ms
suspend 50000ppm up to 100us, reset 0ppm, skew 0s
script 17:2 49:1
fault power_loss a@sim at 120ms for 600ms
)");
}

TEST_CASE("thousands of generated plans are read back as they were") {
  const fault_menu menu{.nodes = {"a@sim", "b@sim", "c@sim"},
                        .killable = {"outbox", "the accumulator"},
                        .triggers = {"outbox.accepted", "store.commit"},
                        .kinds = {},
                        .faults_max = 4};
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    auto p = generate_plan(seed, menu);
    seeded_random random{seed};
    if (seed % 3 != 0) {
      p.script.emplace();
      for (auto n = random.below(40) * (seed % 3 - 1); n > 0; --n) {
        auto step = random.below(5000);
        auto choice = 1 + random.below(9);
        p.script->emplace(step, static_cast<std::uint32_t>(choice));
      }
    }
    auto back = parse_plan(to_string(p));
    REQUIRE_MESSAGE(back.ok(), to_string(p));
    REQUIRE(*back == p);
  }
}

TEST_CASE("what a plan does not mention keeps its default, and comments and blank lines do not count") {
  CHECK(read("") == plan{});
  CHECK(read("\n  # nothing\n\n#3 is a comment at the beginning of a line, too\n") == plan{});
  auto p = read("  seed 7, settle 1s   # a comment\r\nfault kill a@sim x after y #3 # the third\n");
  CHECK(p.seed == 7);
  CHECK(p.horizon == plan{}.horizon);
  CHECK(p.settle == 1s);
  REQUIRE(p.faults.size() == 1);
  CHECK(p.faults[0].nth == 3);
}

TEST_CASE("the faults of a plan are numbered in their order") {
  auto p = read("fault pause a@sim at 2s for 1s\nfault pause a@sim at 1s for 1s\n");
  REQUIRE(p.faults.size() == 2);
  CHECK(p.faults[0].id == 0);
  CHECK(p.faults[1].id == 1);
  CHECK(p.faults[1].at == 1s);
}

TEST_CASE("an empty script is a schedule without any choice, and may be spread over lines") {
  CHECK(read("script fifo").script == schedule_script{});
  CHECK_FALSE(read("seed 1").script.has_value());
  CHECK(read("script 1:2 3:4\nscript 5:6").script == schedule_script{{1, 2}, {3, 4}, {5, 6}});
}

TEST_CASE("an unreadable plan names line and column, what was found and what was expected") {
  CHECK(
      refused("seed 1\nseeds 3")
      == "2:1: found \"seeds\", expected seed, horizon, settle, schedule, step, latency, commit, suspend, reset, skew, "
         "script or fault");
  CHECK(refused("seed x") == "1:6: found \"x\", expected a number");
  CHECK(refused("seed 99999999999999999999") == "1:6: found \"99999999999999999999\", expected a number");
  CHECK(refused("seed 1 seed 2") == "1:8: found \"seed\", expected each setting once, and seed was there before");
  CHECK(refused("horizon -1s") == "1:9: found \"-1s\", expected a duration such as 3us or 1.25s, not negative");
  CHECK(refused("settle soon") == "1:8: found \"soon\", expected a duration such as 3us or 1.25s, not negative");
  CHECK(refused("schedule random") == "1:10: found \"random\", expected fifo, uniform or pct");
  CHECK(refused("schedule pct depth deep") == "1:20: found \"deep\", expected how often priorities change, plus one");
  CHECK(refused("schedule pct depth 3 4000") == "1:22: found \"4000\", expected \"of\"");
  CHECK(refused("schedule pct depth 3 of 5000000000")
            .starts_with("1:25: found \"5000000000\", expected within how many"));
  constexpr auto two = "expected two durations such as 1us..20us, the smaller one first";
  CHECK(refused("step 1us") == std::string{"1:6: found \"1us\", "} + two);
  CHECK(refused("latency 3us..1us") == std::string{"1:9: found \"3us..1us\", "} + two);
  CHECK(refused("commit -1us..1us") == std::string{"1:8: found \"-1us..1us\", "} + two);
  CHECK(refused("suspend often") == "1:9: found \"often\", expected a chance from 0ppm to 1000000ppm");
  CHECK(refused("suspend 1000001ppm").starts_with("1:9: found \"1000001ppm\""));
  CHECK(refused("suspend 1ppm up 3us") == "1:17: found \"3us\", expected \"to\"");
  CHECK(refused("reset 5") == "1:7: found \"5\", expected a chance from 0ppm to 1000000ppm");
  CHECK(refused("skew") == "1:5: found the end, expected a duration such as 3us or 1.25s, not negative");
  CHECK(refused("script")
        == "1:7: found the end, expected a step and which of the ready ones runs there, such as 17:2, or fifo");
  CHECK(refused("script 1:2 1:3") == "1:12: found \"1:3\", expected each step once, and 1 was there before");
  CHECK(refused("script 1:x").starts_with("1:8: found \"1:x\", expected a step and which"));
  CHECK(refused("# a comment\n\n  fault crash a@sim at noon # here")
        == "3:24: found \"noon\", expected a duration such as 3us or 1.25s, not negative");
}

TEST_CASE("a plan with more faults than any run survives is refused") {
  std::string text;
  for (std::size_t i = 0; i < plan_faults_max; ++i)
    text += "fault pause a@sim at 1s\n";
  CHECK(parse_plan(text).ok());
  CHECK(refused(text + "fault pause a@sim at 1s\n") == "10001:7: found \"pause\", expected at most 10000 faults");
}
