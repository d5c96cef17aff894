#include "apps/event_horizon/audience.hpp"

namespace beamline::event_horizon {

audience::outcome audience::add(std::string_view slug, const pid& view) {
  auto known = by_view_.find(view);
  bool is_first = known == by_view_.end();
  if (!is_first && known->second.contains(slug))
    return outcome::another;
  if (size_ >= max_)
    return outcome::full;
  by_view_[view].emplace(slug);
  by_slug_[std::string{slug}].insert(view);
  ++size_;
  return is_first ? outcome::first : outcome::another;
}

void audience::remove(const pid& view) {
  auto known = by_view_.extract(view);
  if (!known)
    return;
  for (const auto& slug : known.mapped()) {
    auto views = by_slug_.find(slug);
    views->second.erase(view);
    if (views->second.empty())
      by_slug_.erase(views);
  }
  size_ -= known.mapped().size();
}

reason audience::refusal() const {
  return reason::custom("busy: " + std::to_string(size_)
                        + " subscriptions, as many as event_horizon.subscribers_max allows");
}

const std::set<pid>& audience::of(std::string_view slug) const {
  static const std::set<pid> nobody;
  auto views = by_slug_.find(slug);
  return views == by_slug_.end() ? nobody : views->second;
}

}  // namespace beamline::event_horizon
