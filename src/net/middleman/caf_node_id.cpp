#include "net/middleman/caf_node_id.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/get_process_id.hpp>
#include <caf/node_id.hpp>

#include <random>

namespace {

std::uint32_t run_id() {
  // From the system's generator and never 0, which CAF takes for no id. Not from the node's port: this is called before
  // a node exists, and no decision depends on it.
  static const auto id = static_cast<std::uint32_t>(std::random_device{}()) | 1U;
  return id;
}

}  // namespace

namespace caf::detail {

// Comes before the library's own function of that name, because the program is searched first; must stay visible for
// that.
__attribute__((visibility("default"))) unsigned get_process_id() { return run_id(); }

}  // namespace caf::detail

namespace beamline::net {

result<void> check_node_id(const caf::actor_system& system) {
  auto id = caf::to_string(system.node());
  if (id.ends_with("#" + std::to_string(run_id())))
    return {};
  return error{errc::unsupported, "CAF's node id is " + id + ", without this run's number " + std::to_string(run_id())
                                      + "; link the program with the shared library of CAF, so that net/middleman can "
                                        "replace get_process_id"};
}

}  // namespace beamline::net
