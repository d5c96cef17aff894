#pragma once

#include "net/nodes/attempt.hpp"
#include "testing/net/simulated_loop.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace beamline::linked {

/// What a machine that was brought back from an old image does: beside the node that runs there, an earlier run of it
/// dials the others and knows the cookie. Whoever has seen a newer run must not let it in (D9); others may, for a
/// moment.
class earlier_self {
public:
  earlier_self(testing::simulated_node& n, std::uint64_t incarnation);

  /// Dials that machine once.
  void dial(const std::string& machine, std::uint16_t port);

private:
  void come_in(net::attempt& a);

  testing::simulated_node& node_;
  testing::simulated_loop loop_;
  node_identity identity_;
  net::keyring keys_;
  std::vector<std::shared_ptr<net::attempt>> attempts_;
  std::vector<net::attempt::taken> taken_;  // It was let in.
};

}  // namespace beamline::linked
