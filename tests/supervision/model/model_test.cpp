#include "supervision/model/scenario.hpp"

#include <cstdlib>
#include <doctest/doctest.h>

// The supervisor's core against a plain executable model, over random scenarios of spec changes, starts, crashes,
// kills, slow and deaf and stuck children, retries, API calls and time. A failure is shrunk before it is shown.

namespace beamline::supervision::model {

namespace {

bool agree(const scenario& s) { return run_core(s) == run_reference(s); }

/// Leaves out what is not needed to fail: halves of the commands, quarters, ... single ones, then children.
scenario shrink(scenario s) {
  for (auto chunk = s.commands.size(); chunk >= 1; chunk /= 2)
    for (std::size_t at = 0; at < s.commands.size();) {
      auto smaller = s;
      auto first = smaller.commands.begin() + static_cast<std::ptrdiff_t>(at);
      auto last = smaller.commands.begin() + static_cast<std::ptrdiff_t>(std::min(at + chunk, s.commands.size()));
      smaller.commands.erase(first, last);
      if (agree(smaller))
        at += chunk;
      else
        s = std::move(smaller);
    }
  for (std::size_t i = 0; i < s.spec.children.size();) {
    auto smaller = s;
    smaller.spec.children.erase(smaller.spec.children.begin() + static_cast<std::ptrdiff_t>(i));
    if (agree(smaller))
      ++i;
    else
      s = std::move(smaller);
  }
  return s;
}

std::string compare(const scenario& s) {
  auto core = run_core(s);
  auto reference = run_reference(s);
  auto text = to_string(s);
  for (std::size_t i = 0; i < std::max(core.size(), reference.size()); ++i) {
    auto a = i < core.size() ? core[i] : "-";
    auto b = i < reference.size() ? reference[i] : "-";
    text += a == b ? "    " + a + "\n" : "  ! core: " + a + "   model: " + b + "\n";
  }
  return text;
}

/// 10,000 take a few seconds; BEAMLINE_MODEL_SEQUENCES asks for more (scripts/test --full does).
std::uint64_t sequences() {
  auto* asked = std::getenv("BEAMLINE_MODEL_SEQUENCES");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 10'000;
}

}  // namespace

TEST_CASE("the core does what the model does, whatever happens") {
  for (std::uint64_t seed = 1; seed <= sequences(); ++seed) {
    auto s = make_scenario(seed);
    if (agree(s))
      continue;
    FAIL_CHECK(compare(shrink(s)));
    return;
  }
}

TEST_CASE("the scenarios of the model reach what they are meant to reach") {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed)
    for (const auto& l : run_reference(make_scenario(seed)))
      for (auto* word : {"report child_terminated",
                         "report start_error",
                         "report shutdown_error",
                         "report shutdown ",
                         "reached_max_restart_intensity",
                         "auto_shutdown",
                         "zombies_max",
                         "report zombie ",
                         "zombie_reaped",
                         "timeout",
                         "fence",
                         "kill ",
                         "restarting counts",
                         "already_present",
                         "stopping",
                         "invalid_spec",
                         "failed to start child",
                         "waits for it",
                         "end shutdown",
                         "end crashed"})
        if (l.find(word) != std::string::npos)
          ++seen[word];
  CHECK(seen.size() == 20);
  for (const auto& entry : seen)
    CHECK_MESSAGE(entry.second >= 5, entry.first);
}

}  // namespace beamline::supervision::model
