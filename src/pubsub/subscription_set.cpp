#include "pubsub/subscription_set.hpp"

#include <utility>

namespace beamline::pubsub {

namespace {

subscribe_options with_memory(subscribe_options o) {
  o.seen = std::make_shared<seen_events>();
  return o;
}

}  // namespace

std::shared_ptr<subscription_set> subscription_set::make(system& of, pid subscriber, subscribe_options o) {
  return std::make_shared<subscription_set>(of, std::move(subscriber), std::move(o));
}

subscription_set::subscription_set(system& of, pid subscriber, subscribe_options o)
    : of_{of}, subscriber_{std::move(subscriber)}, options_{with_memory(std::move(o))} {}

subscription_set::~subscription_set() {
  for (const auto& [name, one] : topics_)
    of_.unsubscribe(one);
}

result<void> subscription_set::add(const std::string& topic) {
  std::lock_guard lock{mutex_};
  if (topics_.contains(topic))
    return {};
  auto one = of_.subscribe(subscriber_, topic, options_);
  if (!one)
    return one.error();
  topics_.emplace(topic, std::move(*one));
  return {};
}

void subscription_set::remove(const std::string& topic) {
  std::lock_guard lock{mutex_};
  if (auto one = topics_.extract(topic))
    of_.unsubscribe(one.mapped());
}

std::set<std::string> subscription_set::topics() const {
  std::lock_guard lock{mutex_};
  std::set<std::string> names;
  for (const auto& [name, one] : topics_)
    names.insert(name);
  return names;
}

}  // namespace beamline::pubsub
