#include "pubsub/presence/layer/count_watches.hpp"

#include "base/json.hpp"

#include <algorithm>

namespace beamline::presence::layer {

count_watches::telling count_watches::add(const watch_count& w, std::uint64_t count, time_point now) {
  remove(w.topic, w.who);
  const auto& field = w.options.distinct_by;
  const id which{w.topic, field.empty() ? std::string{} : json_string(field), w.options.at_most_every};
  auto [at, is_new] = groups_.try_emplace(which);
  auto& g = at->second;
  if (is_new)
    g.looked = now;
  g.members[w.who] = {count, now};
  by_process_[w.who].emplace(w.topic, which);
  ++size_;
  return {w.who, {w.topic, count}};
}

void count_watches::drop_member(const id& which, const pid& who) {
  auto g = groups_.find(which);
  g->second.members.erase(who);
  --size_;
  if (!g->second.members.empty())
    return;
  if (g->second.due)
    due_.erase({*g->second.due, which});
  groups_.erase(g);
  const auto& [topic, field, rate] = which;
  auto same = groups_.lower_bound({topic, field, duration::min()});
  if (!field.empty()
      && (same == groups_.end() || std::get<0>(same->first) != topic || std::get<1>(same->first) != field))
    abandoned_.emplace_back(topic, field);
}

bool count_watches::remove(const std::string& topic, const pid& who) {
  auto p = by_process_.find(who);
  if (p == by_process_.end())
    return false;
  auto t = p->second.find(topic);
  if (t == p->second.end())
    return false;
  drop_member(t->second, who);
  p->second.erase(t);
  if (p->second.empty())
    by_process_.erase(p);
  return true;
}

void count_watches::remove(const pid& who) {
  auto p = by_process_.extract(who);
  if (!p)
    return;
  for (const auto& [topic, which] : p.mapped())
    drop_member(which, who);
}

bool count_watches::has(const std::string& topic) const {
  auto g = groups_.lower_bound({topic, {}, duration::min()});
  return g != groups_.end() && std::get<0>(g->first) == topic;
}

std::set<pid> count_watches::watchers() const {
  std::set<pid> all;
  for (const auto& [who, topics] : by_process_)
    all.insert(who);
  return all;
}

void count_watches::schedule(const id& which, group& g, time_point at) {
  if (g.due && *g.due <= at)
    return;
  if (g.due)
    due_.erase({*g.due, which});
  g.due = at;
  due_.emplace(at, which);
}

void count_watches::changed(const std::string& topic, time_point now) {
  for (auto g = groups_.lower_bound({topic, {}, duration::min()}); g != groups_.end() && std::get<0>(g->first) == topic;
       ++g)
    if (!g->second.due)
      schedule(g->first, g->second, std::max(now, g->second.looked + std::get<2>(g->first)));
}

void count_watches::changed_all(time_point now) {
  for (auto& [which, g] : groups_)
    schedule(which, g, now);
}

std::vector<count_watches::telling> count_watches::take_due(time_point now, const count_function& count_of) {
  std::vector<telling> all;
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto which = due_.begin()->second;
    due_.erase(due_.begin());
    auto& g = groups_.at(which);
    const auto& [topic, field, rate] = which;
    g.due.reset();
    g.looked = now;
    const auto count = count_of(topic, field);
    auto is_owed = false;
    for (auto& [who, m] : g.members) {
      if (m.told == count)
        continue;
      if (m.at + rate > now) {
        is_owed = true;
        continue;
      }
      m = {count, now};
      all.push_back({who, {topic, count}});
    }
    if (is_owed)
      schedule(which, g, now + rate);
  }
  return all;
}

std::optional<time_point> count_watches::next() const {
  return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

std::vector<std::pair<std::string, std::string>> count_watches::take_abandoned() {
  return std::exchange(abandoned_, {});
}

}  // namespace beamline::presence::layer
