#include "actors/environment.hpp"

#include "actors/peers.hpp"

namespace beamline {

namespace {

null_peers& nobody() {
  static null_peers alone;  // Has no state, so sharing it between nodes shares nothing.
  return alone;
}

}  // namespace

environment::environment(node_identity_ptr self, ports p, process_table& processes)
    : self_{std::move(self)}, ports_{p}, processes_{processes}, peers_{&nobody()} {}

}  // namespace beamline
