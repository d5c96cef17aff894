#pragma once

// Links between the nodes of a world: the real ones (net/links.hpp), with handshake, gates and detection, over the
// simulated network. Only CAF's middleman is left out: envelopes go straight from gate to gate (direct_carrier.hpp).
//
//   cluster c{w, names, [&](simulated_node& n) {
//     simulated_links::start(n, names, {.links = {.role = "counter"}});    first: what is spawned finds its peers
//     n.spawn<my_process>();
//   }};

#include "net/links.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// The real defaults, but faster, and a cookie that all simulated nodes have.
[[nodiscard]] net::links_options fast_links();

struct simulated_links_options {
  net::links_options links = fast_links();
  std::uint16_t port = 4400;   // The same on every machine.
  duration begin_after = 5ms;  // For the services of this node to be registered: what comes for an unknown one is lost.
  bool advertises = true;  // False: it says that it listens on all addresses, as nodes do without cluster.advertise.
  duration redial = 20ms;  // Those who are not linked are dialled so often; jitter adds up to half.
};

/// The links of one run of a node, and who keeps dialling the others. Owned by the node; used in the world's thread.
class simulated_links {
public:
  /// Makes the links of that node and gives them to its environment; before anything is spawned. `others` are names of
  /// machines that are dialled for ever; its own name among them does no harm.
  static simulated_links& start(simulated_node& n, std::vector<std::string> others = {},
                                simulated_links_options o = {});

  simulated_links(simulated_node& n, std::vector<std::string> others, simulated_links_options o);
  ~simulated_links();
  simulated_links(const simulated_links&) = delete;
  simulated_links& operator=(const simulated_links&) = delete;

  [[nodiscard]] net::links& links() noexcept { return *links_; }
  [[nodiscard]] bool is_linked_with(std::string_view node) const;
  /// Dials once; the outcome is in `*out` when it is known.
  void connect(std::string_view machine, std::shared_ptr<net::connect_outcome> out = {});
  /// Says goodbye to everybody and dials nobody any more.
  void close();

private:
  struct parts;

  void keep_dialling(const std::string& name);

  simulated_node& node_;
  simulated_links_options options_;
  std::unique_ptr<parts> parts_;
  std::unique_ptr<net::links> links_;
  bool is_closed_ = false;
};

}  // namespace beamline::testing
