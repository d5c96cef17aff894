#pragma once

#include "base/time.hpp"
#include "net/byte_stream.hpp"
#include "net/resolver.hpp"
#include "testing/observer.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

class simulated_node;
class world;

/// The network between the machines of a world: connections of octets, name servers, and what goes wrong with them.
///
/// Guarantees are those of TCP: what arrives is a gapless prefix of what was sent, per connection and direction, in
/// pieces that have nothing to do with how it was written. Between different pairs, and between successive connections
/// of one pair, any order occurs. Every machine has one address: its name's part before the `@` resolves to it, and so
/// does the whole name.
///
/// Latency is stateless (a hash of seed, connection and piece), so that taking away one fault does not move
/// what has nothing to do with it.
class simulated_network {
public:
  // Octets of one direction that the system holds; then `write` waits for the peer to read.
  static constexpr std::size_t buffer_bytes_max = 256 * 1024;
  // A piece on the way is at most this long.
  static constexpr std::size_t piece_bytes_max = 16 * 1024;
  // A question for a name that nobody answers is given up after this time.
  static constexpr duration dns_answer_within = 500ms;

  explicit simulated_network(world& w);
  ~simulated_network();
  simulated_network(const simulated_network&) = delete;
  simulated_network& operator=(const simulated_network&) = delete;

  /// The network as that node sees it. Lives as long as the node.
  [[nodiscard]] net::byte_network& of(simulated_node& n);
  [[nodiscard]] net::resolver& resolver_of(simulated_node& n);
  /// Where a machine is dialled without asking for its name. The machine is made if there is none.
  [[nodiscard]] net::endpoint address_of(std::string_view machine, std::uint16_t port) const;

  // -- faults: machines by name; what is under way is held, lost or reset as TCP would -------

  void partition(std::string_view a, std::string_view b);
  void partition_one_way(std::string_view from, std::string_view to);
  /// Ends partitions, stalls and slowness between the two; what was held goes on its way.
  void heal(std::string_view a, std::string_view b);
  void heal_all();
  /// From now on the climate's resets (`climate::reset_ppm`) do not happen: the time of faults is over.
  void end_random_resets();
  [[nodiscard]] bool is_cut(std::string_view from, std::string_view to) const;
  /// Breaks all connections between the two; each end learns of it in its own time, a suffix of what was under way
  /// is lost.
  void reset(std::string_view a, std::string_view b);
  /// Breaks only `at`'s ends; the far end hears nothing until it writes, and then a reset.
  void half_open(std::string_view at, std::string_view far);
  void stall(std::string_view a, std::string_view b, duration d);
  /// Until healed; 0 octets: no limit.
  void slow(std::string_view a, std::string_view b, std::uint64_t octets_per_ms);

  // -- names ---------------------------------------------------------------------------

  /// What a name resolves to from now on, besides the machines themselves. Empty: no such name.
  void set_record(net::dns_record what, std::string name, std::vector<net::endpoint> answer);
  /// Nobody answers that machine's questions (`unavailable`, after a while).
  void set_dns_outage(std::string_view machine, bool is_out);

  // -- for the world and for checkers ---------------------------------------------------

  /// A node ends: `crash` and `stop` close its connections (the kernel says goodbye), `power_loss` does not.
  void node_ended(simulated_node& n, node_end how);
  /// Connections with at least one living end.
  [[nodiscard]] std::size_t connections() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace beamline::testing
