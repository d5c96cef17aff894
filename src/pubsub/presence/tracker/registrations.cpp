#include "pubsub/presence/tracker/registrations.hpp"

#include <algorithm>

namespace beamline::presence {

void registrations::claim(std::uint64_t version) {
  std::lock_guard lock{mutex_};
  version_ = std::max(version_, version);
}

void registrations::clear() {
  std::lock_guard lock{mutex_};
  entries_.clear();
  of_actor_.clear();
  counts_.clear();
}

void registrations::put(std::uint64_t version, const entry_key& who, meta_text meta) {
  std::lock_guard lock{mutex_};
  if (version != version_)
    return;
  auto [at, is_new] = entries_.try_emplace(who);
  at->second.meta = std::move(meta);
  if (!is_new)
    return;
  at->second.order = ++last_order_;
  of_actor_[who.actor].emplace(who.topic, who.key);
  ++counts_[who.topic];
}

bool registrations::erase(std::uint64_t version, const entry_key& who) {
  std::lock_guard lock{mutex_};
  if (version != version_ || entries_.erase(who) == 0)
    return false;
  if (auto a = of_actor_.find(who.actor); a->second.erase({who.topic, who.key}), a->second.empty())
    of_actor_.erase(a);
  if (auto c = counts_.find(who.topic); --c->second == 0)
    counts_.erase(c);
  return true;
}

meta_text registrations::find(const entry_key& who) const {
  std::lock_guard lock{mutex_};
  auto at = entries_.find(who);
  return at == entries_.end() ? nullptr : at->second.meta;
}

bool registrations::has(std::uint64_t actor) const {
  std::lock_guard lock{mutex_};
  return of_actor_.contains(actor);
}

std::vector<entry_key> registrations::of_actor(std::uint64_t actor) const {
  std::lock_guard lock{mutex_};
  std::vector<entry_key> found;
  if (auto at = of_actor_.find(actor); at != of_actor_.end())
    for (const auto& [topic, key] : at->second)
      found.push_back({topic, actor, key});
  return found;
}

std::vector<registrations::registration> registrations::all() const {
  std::vector<registration> found;
  {
    std::lock_guard lock{mutex_};
    found.reserve(entries_.size());
    for (const auto& [who, h] : entries_)
      found.push_back({who, h.meta, h.order});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
  return found;
}

std::vector<registrations::registration> registrations::of_topic(std::string_view topic) const {
  std::vector<registration> found;
  {
    std::lock_guard lock{mutex_};
    for (auto at = entries_.lower_bound({std::string{topic}, 0, {}}); at != entries_.end() && at->first.topic == topic;
         ++at)
      found.push_back({at->first, at->second.meta, at->second.order});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair{std::string_view{a.who.key}, a.order} < std::pair{std::string_view{b.who.key}, b.order};
  });
  return found;
}

std::size_t registrations::size() const {
  std::lock_guard lock{mutex_};
  return entries_.size();
}

std::uint64_t registrations::count(std::string_view topic) const {
  std::lock_guard lock{mutex_};
  auto at = counts_.find(topic);
  return at == counts_.end() ? 0 : at->second;
}

}  // namespace beamline::presence
