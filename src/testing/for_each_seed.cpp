#include "testing/explore/command_line.hpp"
#include "testing/explore/report.hpp"
#include "testing/explore/timeline.hpp"
#include "testing/world.hpp"

#include <cstdio>

namespace beamline::testing {

namespace {

// Of a story that is told again, so many lines are kept.
constexpr std::size_t lines_max = 20'000;

/// Ends a story where `--until` says.
struct enough {};

/// What fails meanwhile is of that seed; and nobody watches a world that goes.
class seed_scope {
public:
  explicit seed_scope(std::uint64_t seed) { set_current_seed(seed); }
  ~seed_scope() {
    set_current_seed({});
    if (watched_ != nullptr)
      watched_->remove_observer(*by_);
  }
  seed_scope(const seed_scope&) = delete;
  seed_scope& operator=(const seed_scope&) = delete;

  void watch(world& w, observer& by) {
    watched_ = &w;
    by_ = &by;
    w.add_observer(by);
  }

private:
  world* watched_ = nullptr;
  observer* by_ = nullptr;
};

/// One seed again, for somebody who wants to know: with what happened.
void tell_again(std::uint64_t seed, const std::function<void(world&)>& story) {
  const auto& asked = the_command_line();
  world w{seed};
  timeline lines{w, lines_max};
  seed_scope scope{seed};
  scope.watch(w, lines);
  if (asked.until)
    w.at(time_point{} + *asked.until, [] { throw enough{}; });
  auto fail = [&](const std::string& what) {
    throw simulation_error{"seed " + std::to_string(seed) + ": " + what + "\n\n"
                           + story_text(lines.take(), asked.lines)};
  };
  try {
    story(w);
  } catch (const enough&) {
    fail("the story until " + moment_text(*asked.until) + " (--until)");
  } catch (const std::exception& e) {
    fail(e.what());
  }
  auto end = "seed " + std::to_string(seed) + " throws nothing; the end of its story:\n";
  std::fputs((end + story_text(lines.take(), asked.lines)).c_str(), stdout);
}

}  // namespace

void for_each_seed(std::uint64_t count, const std::function<void(world&)>& story, std::uint64_t first) {
  const auto& asked = the_command_line();
  if (asked.seed)
    return tell_again(*asked.seed, story);
  for (auto seed = first; seed < first + asked.seeds.value_or(count); ++seed) {
    seed_scope scope{seed};
    try {
      world w{seed};
      story(w);
    } catch (const std::exception& e) {
      auto number = std::to_string(seed);
      throw simulation_error{"seed " + number + ": " + e.what()
                             + "\nsee it again: " + replay_command("--seed " + number)};
    }
  }
}

}  // namespace beamline::testing
