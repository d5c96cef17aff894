#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beamline::testing {

/// What a test binary was told besides doctest's own options. Read once in `main`, fixed from then on.
struct command_line {
  std::optional<std::uint64_t> seed{};   // --seed N: only this one, with the story.
  std::optional<std::uint64_t> seeds{};  // --seeds N: that many instead of what the test says.
  std::optional<duration> until{};       // --until 1.203s: the story up to there.
  std::string plan_file{};               // --plan FILE: that plan instead of one drawn from a seed.
  std::optional<unsigned> jobs{};        // --jobs N: that many threads instead of what the test says.
  std::size_t lines = 60;                // --lines N: of the story.
  std::uint64_t fresh_first = 0;         // --fresh FIRST:COUNT, or BEAMLINE_FRESH_SEEDS: besides the fixed ones.
  std::uint64_t fresh_count = 0;
};

// More threads than this help nobody.
inline constexpr unsigned jobs_max = 256;

/// The options, for `--help`.
extern const char* const command_line_help;

[[nodiscard]] const command_line& the_command_line() noexcept;

/// For tests of what obeys it; `main` uses `take_command_line`.
void set_command_line(command_line line);

/// For `main`, before any test: takes out what is ours and leaves the rest for doctest. `arguments` begins with the
/// program. `fresh_seeds` is the environment's BEAMLINE_FRESH_SEEDS, or null. False: nonsense; `error` says what and
/// what instead, and nothing is taken over. `arguments[0]` is kept for the command that replays a failure.
[[nodiscard]] bool take_command_line(std::vector<std::string>& arguments, const char* fresh_seeds, std::string& error);

/// How this program is called from the directory it was started in: a relative path. "the test program" when nobody
/// said.
[[nodiscard]] const std::string& program_path() noexcept;

/// The test case under way, for the command that replays a failure; empty: not known. Told by `main`, from the thread
/// that runs the tests.
[[nodiscard]] const std::string& current_test() noexcept;
void set_current_test(std::string name);

/// The seed of the story that `for_each_seed` runs, for what fails without throwing. In the thread of the tests.
[[nodiscard]] const std::optional<std::uint64_t>& current_seed() noexcept;
void set_current_seed(std::optional<std::uint64_t> seed);

/// `build/tests/test_sim --test-case="..." --seed 4711`, for a shell.
[[nodiscard]] std::string replay_command(const std::string& options);

}  // namespace beamline::testing
