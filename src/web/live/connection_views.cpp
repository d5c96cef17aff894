#include "web/live/connection_views.hpp"

#include <algorithm>

namespace beamline::web::live {

void connection_views::mounted(const std::string& view_id, const pid& who, const pid& root) {
  std::lock_guard lock{mutex_};
  views_.insert_or_assign(view_id, entry{who, root, parent_status::alive});
}

void connection_views::redirecting(const std::string& view_id, const pid& who) {
  std::lock_guard lock{mutex_};
  if (auto* known = find_entry(view_id, who))
    known->status = parent_status::redirecting;
}

void connection_views::ended(const std::string& view_id, const pid& who) {
  std::lock_guard lock{mutex_};
  auto* known = find_entry(view_id, who);
  if (known == nullptr)
    return;
  if (known->status == parent_status::redirecting)
    forget_some();
  else
    views_.erase(view_id);
}

parent_status connection_views::status(const parent_identity& p) const {
  std::lock_guard lock{mutex_};
  auto at = views_.find(p.view_id);
  return at == views_.end() || at->second.who.id() != p.process ? parent_status::gone : at->second.status;
}

std::optional<connection_views::family> connection_views::find(const parent_identity& p) const {
  std::lock_guard lock{mutex_};
  auto at = views_.find(p.view_id);
  if (at == views_.end() || at->second.who.id() != p.process || at->second.status != parent_status::alive)
    return std::nullopt;
  return family{at->second.who, at->second.root};
}

connection_views::entry* connection_views::find_entry(const std::string& view_id, const pid& who) {
  auto at = views_.find(view_id);
  return at != views_.end() && at->second.who == who ? &at->second : nullptr;
}

/// The entries of redirecting views, of which all but a few have ended.
void connection_views::forget_some() {
  const auto is_over = [](const auto& one) { return one.second.status == parent_status::redirecting; };
  if (static_cast<std::size_t>(std::ranges::count_if(views_, is_over)) > ended_max)
    std::erase_if(views_, is_over);
}

}  // namespace beamline::web::live
