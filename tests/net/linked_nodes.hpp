#pragma once

#include "testing/net/simulated_links.hpp"
#include "testing/net/simulated_network.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beamline::testing {

/// `peers` that send everything twice, while they are told to: what links never do, and their users must bear.
class doubling_peers final : public peers {
public:
  doubling_peers(peers& real, std::shared_ptr<const bool> is_doubling)
      : real_{real}, is_doubling_{std::move(is_doubling)} {}

  result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) override {
    if (*is_doubling_)
      (void)real_.send(node, where, service, payload);
    return real_.send(node, where, service, std::move(payload));
  }
  void register_service(std::string service, pid handler) override {
    real_.register_service(std::move(service), std::move(handler));
  }
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber, node_kinds which) override {
    return real_.subscribe_with_snapshot(std::move(subscriber), which);
  }
  std::size_t unsubscribe(const pid& subscriber, node_kinds which) override {
    return real_.unsubscribe(subscriber, which);
  }
  result<void> signal(const node_identity& to, std::uint64_t flow, bytes encoded) override {
    return real_.signal(to, flow, std::move(encoded));
  }
  [[nodiscard]] std::vector<peer_info> list(node_kinds which) const override { return real_.list(which); }

private:
  peers& real_;
  std::shared_ptr<const bool> is_doubling_;  // The nodes outlive who set it.
};

/// For long stories, in which ticks and dials would be most of the steps.
inline simulated_links_options patient_links(duration tick_time = 2s, duration redial = 200ms) {
  simulated_links_options o;
  o.links.tick_time = tick_time;
  o.redial = redial;
  return o;
}

/// Links between the nodes of a test, that come up and go down when the test says so.
class linked_nodes {
public:
  /// They are out of each other's reach until `connect`.
  linked_nodes(world& w, std::vector<std::string> names, simulated_links_options o = {})
      : world_{w}, names_{std::move(names)}, options_{std::move(o)} {
    for (const auto& a : names_)
      for (const auto& b : names_)
        if (a < b)
          world_.network().partition(a, b);
  }

  /// Gives the node its `peers`; before anything is spawned on it.
  void join(simulated_node& n, std::string role) {
    auto o = options_;
    o.links.role = std::move(role);
    auto& links = simulated_links::start(n, names_, o);
    links_[n.name()] = &links;
    n.env().use_peers(n.own<doubling_peers>(links.links(), is_doubling_));
  }

  /// Both know it when this returns.
  void connect(simulated_node& a, simulated_node& b) {
    world_.network().heal(a.name(), b.name());
    REQUIRE(world_.run_until([&] { return is_linked(a, b) && is_linked(b, a); }, 10s));
  }
  /// Both know it when this returns. What was under way is lost.
  void cut(simulated_node& a, simulated_node& b) {
    world_.network().partition(a.name(), b.name());
    REQUIRE(world_.run_until([&] { return !is_linked(a, b) && !is_linked(b, a); }, 10s));
  }
  /// Breaks the connection, at different times for both; they link again by themselves.
  void shake(simulated_node& a, simulated_node& b) { world_.network().reset(a.name(), b.name()); }

  [[nodiscard]] bool is_linked(const simulated_node& a, const simulated_node& b) const {
    return links_.at(a.name())->is_linked_with(b.name());
  }

  /// Whether everything that is sent arrives twice.
  void double_all(bool is_doubling) { *is_doubling_ = is_doubling; }

private:
  world& world_;
  std::vector<std::string> names_;
  simulated_links_options options_;
  std::shared_ptr<bool> is_doubling_ = std::make_shared<bool>(false);
  std::map<std::string, simulated_links*> links_;  // Of the last run of each node.
};

}  // namespace beamline::testing
