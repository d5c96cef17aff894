#include "pubsub/presence/layer/publish_order.hpp"

#include <algorithm>
#include <utility>

namespace beamline::presence::layer {

void publish_order::begin(const std::string& topic, diff_parts as_tracked) {
  topics_[topic].push_back({std::move(as_tracked)});
}

publish_order::slot* publish_order::find(const std::string& topic, std::uint64_t id) {
  auto t = topics_.find(topic);
  if (t == topics_.end())
    return nullptr;
  auto s = std::find_if(t->second.begin(), t->second.end(), [&](const slot& x) { return x.parts.id == id; });
  return s == t->second.end() || s->is_ready ? nullptr : &*s;
}

bool publish_order::finish(const std::string& topic, std::uint64_t id, presence_map joins, presence_map leaves) {
  auto* s = find(topic, id);
  if (s == nullptr)
    return false;
  s->parts.joins = std::move(joins);
  s->parts.leaves = std::move(leaves);
  s->is_ready = true;
  return true;
}

bool publish_order::give_up(const std::string& topic, std::uint64_t id) {
  auto* s = find(topic, id);
  if (s == nullptr)
    return false;
  s->is_ready = true;
  return true;
}

std::optional<publish_order::diff_parts> publish_order::take_ready(const std::string& topic) {
  auto t = topics_.find(topic);
  if (t == topics_.end() || !t->second.front().is_ready)
    return std::nullopt;
  auto parts = std::move(t->second.front().parts);
  t->second.pop_front();
  if (t->second.empty())
    topics_.erase(t);
  return parts;
}

void publish_order::put_back(const std::string& topic, diff_parts ready) {
  topics_[topic].push_front({std::move(ready), true});
}

std::size_t publish_order::waiting(const std::string& topic) const {
  auto t = topics_.find(topic);
  return t == topics_.end() ? 0 : t->second.size();
}

}  // namespace beamline::presence::layer
