#pragma once

#include "testing/explore/shrink.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace beamline::testing {

/// What there is to say about a failure.
struct failure {
  std::string campaign;
  std::uint64_t seeds = 1;              // Tried until it was found.
  plan found{};                         // As it was drawn, or given.
  run_result outcome{};                 // Of `found`.
  shrunk_plan shrunk{};                 // `runs` 0: not shrunk.
  std::vector<timeline_entry> story{};  // Of the smallest plan.
  std::size_t lines = 60;               // Of the story.
  std::string again{};                  // The command that replays it; empty: only the plan does.
};

/// For people: what is broken and the evidence, the plan that does it, the end of its story, how to see it again.
[[nodiscard]] std::string failure_text(const failure& f);

// A line of a story takes at most so many columns.
inline constexpr std::size_t story_columns_max = 160;

/// The last `lines` of a story in columns: time, node, process, what.
[[nodiscard]] std::string story_text(const std::vector<timeline_entry>& story, std::size_t lines);
/// `0.412337s`: as `--until` takes it.
[[nodiscard]] std::string moment_text(duration since_the_beginning);

/// Says where two stories of the same seed part; empty: nowhere.
[[nodiscard]] std::string first_difference(const std::vector<timeline_entry>& once,
                                           const std::vector<timeline_entry>& again);

}  // namespace beamline::testing
