#pragma once

#include "actors/peers.hpp"
#include "base/log.hpp"
#include "net/discovery/discovery.hpp"
#include "testing/net/simulated_loop.hpp"
#include "testing/net/simulated_network.hpp"
#include "testing/simulated_node.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beamline::net::test {

/// Who would answer at an address.
struct resident {
  std::string name;
  connect_outcome::kind outcome = connect_outcome::kind::connected;
  duration takes = 5ms;
};

/// Links without links: a table of who lives where, what was asked of it, and the events of a `peers`. An attempt that
/// is in its table succeeds after a while, others are unreachable.
class fake_links final : public peers {
public:
  explicit fake_links(testing::simulated_node& n) : node_{n} {}

  // -- for the test ----------------------------------------------------------------------

  void settle(const endpoint& at, resident who) { residents_[at] = std::move(who); }
  void vacate(const endpoint& at) { residents_.erase(at); }
  /// The peer dialled this node.
  void comes_up(const std::string& name) {
    if (!up_.insert(name).second)
      return;
    ++links_made;
    tell(node_up{info(name)});
  }
  void goes_down(const std::string& name, std::string_view why = down_reason::connection_closed) {
    if (up_.erase(name) != 0)
      tell(node_down{info(name), std::string{why}});
  }
  void gossip(const std::vector<links::hint>& hints) {
    if (told_)
      told_(hints);
  }

  [[nodiscard]] bool is_up(const std::string& name) const { return up_.contains(name); }
  [[nodiscard]] std::set<std::string> up() const { return up_; }
  [[nodiscard]] std::size_t dials_to(const endpoint& at) const {
    return static_cast<std::size_t>(std::count(dialled.begin(), dialled.end(), at));
  }

  std::vector<endpoint> dialled;      // In order.
  std::vector<expectation> expected;  // Of each.
  std::vector<std::string> let_go;    // Asked to be disconnected.
  std::size_t links_made = 0;
  std::map<endpoint, int> under_way;
  int together = 0, together_max = 0, same_max = 0;  // Attempts at one time: all, and to one address.

  // -- for discovery ---------------------------------------------------------------------

  [[nodiscard]] discovery_ports ports(event_loop* loop = nullptr) {
    return {.dial = [this](const endpoint& to, const expectation& who,
                           links::on_connect done) { dial(to, who, std::move(done)); },
            .disconnect =
                [this](std::string_view name) {
                  let_go.emplace_back(name);
                  goes_down(std::string{name}, down_reason::disconnect);
                },
            .hints = [this](auto told) { told_ = std::move(told); },
            .names = &node_.resolver(),
            .loop = loop};
  }

  result<void> send(std::string_view, lane, std::string_view, bytes) override { return nobody(); }
  void register_service(std::string, pid) override {}
  result<void> signal(const node_identity&, std::uint64_t, bytes) override { return nobody(); }
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber, node_kinds) override {
    subscriber_ = std::move(subscriber);
    return list(node_kinds::all);
  }
  std::size_t unsubscribe(const pid&, node_kinds) override { return 0; }
  [[nodiscard]] std::vector<peer_info> list(node_kinds) const override {
    std::vector<peer_info> out;
    for (const auto& name : up_)
      out.push_back(info(name));
    return out;
  }

private:
  static error nobody() { return {errc::unavailable, "nobody is there"}; }
  static peer_info info(const std::string& name) { return {{name, 1}, "host", "1.0"}; }
  template <class M>
  void tell(M m) {
    if (subscriber_)
      node_.cast(subscriber_, std::move(m));
  }

  void dial(const endpoint& to, const expectation& who, links::on_connect done) {
    dialled.push_back(to);
    expected.push_back(who);
    together_max = std::max(together_max, ++together);
    same_max = std::max(same_max, ++under_way[to]);
    auto found = residents_.find(to);
    auto takes = found == residents_.end() ? 20ms : found->second.takes;
    node_.env().timers().arm(node_.world().now() + takes, [this, to, done = std::move(done)] {
      --together;
      --under_way[to];
      done(outcome_at(to));
    });
  }

  connect_outcome outcome_at(const endpoint& to) {
    using kind = connect_outcome::kind;
    auto r = residents_.find(to);
    if (r == residents_.end())
      return {kind::unreachable, "", "connection refused"};
    if (r->second.outcome != kind::connected)
      return {r->second.outcome, r->second.name, "so says the test"};
    if (up_.contains(r->second.name))
      return {kind::already, r->second.name, ""};
    comes_up(r->second.name);
    return {kind::connected, r->second.name, ""};
  }

  testing::simulated_node& node_;
  std::map<endpoint, resident> residents_;
  std::set<std::string> up_;
  pid subscriber_;
  std::function<void(const std::vector<links::hint>&)> told_;
};

/// A node whose discovery runs over fake links and the simulated name servers.
struct seeker {
  explicit seeker(testing::world& the_world, discovery_options o = {}, bool has_dns = true) : w{the_world} {
    n.env().use_peers(net);
    if (has_dns)
      for (auto& q : o.queries)
        q.port = q.port == 0 ? 4400 : q.port;
    finder = n.spawn<discovery>(std::move(o), net.ports(has_dns ? &loop : nullptr));
  }

  [[nodiscard]] discovery_status status() { return w.ask<discovery_status>(finder, get_discovery_status{}); }
  [[nodiscard]] std::string state_of(const endpoint& at) {
    for (const auto& t : status().targets)
      if (t.endpoint == to_string(at))
        return t.state;
    return "unknown";
  }
  [[nodiscard]] std::size_t lines(std::string_view words) {
    auto all = n.env().log().recent();
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [&](const auto& l) { return l.find(words) != std::string::npos; }));
  }
  void addresses(const std::string& name, std::vector<std::string> hosts) {
    std::vector<endpoint> out;
    for (auto& h : hosts)
      out.push_back({std::move(h), 0});
    w.network().set_record(dns_record::address, name, std::move(out));
  }

  testing::world& w;
  testing::simulated_node& n = w.start_node("me@sim");
  fake_links& net = n.own<fake_links>(n);
  testing::simulated_loop& loop = n.own<testing::simulated_loop>(n);
  pid finder;
};

}  // namespace beamline::net::test
