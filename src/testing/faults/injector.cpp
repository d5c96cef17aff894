#include "testing/faults/injector.hpp"

#include <utility>

namespace beamline::testing {

injector::injector(cluster& c, std::vector<fault> faults, options o)
    : cluster_{c}, faults_{std::move(faults)}, options_{std::move(o)} {
  for (auto& name : options_.counted) {
    counted_.insert(name);
    watched_.insert(name);
  }
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const auto& f = faults_[i];
    if (f.event.empty()) {
      arm(i, time_point{} + f.at);
    } else {
      waiting_[f.node][f.event].push_back(i);
      watched_.insert(f.event);
    }
  }
  cluster_.world().add_observer(*this);
}

injector::~injector() {
  disarm();
  cluster_.world().remove_observer(*this);
}

void injector::disarm() {
  is_disarmed_ = true;
  for (const auto& [index, timer] : armed_)
    cluster_.world().forget(timer);
  armed_.clear();
}

void injector::on_start(simulated_node& n) {
  if (options_.is_recorded)
    return;  // Then `on_event` sees them all.
  auto& handles = machines_[n.name()].handles;
  for (const auto& name : watched_)
    handles.push_back(n.events().attach_all(
        [this, name, node = n.name()](const event_view& e) {
          if (e.name() == name)  // Others may begin like it.
            count(node, name);
        },
        name));
}

void injector::on_end(simulated_node& n, node_end) { machines_[n.name()].handles.clear(); }

void injector::on_event(simulated_node& n, const event_view& e) { count(n.name(), e.name()); }

void injector::count(const std::string& node, std::string_view event) {
  auto& m = machines_[node];
  auto i = m.counts.find(event);
  if (i == m.counts.end())
    i = m.counts.emplace(event, 0).first;
  auto nth = ++i->second;
  auto now = cluster_.world().now();
  if (options_.is_recorded)
    m.last = {i->first, nth, now};
  if (counted_.contains(event)) {
    ++seen_[i->first];
    m.last_counted = {i->first, nth, now};
  }
  if (is_disarmed_)
    return;
  if (auto on_node = waiting_.find(node); on_node != waiting_.end())
    if (auto tied = on_node->second.find(event); tied != on_node->second.end())
      for (auto index : tied->second)
        if (faults_[index].nth == nth)
          arm(index, now + faults_[index].delay);
}

void injector::arm(std::size_t index, time_point when) {
  armed_[index] = cluster_.world().at(when, [this, index] { strike(index); });
}

void injector::tie(const fault& f, const machine_view& m) {
  auto now = cluster_.world().now();
  auto is_near = m.last_counted.nth != 0 && now - m.last_counted.at <= near;
  const auto& last = is_near ? m.last_counted : m.last;
  if (last.nth == 0)
    return;
  auto& tied = anchored_[f.id] = f;
  tied.at = {};
  tied.event = last.name;
  tied.nth = last.nth;
  tied.delay = now - last.at;
}

void injector::strike(std::size_t index) {
  armed_.erase(index);
  const auto& f = faults_[index];
  ++seen_[std::string{to_string(f.what)}];
  if (options_.is_recorded)
    tie(f, machines_[f.node]);
  cluster_.inject(f);
}

}  // namespace beamline::testing
