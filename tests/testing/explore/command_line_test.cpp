#include "testing/explore/command_line.hpp"
#include "testing/explore/told.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::testing;

namespace {

using words = std::vector<std::string>;

/// Puts back what this binary was really told.
class restore {
public:
  ~restore() {
    words again{program_};
    std::string error;
    CHECK(take_command_line(again, nullptr, error));
  }

private:
  told line_{the_command_line()};
  std::string program_ = program_path();
};

/// The error.
std::string refused(words w, const char* fresh = nullptr) {
  auto before = the_command_line();
  std::string error;
  w.insert(w.begin(), "./test");
  auto kept = w;
  CHECK_FALSE(take_command_line(w, fresh, error));
  CHECK(w == kept);
  CHECK(the_command_line().seed == before.seed);
  return error;
}

}  // namespace

TEST_CASE("our options are taken out, doctest's stay in their order") {
  restore at_end;
  words w{"./test", "-tc=a*", "--seed", "4711", "-s", "--until=1.203s", "--lines", "9", "--jobs=2", "--no-colors=true"};
  std::string error;
  REQUIRE(take_command_line(w, nullptr, error));
  CHECK(w == words{"./test", "-tc=a*", "-s", "--no-colors=true"});
  const auto& l = the_command_line();
  CHECK(l.seed == 4711);
  CHECK(l.until == 1203ms);
  CHECK(l.lines == 9);
  CHECK(l.jobs == 2U);
  CHECK_FALSE(l.seeds);
  CHECK(l.fresh_count == 0);
}

TEST_CASE("a plan in a file, many seeds and fresh seeds are options, too") {
  restore at_end;
  words w{"./test", "--plan", "a plan.txt", "--seeds=20000", "--fresh", "20260101:500"};
  std::string error;
  REQUIRE(take_command_line(w, "1:2", error));
  CHECK(w == words{"./test"});
  const auto& l = the_command_line();
  CHECK(l.plan_file == "a plan.txt");
  CHECK(l.seeds == 20000);
  CHECK(l.fresh_first == 20260101);  // The option wins over the environment.
  CHECK(l.fresh_count == 500);
}

TEST_CASE("fresh seeds come from the environment, too, where empty means none") {
  restore at_end;
  words w{"./test"};
  std::string error;
  REQUIRE(take_command_line(w, "77:8", error));
  CHECK(the_command_line().fresh_first == 77);
  CHECK(the_command_line().fresh_count == 8);
  REQUIRE(take_command_line(w, "", error));
  CHECK(the_command_line().fresh_count == 0);
}

TEST_CASE("nonsense on the command line is refused with what was found and what was expected") {
  CHECK(refused({"--seed", "many"}) == "--seed is \"many\", expected a number from 0");
  CHECK(refused({"--seed"}) == "--seed has no value, expected a number from 0");
  CHECK(refused({"--seed="}) == "--seed has no value, expected a number from 0");
  CHECK(refused({"--seed=-1"}) == "--seed is \"-1\", expected a number from 0");
  CHECK(refused({"--seed=99999999999999999999"}) == "--seed is \"99999999999999999999\", expected a number from 0");
  CHECK(refused({"--seeds=0"}) == "--seeds is \"0\", expected a number from 1");
  CHECK(refused({"--lines=x"}) == "--lines is \"x\", expected a number from 1");
  CHECK(refused({"--jobs=0"}) == "--jobs is \"0\", expected a number from 1 to 256");
  CHECK(refused({"--jobs=257"}) == "--jobs is \"257\", expected a number from 1 to 256");
  CHECK(refused({"--until=soon", "--seed=1"})
        == "--until is \"soon\", expected a duration since the beginning of the run, such as 1.203s");
  CHECK(refused({"--until=-1s", "--seed=1"}).starts_with("--until is \"-1s\""));
  CHECK(refused({"--until=1s"}) == "--until is for the story of one run: give --seed N or --plan FILE, too");
  CHECK(refused({"--plan="}) == "--plan has no value, expected a file with a plan");
  CHECK(refused({"--plan=x", "--seed=1"}) == "--seed and --plan exclude each other: a plan has its seed");
  constexpr auto fresh = ", expected the first seed and how many, such as 20260101:500";
  CHECK(refused({"--fresh=5"}) == std::string{"--fresh is \"5\""} + fresh);
  CHECK(refused({"--fresh"}) == std::string{"--fresh has no value"} + fresh);
  CHECK(refused({}, "x:5") == std::string{"BEAMLINE_FRESH_SEEDS is \"x:5\""} + fresh);
  CHECK(refused({}, "18446744073709551615:2")
        == std::string{"BEAMLINE_FRESH_SEEDS is \"18446744073709551615:2\""} + fresh);
}

TEST_CASE("the command that replays a failure is for a shell, from the directory the program was started in") {
  restore at_end;
  auto test = current_test();
  std::string error;
  auto told = [&](const std::string& program, std::string name) {
    words w{program};
    REQUIRE(take_command_line(w, nullptr, error));
    set_current_test(std::move(name));
    return replay_command("--seed 5");
  };
  auto here = std::filesystem::current_path();
  CHECK(told((here / "tests/test_sim").string(), "a name") == "tests/test_sim --test-case=\"a name\" --seed 5");
  CHECK(told((here / "test_sim").string(), "") == "./test_sim --seed 5");
  CHECK(told("./test_sim", "") == "./test_sim --seed 5");
  CHECK(told("build/../tests/test_sim", "") == "tests/test_sim --seed 5");
  CHECK(told("test_sim", "") == "test_sim --seed 5");
  CHECK(told((here.parent_path() / "other/test_sim").string(), "").starts_with("../other/test_sim"));
  CHECK(told("./t", "a, b \"c\" $d `e` \\f") == R"(./t --test-case="a? b \"c\" \$d \`e\` ?f" --seed 5)");
  set_current_test(test);
}

TEST_CASE("the entry point knows which test case runs") {
  CHECK(current_test() == "the entry point knows which test case runs");
}
