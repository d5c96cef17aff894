// The entry point of test binaries that simulate: doctest, with the simulator's options besides its own (see
// explore/command_line.hpp).
#define DOCTEST_CONFIG_IMPLEMENT
#include "testing/explore/command_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace sim = beamline::testing;

/// Knows which test case runs, for the command that replays a failure; and names the seed of a CHECK that fails.
struct current_test_listener final : doctest::IReporter {
  explicit current_test_listener(const doctest::ContextOptions&) {}

  void test_case_start(const doctest::TestCaseData& t) override {
    sim::set_current_test(t.m_name);
    named_.reset();
  }
  void test_case_end(const doctest::CurrentTestCaseStats&) override { sim::set_current_test({}); }
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData& a) override {
    auto seed = sim::current_seed();
    if (!a.m_failed || !seed || seed == named_)
      return;
    named_ = seed;
    std::printf("seed %llu; see it again: %s\n", static_cast<unsigned long long>(*seed),
                sim::replay_command("--seed " + std::to_string(*seed)).c_str());
  }
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

private:
  std::optional<std::uint64_t> named_;
};

bool asks_for_help(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](std::string_view a) { return a == "--help" || a == "-h" || a == "-?"; });
}

}  // namespace

REGISTER_LISTENER("current_test", 1, current_test_listener);

int main(int argc, char** argv) {
  std::vector<std::string> arguments{argv, argv + argc};
  std::string error;
  if (!sim::take_command_line(arguments, std::getenv("BEAMLINE_FRESH_SEEDS"), error)) {
    std::fprintf(stderr, "%s; --help lists the options\n", error.c_str());
    return 2;
  }
  std::vector<const char*> rest;
  rest.reserve(arguments.size());
  for (const auto& a : arguments)
    rest.push_back(a.c_str());
  doctest::Context context;
  context.applyCommandLine(static_cast<int>(rest.size()), rest.data());
  const auto& line = sim::the_command_line();
  if (line.fresh_count > 0)
    std::printf("[beamline] fresh seeds: --fresh %llu:%llu\n", static_cast<unsigned long long>(line.fresh_first),
                static_cast<unsigned long long>(line.fresh_count));
  auto code = context.run();
  if (asks_for_help(arguments))
    std::fputs(sim::command_line_help, stdout);
  return code;
}
