#include "sim/links/checkers/detection_times.hpp"

#include "net/links.hpp"
#include "testing/check/evidence.hpp"
#include "testing/explore/report.hpp"
#include "testing/world.hpp"

#include <algorithm>

namespace beamline::linked {

using testing::moment;
using testing::simulated_node;

namespace {

/// Of a fault that keeps octets back, or stops a node.
bool is_disturbing(std::string_view note) {
  if (!note.starts_with("FAULT "))
    return false;
  note.remove_prefix(6);
  for (std::string_view harmless : {"kill ", "clock_step ", "dns_outage ", "disk_", "slow_disk "})
    if (note.starts_with(harmless))
      return false;
  return true;
}

}  // namespace

detection_times::detection_times(testing::world& w, duration tick_time, int intensity)
    : telemetry_checker{"detection times"},
      world_{w},
      earliest_{tick_time - tick_time / intensity},
      latest_{tick_time + tick_time / intensity} {
  look_later();
}

void detection_times::look_later() {
  world_.at(world_.now() + look_every, [this] {
    look();
    look_later();
  });
}

void detection_times::on_start(simulated_node& n) {
  listen<net::link_changed>(n, [this, &n](const net::link_changed& e) {
    if (e.status == "down" && e.why == down_reason::net_tick_timeout)
      given_up(n, e);
  });
}

void detection_times::on_end(simulated_node& n, testing::node_end how) {
  telemetry_checker::on_end(n, how);
  links_.erase(n.incarnation());
  connection_.erase(n.incarnation());
}

void detection_times::on_note(const testing::machine*, std::string_view text) {
  if (is_disturbing(text))
    disturbed_until_ = time_point::max();  // Until all is healed, see below.
  else if (text.starts_with("HORIZON"))
    disturbed_until_ = world_.now() + 2 * latest_;
}

void detection_times::look() {
  for (const auto& m : world_.machines())
    if (auto* n = m->running())
      look(*n);
  looked_ = world_.now();
}

void detection_times::look(simulated_node& n) {
  auto now = world_.now();
  auto& seen = links_[n.incarnation()];
  std::map<std::uint64_t, link> still;
  for (const auto& s : static_cast<net::links&>(n.env().peers()).stats()) {
    auto known = seen.find(s.peer.connection);
    link l = known == seen.end() ? link{0, looked_, now} : known->second;
    if (l.octets != s.wire_octets_in)
      l = {s.wire_octets_in, looked_, now};
    // Who stands still cannot look, and has read nothing of what came meanwhile.
    if (n.paused_until() > now)
      l.after = n.paused_until();
    if (now - l.after > latest_ + slack)
      fail(n.name() + " at " + moment(world_) + " has heard nothing of " + s.peer.identity.name + " since "
           + testing::moment_text(l.after - time_point{}) + ", and has not given it up (I6)");
    connection_[n.incarnation()][s.peer.identity.name] = s.peer.connection;
    still[s.peer.connection] = l;
  }
  seen = std::move(still);
}

void detection_times::given_up(simulated_node& n, const net::link_changed& e) {
  auto now = world_.now();
  std::string told = n.name() + " at " + moment(world_) + " gives up " + std::string{e.node};
  if (now > disturbed_until_)
    fail(told + ", and nothing disturbs the links (I6)");
  auto connection = connection_[n.incarnation()].find(std::string{e.node});
  if (connection == connection_[n.incarnation()].end())
    return;
  auto& all = links_[n.incarnation()];
  if (auto l = all.find(connection->second); l != all.end() && now - l->second.before < earliest_)
    fail(told + " although it heard it after " + testing::moment_text(l->second.before - time_point{}) + " (I6)");
}

}  // namespace beamline::linked
