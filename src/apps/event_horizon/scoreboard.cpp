#include "apps/event_horizon/scoreboard.hpp"

#include "base/planted.hpp"

namespace beamline::event_horizon {

bool scoreboard::update(std::string_view slug, post_stats stats) {
  auto lock = std::scoped_lock{mutex_};
  auto known = stats_.find(slug);
  if (known == stats_.end())
    return false;
  if (known->second && known->second->version >= stats.version && !planted::is_on(planted::bug::older_shown))
    return false;
  known->second = stats;
  return true;
}

std::optional<post_stats> scoreboard::stats(std::string_view slug) const {
  auto lock = std::scoped_lock{mutex_};
  auto known = stats_.find(slug);
  return known == stats_.end() ? std::nullopt : known->second;
}

bool scoreboard::update_site(const site_numbers& now) {
  auto lock = std::scoped_lock{mutex_};
  if (site_ && site_->version >= now.version)
    return false;
  site_ = now;
  return true;
}

std::optional<site_numbers> scoreboard::site() const {
  auto lock = std::scoped_lock{mutex_};
  return site_;
}

bool scoreboard::update_waiting(const waiting_state& now) {
  auto lock = std::scoped_lock{mutex_};
  if (waiting_ == now)
    return false;
  waiting_ = now;
  return true;
}

waiting_state scoreboard::waiting() const {
  auto lock = std::scoped_lock{mutex_};
  return waiting_;
}

void scoreboard::remember_like(const std::string& slug, const std::string& visitor, bool liked, const uid& entry) {
  auto lock = std::scoped_lock{mutex_};
  auto name = like_name{slug, visitor};
  if (auto known = likes_by_name_.find(name); known != likes_by_name_.end()) {
    likes_.erase(known->second);
    likes_by_name_.erase(known);
  }
  if (!liked && entry.is_nil())
    return;
  likes_by_name_.emplace(name, likes_.insert(likes_.end(), like{name, liked, entry}));
  if (likes_.size() > likes_max_) {
    likes_by_name_.erase(likes_.front().name);
    likes_.pop_front();
  }
}

bool scoreboard::has_liked(std::string_view slug, std::string_view visitor) const {
  auto lock = std::scoped_lock{mutex_};
  auto known = likes_by_name_.find({std::string{slug}, std::string{visitor}});
  return known != likes_by_name_.end() && known->second->liked;
}

uid scoreboard::like_entry(std::string_view slug, std::string_view visitor) const {
  auto lock = std::scoped_lock{mutex_};
  auto known = likes_by_name_.find({std::string{slug}, std::string{visitor}});
  return known == likes_by_name_.end() ? uid{} : known->second->entry;
}

}  // namespace beamline::event_horizon
