#include "net/discovery/rounds.hpp"

#include <algorithm>
#include <utility>

namespace beamline::net {

bool discovery_rounds::begin(time_point now, random_source& random) {
  if (is_under_way_ || now < next_)
    return false;
  ++number_;
  is_under_way_ = true;
  began_ = now;
  auto tenth = options_.interval / 10;
  auto spread = static_cast<std::uint64_t>(2 * tenth.count() + 1);
  next_ = now + options_.interval - tenth + duration{static_cast<duration::rep>(random.below(spread))};
  for (std::size_t i = 0; i < options_.sources; ++i)
    open_.insert(i);
  return true;
}

bool discovery_rounds::answered(std::uint64_t round, std::size_t source) {
  return is_under_way_ && round == number_ && open_.erase(source) > 0;
}

std::vector<std::size_t> discovery_rounds::expired(time_point now) {
  if (!is_under_way_ || now < began_ + options_.answer_within)
    return {};
  std::vector<std::size_t> out(open_.begin(), open_.end());
  open_.clear();
  return out;
}

std::optional<duration> discovery_rounds::finished(time_point now) {
  if (!is_under_way_ || !open_.empty())
    return std::nullopt;
  is_under_way_ = false;
  next_ = std::exchange(is_wanted_again_, false) ? now : std::max(next_, now + pause_min);
  return now - began_;
}

void discovery_rounds::hurry(time_point now) {
  if (is_under_way_)
    is_wanted_again_ = true;
  else
    next_ = std::min(next_, now);
}

time_point discovery_rounds::next() const { return is_under_way_ ? began_ + options_.answer_within : next_; }

}  // namespace beamline::net
