#include "pubsub/system/topic_table.hpp"

#include "base/planted.hpp"
#include "supervision/partition_table.hpp"

#include <algorithm>
#include <utility>

namespace beamline::pubsub {

namespace {

audience_ptr make_audience(const std::shared_ptr<const std::string>& topic,
                           const std::map<std::uint64_t, subscription_ptr>& all) {
  auto made = std::make_shared<audience>();
  made->topic = topic;
  made->each.reserve(all.size());
  made->entries.reserve(all.size());
  for (const auto& [id, one] : all) {
    made->has_sets = made->has_sets || one->options().seen != nullptr;
    if (one->options().how == delivery::signal) {
      made->signalled.push_back(one);
      continue;
    }
    made->each.push_back(one);
    made->entries.push_back({one->subscriber(), one->options().metadata.value(), one->options().metadata.type()});
  }
  return made;
}

void call(const std::function<void()>& wake) {
  if (wake)
    wake();
}

}  // namespace

// -- subscribers ------------------------------------------------------------------------------------------

topic_partition::current_value
topic_partition::add(const std::string& topic,
                     const std::function<subscription_ptr(std::shared_ptr<const std::string>)>& make) {
  std::function<void()> wake;
  current_value current;
  {
    std::lock_guard lock{mutex_};
    auto t = topics_.find(topic);
    if (t == topics_.end()) {
      auto name = std::make_shared<const std::string>(topic);
      t = topics_.emplace(std::string_view{*name}, topic_entry{name, {}, {}}).first;
    }
    auto one = make(t->second.name);
    auto process = one->subscriber().id();
    auto is_known = has(process);
    by_process_.emplace(process, t->first, one->id());
    t->second.all.emplace(one->id(), std::move(one));
    t->second.shown = nullptr;
    if (const auto* v = values_.find(topic))
      current = {v->m, v->sequence};
    if (!is_known)
      wake = note_change(process);
  }
  call(wake);
  return current;
}

std::size_t topic_partition::remove(std::uint64_t process, std::string_view topic) {
  std::function<void()> wake;
  std::size_t gone = 0;
  {
    std::lock_guard lock{mutex_};
    auto from = by_process_.lower_bound({process, topic, 0});
    auto to = from;
    while (to != by_process_.end() && std::get<0>(*to) == process && std::get<1>(*to) == topic)
      ++to;
    gone = erase(from, to);
    if (gone > 0 && !has(process))
      wake = note_change(process);
  }
  call(wake);
  return gone;
}

std::size_t topic_partition::remove(const subscription& one) {
  std::function<void()> wake;
  {
    std::lock_guard lock{mutex_};
    auto process = one.subscriber().id();
    auto i = by_process_.find({process, one.topic(), one.id()});
    if (i == by_process_.end())
      return 0;
    erase(i, std::next(i));
    if (!has(process))
      wake = note_change(process);
  }
  call(wake);
  return 1;
}

std::size_t topic_partition::remove_all_of(std::uint64_t process) {
  std::lock_guard lock{mutex_};
  return erase(first_of(process), first_of(process + 1));
}

std::size_t topic_partition::erase(index::iterator from, index::iterator to) {
  std::size_t gone = 0;
  for (; from != to; ++gone) {
    auto [process, topic, id] = *from;
    from = by_process_.erase(from);
    owed_.erase(id);
    auto t = topics_.find(topic);
    t->second.all.erase(id);
    if (!planted::is_on(planted::bug::unsubscribed_told))
      t->second.shown = nullptr;
    if (t->second.all.empty())
      topics_.erase(t);
  }
  return gone;
}

bool topic_partition::has(std::uint64_t process) const {
  auto i = first_of(process);
  return i != by_process_.end() && std::get<0>(*i) == process;
}

std::size_t topic_partition::subscribers(std::string_view topic) const {
  std::lock_guard lock{mutex_};
  auto t = topics_.find(topic);
  return t == topics_.end() ? 0 : t->second.all.size();
}

std::size_t topic_partition::topics() const {
  std::lock_guard lock{mutex_};
  return topics_.size();
}

// -- broadcasts -------------------------------------------------------------------------------------------

topic_partition::round topic_partition::begin(std::string_view topic) {
  std::lock_guard lock{mutex_};
  return begin_locked(topic);
}

topic_partition::round topic_partition::begin_locked(std::string_view topic) {
  round r{nullptr, ++sequence_};
  if (auto t = topics_.find(topic); t != topics_.end()) {
    if (t->second.shown == nullptr)
      t->second.shown = make_audience(t->second.name, t->second.all);
    r.to = t->second.shown;
  }
  return r;
}

std::optional<topic_partition::round> topic_partition::begin_with(const std::string& topic, kept_value v,
                                                                  std::size_t& evicted) {
  std::lock_guard lock{mutex_};
  if (!values_.is_news(topic, v.stamp))
    return std::nullopt;
  auto r = begin_locked(topic);
  v.sequence = r.sequence;
  evicted += values_.put(topic, std::move(v), [this](std::string_view t) { return !topics_.contains(t); });
  return r;
}

// -- last values ------------------------------------------------------------------------------------------

message topic_partition::value(std::string_view topic) const {
  std::lock_guard lock{mutex_};
  const auto* v = values_.find(topic);
  return v == nullptr ? message{} : v->m;
}

topic_partition::digest topic_partition::values_digest() const {
  std::lock_guard lock{mutex_};
  return {values_.size(), values_.digest()};
}

std::optional<std::pair<std::string, kept_value>> topic_partition::value_after(std::string_view after) const {
  std::lock_guard lock{mutex_};
  const auto* v = values_.next(after);
  if (v == nullptr)
    return std::nullopt;
  return std::pair<std::string, kept_value>{*v};
}

// -- the partition process --------------------------------------------------------------------------------

std::vector<std::uint64_t> topic_partition::attach(std::function<void()> wake) {
  std::lock_guard lock{mutex_};
  std::vector<std::uint64_t> all;
  for (const auto& [process, topic, id] : by_process_)
    if (all.empty() || all.back() != process)
      all.push_back(process);
  changed_.clear();
  wake_ = std::move(wake);
  is_woken_ = false;
  return all;
}

void topic_partition::detach() {
  std::lock_guard lock{mutex_};
  wake_ = nullptr;
}

std::function<void()> topic_partition::note_change(std::uint64_t process) {
  changed_.insert(process);
  return wake_once();
}

std::function<void()> topic_partition::wake_once() {
  return std::exchange(is_woken_, true) ? std::function<void()>{} : wake_;
}

topic_partition::changes topic_partition::take_changes() {
  std::lock_guard lock{mutex_};
  changes c;
  for (auto process : changed_)
    c.processes.emplace_back(process, has(process));
  c.is_owing = !owed_.empty();
  changed_.clear();
  is_woken_ = false;
  return c;
}

void topic_partition::owe(const subscription_ptr& one) {
  std::function<void()> wake;
  {
    std::lock_guard lock{mutex_};
    if (!by_process_.contains({one->subscriber().id(), one->topic(), one->id()}))
      return;
    owed_.emplace(one->id(), one);
    wake = wake_once();
  }
  call(wake);
}

std::vector<subscription_ptr> topic_partition::owed() const {
  std::lock_guard lock{mutex_};
  std::vector<subscription_ptr> all;
  for (const auto& [id, one] : owed_)
    all.push_back(one);
  return all;
}

bool topic_partition::settle(const subscription& one) {
  std::lock_guard lock{mutex_};
  return owed_.erase(one.id()) > 0;
}

// -- all of them ------------------------------------------------------------------------------------------

topic_table::topic_table(std::size_t partitions, last_values::limits l) {
  l.values_max = std::max<std::size_t>(1, l.values_max / partitions);
  l.octets_max /= partitions;
  for (std::size_t i = 0; i < partitions; ++i)
    partitions_.push_back(std::make_unique<topic_partition>(l));
}

topic_partition& topic_table::of(std::string_view topic) const {
  return *partitions_[supervision::stable_hash(topic) % partitions_.size()];
}

}  // namespace beamline::pubsub
