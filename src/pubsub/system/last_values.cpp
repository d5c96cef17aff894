#include "pubsub/system/last_values.hpp"

#include "base/planted.hpp"
#include "supervision/partition_table.hpp"

#include <utility>

namespace beamline::pubsub {

namespace {

std::uint64_t digest_of(const std::string& topic, const value_stamp& s) {
  return supervision::stable_hash(topic + '\n' + std::to_string(s.version) + '\n' + s.origin);
}

}  // namespace

const kept_value* last_values::find(std::string_view topic) const {
  auto v = values_.find(topic);
  return v == values_.end() || v->second.m.empty() ? nullptr : &v->second;
}

bool last_values::is_news(std::string_view topic, const value_stamp& s) const {
  auto known = values_.find(topic);
  return known == values_.end() || known->second.stamp < s
      || (planted::is_on(planted::bug::value_again) && known->second.stamp == s);
}

std::size_t last_values::put(const std::string& topic, kept_value v,
                             const std::function<bool(std::string_view)>& may_go) {
  if (auto old = values_.find(topic); old != values_.end())
    erase(old);
  std::size_t evicted = 0;
  if (!make_room(v.octets, may_go, evicted)) {
    ++evicted;
    // An older one must not come back to those who are told this one.
    v.m = {};
    v.octets = 0;
    if (values_.size() >= limits_.values_max)
      return evicted;
  }
  insert(topic, std::move(v));
  return evicted;
}

void last_values::insert(const std::string& topic, kept_value v) {
  octets_ += v.octets;
  if (!v.m.empty()) {
    ++size_;
    digest_ ^= digest_of(topic, v.stamp);
  }
  auto sequence = v.sequence;
  oldest_first_.emplace(sequence, values_.emplace(topic, std::move(v)).first);
}

bool last_values::make_room(std::size_t octets, const std::function<bool(std::string_view)>& may_go,
                            std::size_t& evicted) {
  if (octets > limits_.octets_max)
    return false;
  auto fits = [&] { return values_.size() < limits_.values_max && octets_ + octets <= limits_.octets_max; };
  std::size_t looked_at = 0;
  for (auto i = oldest_first_.begin(); !fits() && i != oldest_first_.end() && looked_at < candidates_max; ++looked_at) {
    auto v = (i++)->second;
    if (!may_go(v->first))
      continue;
    evicted += v->second.m.empty() ? 0 : 1;  // Those without a value are counted already.
    erase(v);
  }
  return fits();
}

void last_values::erase(value_map::iterator v) {
  octets_ -= v->second.octets;
  if (!v->second.m.empty()) {
    --size_;
    digest_ ^= digest_of(v->first, v->second.stamp);
  }
  oldest_first_.erase(v->second.sequence);
  values_.erase(v);
}

const std::pair<const std::string, kept_value>* last_values::next(std::string_view after) const {
  auto v = values_.upper_bound(after);
  while (v != values_.end() && v->second.m.empty())
    ++v;
  return v == values_.end() ? nullptr : &*v;
}

}  // namespace beamline::pubsub
