#include "testing/schedule/chooser.hpp"

#include <algorithm>

namespace beamline::testing {

namespace {

// Priorities given at first lie above this, those after a demotion below, each lower than the one before.
constexpr std::uint64_t demoted_below = std::uint64_t{1} << 32;

}  // namespace

chooser::chooser(std::uint64_t seed, const climate& c, std::optional<schedule_script> script, bool is_recorded)
    : choice_{c.choice},
      random_{mix64(seed ^ 0x5ced)},
      priority_seed_{mix64(seed ^ 0x9c7)},
      next_low_{demoted_below},
      script_{std::move(script)},
      is_recorded_{is_recorded} {
  auto draw = seeded_random{mix64(seed ^ 0xde307e)};
  for (std::uint32_t i = 1; choice_ == schedule::pct && i < c.pct_depth; ++i)
    demotions_.insert(draw.below(c.pct_steps));
}

std::size_t chooser::choose(const std::vector<ready_job>& ready, std::span<const std::size_t> able,
                            std::uint64_t step) {
  std::size_t chosen = 0;
  if (script_) {
    if (auto i = script_->find(step); i != script_->end())
      chosen = std::min<std::size_t>(i->second, able.size() - 1);
  } else if (choice_ == schedule::uniform) {
    chosen = random_.below(able.size());
  } else if (choice_ == schedule::pct) {
    chosen = by_priority(ready, able, step);
  }
  if (is_recorded_ && chosen != 0)
    choices_.emplace(step, static_cast<std::uint32_t>(chosen));
  return chosen;
}

std::size_t chooser::by_priority(const std::vector<ready_job>& ready, std::span<const std::size_t> able,
                                 std::uint64_t step) {
  auto highest = [&] {
    std::size_t best = 0;
    for (std::size_t i = 1; i < able.size(); ++i)
      if (priority(ready[able[i]]) > priority(ready[able[best]]))
        best = i;
    return best;
  };
  if (demotions_.erase(step) != 0) {
    const auto& winner = ready[able[highest()]];
    demoted_[{winner.incarnation, winner.actor}] = --next_low_;
  }
  return highest();
}

std::uint64_t chooser::priority(const ready_job& j) const {
  if (auto d = demoted_.find({j.incarnation, j.actor}); d != demoted_.end())
    return d->second;
  return mix64(priority_seed_ ^ mix64(j.incarnation ^ mix64(j.actor))) | demoted_below;
}

}  // namespace beamline::testing
