#include "testing/explore/explore.hpp"

#include "testing/explore/shop.hpp"
#include "testing/explore/told.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

explorer shop_campaign(shop::options o) {
  return explore("the shop", shop::make(o)).seeds(60).horizon(300ms, 500ms).kill({"till"}).strike_at({"shop.accepted"});
}

/// The report that `run` throws.
std::string report_of(explorer e) {
  try {
    (void)e.run();
  } catch (const simulation_error& failed) {
    return failed.what();
  }
  FAIL("nothing was found");
  return {};
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE_FIXTURE(told, "a scenario that holds its invariants passes all seeds, and faults do strike it") {
  auto e = shop_campaign({}).must_happen({"shop.accepted", "crash", "power_loss", "kill", "partition", "pause"}).run();
  CHECK(e.seeds == 60);
  CHECK(e.failing.empty());
  CHECK(e.broken.empty());
  CHECK(e.report.empty());
  CHECK(e.steps > 1000);
  CHECK(e.virtual_time > 60 * 300ms);
  CHECK(e.seen.at("shop.accepted") > 1000);
}

TEST_CASE_FIXTURE(told, "an order that is lost only by a crash at the right moment is found and shrunk to that crash") {
  auto e = shop_campaign({.accepts_before_writing = true}).seeds(300).expect_violation("orders are kept");
  REQUIRE(e.smallest);
  CHECK(e.invariant == "orders are kept");
  CHECK(e.failing.size() == 1);
  REQUIRE(e.smallest->faults.size() == 1);
  const auto& f = e.smallest->faults[0];
  CHECK((f.what == fault_kind::crash || f.what == fault_kind::power_loss || f.what == fault_kind::kill));
  CHECK(!f.event.empty());
  CHECK(e.smallest->weather.choice == schedule::fifo);
}

TEST_CASE_FIXTURE(told, "a race that needs a special order is found, without a fault, and its order written down") {
  auto e = explore("adders", shop::make({.has_hasty_adders = true}))
               .seeds(300)
               .horizon(20ms, 100ms)
               .faults({fault_kind::pause})
               .expect_violation("orders are kept");
  REQUIRE(e.smallest);
  CHECK(contains(e.report, "two were added, and the sum is 1"));
  CHECK(e.smallest->faults.empty());
  auto s = e.smallest->script;
  CHECK((!s || s->size() <= 3));
}

TEST_CASE_FIXTURE(told, "the plan in a report reproduces the failure when it is pasted into replay()") {
  shop::options bug{.accepts_before_writing = true};
  auto found = shop_campaign(bug).seeds(300).expect_violation("orders are kept");
  auto text = to_string(*found.smallest);
  for (const auto& line : {text.substr(0, text.find('\n')), "fault " + to_string(found.smallest->faults.at(0))})
    CHECK(contains(found.report, "  " + line + "\n"));
  std::string report;
  try {
    (void)shop_campaign(bug).replay(text);
    FAIL("it did not fail");
  } catch (const simulation_error& e) {
    report = e.what();
  }
  CHECK(contains(report, "breaks \"orders are kept\""));
  CHECK(contains(report, "was accepted and is not written anywhere"));
  // Without the bug the same plan is a regression test that passes.
  auto fixed = shop_campaign({}).replay(text);
  CHECK(fixed.failing.empty());
  CHECK(fixed.seeds == 1);
}

TEST_CASE_FIXTURE(told, "a plan that cannot be read is refused by replay() with line and column") {
  CHECK_THROWS_WITH_AS((void)shop_campaign({}).replay("seed 1\nfault crash a@sim noon"),
                       "explore \"the shop\": the plan to replay, 2:19: found \"noon\", expected \"at\" and a "
                       "duration, or \"after\" and an "
                       "event, or a duration and \"after\"",
                       simulation_error);
}

TEST_CASE_FIXTURE(told, "run() throws a report with seed, evidence, plan, story and the command that replays it") {
  auto report = report_of(shop_campaign({.accepts_before_writing = true}).seeds(300));
  CHECK(report.starts_with("explore \"the shop\": seed "));
  CHECK(contains(report, " breaks \"orders are kept\" after "));
  CHECK(contains(report, "was accepted and is not written anywhere"));
  CHECK(contains(report, "\nshrunk from "));
  CHECK(contains(report, " to 1 in "));
  CHECK(contains(report, "schedule "));
  CHECK(contains(report, "latency "));
  CHECK(contains(report, "replay("));
  CHECK(contains(report, "The end of its story ("));
  CHECK(contains(report, "* shop.accepted order="));
  CHECK(contains(report, "FAULT "));
  CHECK(contains(report, "\nAgain: "));
  CHECK(contains(
      report,
      " --test-case=\"run() throws a report with seed? evidence? plan? story and the command that replays it\""));
  CHECK(contains(report, " --seed "));
  CHECK(contains(report, " --until 0."));
}

TEST_CASE_FIXTURE(told, "what is found does not depend on the number of threads") {
  for (auto bug :
       {shop::options{}, shop::options{.accepts_before_writing = true}, shop::options{.forgets_to_stop = true}}) {
    auto one = shop_campaign(bug).seeds(40).jobs(1).survey();
    auto two = shop_campaign(bug).seeds(40).jobs(2).survey();
    CHECK(one.hash == two.hash);
    CHECK(one.steps == two.steps);
    CHECK(one.failing == two.failing);
    CHECK(one.broken == two.broken);
    CHECK(one.seen == two.seen);
  }
  shop::options bug{.accepts_before_writing = true};
  auto one = shop_campaign(bug).seeds(300).jobs(1).expect_violation("orders are kept");
  auto three = shop_campaign(bug).seeds(300).jobs(3).expect_violation("orders are kept");
  CHECK(one.failing == three.failing);
  CHECK(one.hash == three.hash);
  CHECK(one.report == three.report);
}

TEST_CASE_FIXTURE(told, "a survey counts all failing seeds and what they break, and judges nothing") {
  auto e = shop_campaign({.has_stubborn = true}).seeds(10).must_happen({"never"}).survey();
  CHECK(e.seeds == 10);
  CHECK(e.failing.size() == 10);
  CHECK(e.broken.at(invariants::all_gone) == 10);
  CHECK(e.report.empty());
  CHECK_FALSE(e.smallest);
}

TEST_CASE_FIXTURE(told, "a campaign that keeps going counts all failing seeds and reports the first") {
  auto report = report_of(shop_campaign({.has_stubborn = true}).seeds(10, 5).keep_going());
  CHECK(contains(report, "seed 5 breaks \"all processes gone\""));
  CHECK(report.ends_with("10 of 10 seeds fail\n"));
}

TEST_CASE_FIXTURE(
    told, "an order that depends on addresses is caught by running seeds twice, and the report shows where they part") {
  auto report = report_of(shop_campaign({.lists_by_address = true}).seeds(40).repeat_every(1));
  CHECK(contains(report, "breaks \"same seed, same run\""));
  CHECK(contains(report, "ordered or hashed by pointers"));
  CHECK(contains(report, "They part after "));
  CHECK(contains(report, "\n  once:\n"));
  CHECK(contains(report, "clerk <"));
  CHECK_FALSE(contains(report, "shrunk"));
}

TEST_CASE_FIXTURE(told, "what must happen and never does fails the campaign") {
  CHECK_THROWS_WITH_AS(
      (void)shop_campaign({})
          .seeds(3)
          .must_happen({"shop.accepted", "shop.sold_out", "dns_outage"})
          .faults({fault_kind::crash})
          .run(),
      "explore \"the shop\": never happened in 3 seeds: shop.sold_out, dns_outage. A knob went dead, the name is "
      "wrong, or there are too few seeds",
      simulation_error);
}

TEST_CASE_FIXTURE(told, "expecting a violation that does not come fails, and says what came instead") {
  CHECK_THROWS_WITH_AS(
      (void)shop_campaign({}).seeds(3).expect_violation("orders are kept"),
      "explore \"the shop\": none of 3 seeds from 1 breaks \"orders are kept\", nor anything else. Its checker "
      "lost its teeth, or the bug is gone",
      simulation_error);
  CHECK_THROWS_WITH_AS(
      (void)shop_campaign({.has_stubborn = true}).seeds(3).expect_violation("orders are kept"),
      "explore \"the shop\": none of 3 seeds from 1 breaks \"orders are kept\", but \"all processes gone\" in 3. "
      "Its checker lost its teeth, or the bug is gone",
      simulation_error);
}

TEST_CASE_FIXTURE(told, "each plan may be changed before it runs") {
  auto e = shop_campaign({})
               .seeds(5)
               .tune([](plan& p) {
                 p.faults.clear();
                 p.horizon = 50ms;
               })
               .survey();
  CHECK(e.virtual_time < 5 * 100ms);
  CHECK(std::none_of(e.seen.begin(), e.seen.end(), [](const auto& s) { return s.first != "shop.accepted"; }));
}

TEST_CASE_FIXTURE(told, "a factory that throws is a violation of \"no exception\"") {
  int made = 0;
  auto make = [&]() -> std::unique_ptr<scenario> {
    if (++made > 1)
      throw std::runtime_error{"out of scenarios"};
    return std::make_unique<shop::shop_scenario>();
  };
  auto report = report_of(explore("throws", make).seeds(2));
  CHECK(contains(report, "breaks \"no exception\""));
  CHECK(contains(report, "making the scenario: out of scenarios"));
}

TEST_CASE("--seed runs only that one, --seeds that many, --jobs on that many threads") {
  {
    told line{{.seed = 7, .lines = 1}};
    auto e = shop_campaign({}).must_happen({"never"}).run();
    CHECK(e.seeds == 1);
    CHECK(contains(report_of(shop_campaign({.has_stubborn = true})), "seed 7 breaks"));
    CHECK_THROWS_AS((void)shop_campaign({}).expect_violation("orders are kept"), simulation_error);
  }
  told line{{.seeds = 9, .jobs = 2}};
  CHECK(shop_campaign({}).must_happen({"never"}).run().seeds == 9);
}

TEST_CASE("--seed and --until stop the story there, without judging what comes later") {
  told line{{.seed = 7, .until = 100ms, .lines = 1}};
  auto e = shop_campaign({.has_stubborn = true}).run();
  CHECK(e.failing.empty());
  CHECK(e.virtual_time < 101ms);
}

TEST_CASE("--plan runs the plan of a file, instead of all seeds") {
  auto file =
      (std::filesystem::temp_directory_path() / ("beamline_explore_test-" + std::to_string(::getpid()) + ".plan"))
          .string();
  std::ofstream{file} << "seed 3\nhorizon 50ms settle 100ms\n";
  {
    told line{{.plan_file = file, .lines = 1}};
    auto e = shop_campaign({}).run();
    CHECK(e.seeds == 1);
    CHECK(e.virtual_time < 200ms);
    CHECK(contains(report_of(shop_campaign({.has_stubborn = true})), "seed 3 breaks \"all processes gone\""));
    std::ofstream{file} << "sead 3\n";
    CHECK_THROWS_WITH_AS((void)shop_campaign({}).run(), doctest::Contains((file + ":1:1: found \"sead\"").c_str()),
                         simulation_error);
  }
  std::filesystem::remove(file);
  told line{{.plan_file = file}};
  CHECK_THROWS_WITH_AS((void)shop_campaign({}).run(),
                       (file + ": cannot be read; --plan needs a file with a plan").c_str(), simulation_error);
}

TEST_CASE("fresh seeds are run besides the fixed ones, and are named when they fail") {
  told line{{.fresh_first = 1000, .fresh_count = 5}};
  CHECK(shop_campaign({}).seeds(3).run().seeds == 8);
  auto fails_late = shop_campaign({.has_stubborn = true}).seeds(0);
  CHECK(contains(report_of(fails_late), "seed 1000 breaks"));
  CHECK(shop_campaign({}).seeds(3).survey().seeds == 3);
}

TEST_CASE_FIXTURE(told, "a factory that makes nothing is a mistake that is named") {
  CHECK_THROWS_WITH_AS((void)explore("nothing", [] { return std::unique_ptr<scenario>{}; }),
                       "explore \"nothing\": the factory of the scenario makes nothing", simulation_error);
}
