#include "apps/event_horizon/refresh_queue.hpp"

#include <algorithm>

namespace beamline::event_horizon {

std::optional<std::string> refresh_queue::next() {
  // After a failure one question finds out whether the owner is there.
  auto limit = failures_ > 0 ? std::size_t{1} : options_.asking_max;
  if (is_paused_ || asking_.size() >= limit)
    return std::nullopt;
  auto may_ask = [&](const std::string& s) { return !asking_.contains(s); };
  auto behind = last_ ? wanted_.upper_bound(*last_) : wanted_.begin();
  auto slug = std::find_if(behind, wanted_.end(), may_ask);
  if (slug == wanted_.end()) {
    slug = std::find_if(wanted_.begin(), behind, may_ask);
    if (slug == behind)
      return std::nullopt;
  }
  auto taken = wanted_.extract(slug);
  asking_.insert(taken.value());
  return std::move(taken.value());
}

void refresh_queue::answered(const std::string& slug) {
  asking_.erase(slug);
  failures_ = 0;
}

std::optional<duration> refresh_queue::failed(const std::string& slug, random_source& random) {
  asking_.erase(slug);
  wanted_.insert(slug);
  last_ = slug;
  if (is_paused_)
    return std::nullopt;
  is_paused_ = true;
  auto pause = options_.pause_min;
  for (int i = 0; i < failures_ && pause < options_.pause_max; ++i)
    pause *= 2;
  ++failures_;
  pause = std::min(pause, options_.pause_max);
  return pause - duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(pause.count()) / 2))};
}

void refresh_queue::encourage() {
  is_paused_ = false;
  failures_ = 0;
}

}  // namespace beamline::event_horizon
