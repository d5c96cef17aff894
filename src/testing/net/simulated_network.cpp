#include "testing/net/simulated_network.hpp"

#include "testing/net/connection.hpp"
#include "testing/net/listening_port.hpp"
#include "testing/net/network_core.hpp"
#include "testing/net/node_network.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace beamline::testing {

struct simulated_network::state {
  explicit state(world& w) : core{w} {}

  [[nodiscard]] const machine& find(std::string_view name) { return core.world.machine_of(name); }

  /// Does something to both directions between two machines, and says so.
  template <class F>
  void between(std::string_view a, std::string_view b, std::string_view what, F&& change) {
    const auto& one = find(a);
    const auto& other = find(b);
    core.world.note(trace_tag(what), one.index(), other.index());
    core.world.tell(&one, [&] { return std::string{what} + " " + other.name(); });
    change(one.index(), other.index());
  }

  [[nodiscard]] std::vector<std::shared_ptr<connection>> connections_between(std::uint32_t a, std::uint32_t b) {
    std::vector<std::shared_ptr<connection>> all;
    for (const auto& [id, c] : core.connections) {
      auto from = c->on(connection::dialler).index();
      auto to = c->on(connection::acceptor).index();
      if ((from == a && to == b) || (from == b && to == a))
        all.push_back(c);
    }
    return all;
  }

  network_core core;
  std::map<std::uint64_t, std::unique_ptr<node_network>> nodes;  // By incarnation.
};

simulated_network::simulated_network(world& w) : state_{std::make_unique<state>(w)} {}

simulated_network::~simulated_network() = default;

namespace {

node_network& network_of(std::map<std::uint64_t, std::unique_ptr<node_network>>& nodes, network_core& core,
                         simulated_node& n) {
  auto& made = nodes[n.incarnation()];
  if (!made)
    made = std::make_unique<node_network>(core, n);
  return *made;
}

}  // namespace

net::byte_network& simulated_network::of(simulated_node& n) { return network_of(state_->nodes, state_->core, n); }

net::resolver& simulated_network::resolver_of(simulated_node& n) { return network_of(state_->nodes, state_->core, n); }

net::endpoint simulated_network::address_of(std::string_view machine, std::uint16_t port) const {
  return {testing::address_of(state_->find(machine).index()), port};
}

// -- faults ------------------------------------------------------------------------------

void simulated_network::partition(std::string_view a, std::string_view b) {
  state_->between(a, b, "is cut off from", [&](auto one, auto other) {
    state_->core.ways.cut(one, other);
    state_->core.ways.cut(other, one);
  });
}

void simulated_network::partition_one_way(std::string_view from, std::string_view to) {
  state_->between(from, to, "does not get through to",
                  [&](auto one, auto other) { state_->core.ways.cut(one, other); });
}

void simulated_network::heal(std::string_view a, std::string_view b) {
  state_->between(a, b, "has a good way again to", [&](auto one, auto other) {
    state_->core.ways.heal(one, other);
    state_->core.ways.heal(other, one);
  });
}

void simulated_network::heal_all() {
  state_->core.world.note(trace_tag("network heals"));
  state_->core.world.tell(nullptr, [] { return "all ways are good again"; });
  state_->core.ways.heal_all();
}

void simulated_network::end_random_resets() { state_->core.has_random_resets = false; }

bool simulated_network::is_cut(std::string_view from, std::string_view to) const {
  return state_->core.ways.is_cut(state_->find(from).index(), state_->find(to).index());
}

void simulated_network::reset(std::string_view a, std::string_view b) {
  state_->between(a, b, "has all its connections broken with", [&](auto one, auto other) {
    for (const auto& c : state_->connections_between(one, other))
      c->reset_both();
  });
}

void simulated_network::half_open(std::string_view at, std::string_view far) {
  state_->between(at, far, "forgets all its connections with", [&](auto one, auto other) {
    for (const auto& c : state_->connections_between(one, other))
      c->reset_one(c->on(connection::dialler).index() == one ? connection::dialler : connection::acceptor);
  });
}

void simulated_network::stall(std::string_view a, std::string_view b, duration d) {
  state_->between(a, b, "for a while hears nothing of", [&](auto one, auto other) {
    state_->core.ways.stall(one, other, d);
    state_->core.ways.stall(other, one, d);
  });
}

void simulated_network::slow(std::string_view a, std::string_view b, std::uint64_t octets_per_ms) {
  state_->between(a, b, octets_per_ms == 0 ? "has a fast way again to" : "has a slow way to",
                  [&](auto one, auto other) {
                    state_->core.ways.slow(one, other, octets_per_ms);
                    state_->core.ways.slow(other, one, octets_per_ms);
                  });
}

// -- names -------------------------------------------------------------------------------

void simulated_network::set_record(net::dns_record what, std::string name, std::vector<net::endpoint> answer) {
  state_->core.world.note(trace_tag("dns record"), trace_tag(name), answer.size());
  state_->core.names.set_record(what, std::move(name), std::move(answer));
}

void simulated_network::set_dns_outage(std::string_view machine, bool is_out) {
  const auto& m = state_->find(machine);
  state_->core.world.note(trace_tag("dns outage"), m.index(), is_out ? 1 : 0);
  if (is_out != state_->core.names.is_out_for(m.index()))
    state_->core.world.tell(&m, [&] { return is_out ? "gets no answers for names" : "gets answers for names again"; });
  state_->core.names.set_outage(m.index(), is_out);
}

// -- for the world -------------------------------------------------------------------------

void simulated_network::node_ended(simulated_node& n, node_end how) {
  auto& core = state_->core;
  if (how == node_end::power_loss)
    core.lose_power(n.on());
  // Those of earlier runs are referred to by nothing that can still run; this one by what its processes do at their
  // end.
  std::erase_if(state_->nodes,
                [&](const auto& other) { return other.second->is_ended() && &other.second->on() == &n.on(); });
  if (auto mine = state_->nodes.find(n.incarnation()); mine != state_->nodes.end())
    mine->second->end();
  auto ports = core.ports;
  for (const auto& [where, port] : ports)
    if (port->incarnation() == n.incarnation())
      port->end();
  auto connections = core.connections;
  for (const auto& [id, c] : connections)
    c->node_ended(n.incarnation(), how);
}

std::size_t simulated_network::connections() const {
  return static_cast<std::size_t>(std::count_if(state_->core.connections.begin(), state_->core.connections.end(),
                                                [](const auto& c) { return c.second->is_alive(); }));
}

}  // namespace beamline::testing
