#pragma once

#include "actors/peers.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace beamline::testing {

/// Links between the nodes of a world, as `peers` promises them: in order per direction, with random delays;
/// what is under way when a link is cut is lost.
class fake_network {
public:
  explicit fake_network(world& w) : world_{w}, random_{w.derive_seed(77)} {}

  /// Gives the node its `peers`; before anything is spawned on it.
  void join(simulated_node& n, std::string role) {
    auto& side = sides_[n.name()];
    side = std::make_unique<fake_peers>(*this, n, std::move(role));
    n.env().use_peers(*side);
  }

  void connect(simulated_node& a, simulated_node& b) {
    bring_up(a, b);
    bring_up(b, a);
  }

  void cut(simulated_node& a, simulated_node& b) {
    ++cuts_;  // Whatever is under way anywhere between these two carries an older number.
    last_cut_[key(a.name(), b.name())] = last_cut_[key(b.name(), a.name())] = cuts_;
    take_down(a, b);
    take_down(b, a);
  }

  bool is_full = false;         // Every lane answers `busy`.
  bool is_duplicating = false;  // Everything arrives twice.

private:
  static std::string key(const std::string& from, const std::string& to) { return from + ">" + to; }

  class fake_peers final : public peers {
  public:
    fake_peers(fake_network& net, simulated_node& n, std::string role)
        : net_{net}, node_{n}, info{*n.get().identity(), std::move(role)} {}

    result<void> send(std::string_view node, lane, std::string_view service, bytes payload) override {
      if (!linked.contains(std::string{node}))
        return error{errc::unavailable, "not linked"};
      if (net_.is_full)
        return error{errc::busy, "the lane is full"};
      if (payload.size() > (1U << 20))
        return error{errc::too_large, "too large"};
      net_.carry(node_.name(), std::string{node}, {info.identity, std::string{service}, std::move(payload)});
      return {};
    }
    void register_service(std::string service, pid handler) override { services[service] = std::move(handler); }
    std::vector<peer_info> subscribe_with_snapshot(pid subscriber) override {
      subscribers.insert(std::move(subscriber));
      return list();
    }
    result<void> route(const pid&, bytes) override { return error{errc::unsupported, "no routes"}; }
    std::vector<peer_info> list() const override {
      std::vector<peer_info> all;
      for (const auto& [name, peer] : linked)
        all.push_back(peer);
      return all;
    }

    template <class Event>
    void tell(const Event& e) {
      for (const auto& p : subscribers)
        node_.cast(p, Event{e});
    }
    void deliver(const peer_message& m) {
      if (auto s = services.find(m.service); s != services.end())
        node_.cast(s->second, peer_message{m});
    }

  private:
    fake_network& net_;
    simulated_node& node_;

  public:
    peer_info info;
    std::map<std::string, peer_info> linked;
    std::map<std::string, pid> services;
    std::set<pid> subscribers;
  };

  void bring_up(simulated_node& at, simulated_node& other) {
    auto& side = *sides_.at(at.name());
    auto& peer = sides_.at(other.name())->info;
    if (side.linked.emplace(other.name(), peer).second)
      side.tell(node_up{peer});
  }

  void take_down(simulated_node& at, simulated_node& other) {
    auto& side = *sides_.at(at.name());
    if (auto l = side.linked.extract(other.name()))
      side.tell(node_down{l.mapped(), "cut"});
  }

  void carry(const std::string& from, const std::string& to, peer_message m) {
    auto direction = key(from, to);
    auto& last = last_arrival_[direction];
    last = std::max(last + 1ns, world_.now() + duration{static_cast<std::int64_t>(random_.below(1'000'000))});
    // From an event and not from the sender's turn, so that no other send of it is reordered with this one.
    world_.at(last, [this, direction, to, m = std::move(m), sent_after = last_cut_[direction]] {
      if (last_cut_[direction] != sent_after)
        return;
      sides_.at(to)->deliver(m);
      if (is_duplicating)
        sides_.at(to)->deliver(m);
    });
  }

  world& world_;
  seeded_random random_;
  std::map<std::string, std::unique_ptr<fake_peers>> sides_;
  std::map<std::string, time_point> last_arrival_;
  std::map<std::string, std::uint64_t> last_cut_;
  std::uint64_t cuts_ = 0;
};

}  // namespace beamline::testing
