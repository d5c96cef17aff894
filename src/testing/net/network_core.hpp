#pragma once

// What the parts of the simulated network share. Included by them only.

#include "testing/net/dns.hpp"
#include "testing/net/routes.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace beamline::testing {

class connection;
class listening_port;

// A machine without power, or one that takes no more connections for now, is tried again after this time.
inline constexpr duration retransmit_after = 200ms;
// A connection that was not answered for so long is given up by the sender's system.
inline constexpr duration give_up_after = 60s;

/// The connections, open ports and ways of all machines. Lives as long as the world.
class network_core {
public:
  explicit network_core(testing::world& w);

  /// False from a loss of power to the next start: nobody answers there. A machine without a node that has power does.
  [[nodiscard]] bool is_powered(const machine& m) const;
  void lose_power(const machine& m) { starts_at_loss_[m.index()] = m.starts(); }

  /// Who takes what is dialled there; null: nobody.
  [[nodiscard]] std::shared_ptr<listening_port> port_at(const machine& m, std::uint16_t port, bool is_loopback) const;
  /// A port of that machine that nobody listens on.
  [[nodiscard]] std::uint16_t free_port(const machine& m);
  /// A number for the next connection from one machine to another. It depends on no other pair.
  [[nodiscard]] std::uint64_t next_connection(const machine& from, const machine& to);
  [[nodiscard]] std::uint64_t seed_of(std::uint64_t connection) const;

  testing::world& world;
  routes ways;
  dns names;
  std::map<std::uint64_t, std::shared_ptr<connection>> connections;  // Those with an end that is open, or soon will be.
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::shared_ptr<listening_port>> ports;
  bool has_random_resets = true;

private:
  std::uint64_t seed_;
  std::map<std::uint32_t, std::uint64_t> starts_at_loss_;
  std::map<std::uint32_t, std::uint32_t> ports_used_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> dialled_;
};

}  // namespace beamline::testing
