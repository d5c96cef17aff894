#include "testing/net/network_core.hpp"

#include "testing/net/connection.hpp"
#include "testing/net/listening_port.hpp"

namespace beamline::testing {

namespace {

constexpr std::uint64_t network_seed = 30;
// Where systems take the ports that nobody asked for by number.
constexpr std::uint32_t first_free_port = 49'152;
constexpr std::uint32_t free_ports = 65'536 - first_free_port;

}  // namespace

network_core::network_core(testing::world& w) : world{w}, ways{w}, seed_{w.derive_seed(network_seed)} {}

bool network_core::is_powered(const machine& m) const {
  auto lost = starts_at_loss_.find(m.index());
  return lost == starts_at_loss_.end() || m.starts() > lost->second;
}

std::shared_ptr<listening_port> network_core::port_at(const machine& m, std::uint16_t port, bool is_loopback) const {
  auto p = ports.find({m.index(), port});
  return p != ports.end() && p->second->is_reached(is_loopback) ? p->second : nullptr;
}

std::uint16_t network_core::free_port(const machine& m) {
  auto& used = ports_used_[m.index()];
  for (;;) {
    auto port = static_cast<std::uint16_t>(first_free_port + used++ % free_ports);
    if (!ports.contains({m.index(), port}))
      return port;
  }
}

std::uint64_t network_core::next_connection(const machine& from, const machine& to) {
  auto pair = std::pair{from.index(), to.index()};
  return (std::uint64_t{pair.first} << 48) + (std::uint64_t{pair.second} << 32) + ++dialled_[pair];
}

std::uint64_t network_core::seed_of(std::uint64_t connection) const { return mix64(seed_ ^ mix64(connection)); }

}  // namespace beamline::testing
