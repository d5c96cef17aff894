#include "sim/presence/checkers/troubles.hpp"

#include "actors/events.hpp"
#include "net/events.hpp"
#include "testing/simulated_node.hpp"

#include <algorithm>

namespace beamline::gathering {

namespace {

std::string pair_of(std::string_view a, std::string_view b) {
  return a < b ? std::string{a} + '|' + std::string{b} : std::string{b} + '|' + std::string{a};
}

std::string part(std::string_view node, std::string_view area) { return std::string{node} + '/' + std::string{area}; }

constexpr std::string_view everything = "everything";

}  // namespace

void troubles::on_start(testing::simulated_node& n) {
  note(part(n.name(), everything), n.world().now());
  linked_[n.name()].clear();
  listen<net::link_changed>(n, [this, &n](const net::link_changed& e) {
    const std::string other{e.node};
    note(pair_of(n.name(), other), n.world().now());
    if (e.status == "up")
      linked_[n.name()].insert(other);
    else
      linked_[n.name()].erase(other);
  });
  listen<net::lane_overflow>(
      n, [this, &n](const net::lane_overflow& e) { note(pair_of(n.name(), e.node), n.world().now()); });
  listen<net::peer_message_dropped>(
      n, [this, &n](const net::peer_message_dropped& e) { note(pair_of(n.name(), e.node), n.world().now()); });
  listen<process_ended>(n, [this, &n](const process_ended& e) {
    for (std::string_view area : {"pubsub", "presence"})
      if (e.kind.find("beamline::" + std::string{area}) != std::string_view::npos)
        note(part(n.name(), area), n.world().now());
    if (e.kind.find("supervis") != std::string_view::npos)
      note(part(n.name(), everything), n.world().now());
  });
}

void troubles::on_end(testing::simulated_node& n, testing::node_end how) {
  note(part(n.name(), everything), n.world().now());
  linked_[n.name()].clear();
  telemetry_checker::on_end(n, how);
}

bool troubles::was_any(const std::string& what, time_point from, time_point to) const {
  auto all = moments_.find(what);
  return all != moments_.end() && std::ranges::any_of(all->second, [&](time_point t) { return from <= t && t <= to; });
}

bool troubles::was_any_on(std::string_view node, std::string_view area, time_point from, time_point to) const {
  return was_any(part(node, area), from, to) || was_any(part(node, everything), from, to);
}

bool troubles::was_any_between(std::string_view a, std::string_view b, time_point from, time_point to) const {
  return was_any(pair_of(a, b), from, to);
}

bool troubles::are_linked(const std::string& a, const std::string& b) const {
  auto of_a = linked_.find(a), of_b = linked_.find(b);
  return of_a != linked_.end() && of_b != linked_.end() && of_a->second.contains(b) && of_b->second.contains(a);
}

}  // namespace beamline::gathering
