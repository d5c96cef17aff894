#include "testing/simulated_node.hpp"

#include "base/log.hpp"
#include "testing/coordinator.hpp"
#include "testing/net/simulated_network.hpp"

#include <caf/actor_system.hpp>

namespace beamline::testing {

namespace {

// What `derive_seed` is asked for: from here on, one per start of a node.
constexpr std::uint64_t node_purpose = 1000;

}  // namespace

simulated_node::simulated_node(testing::world& w, machine& on, std::uint64_t incarnation)
    : world_{w},
      machine_{on},
      incarnation_{incarnation},
      clock_{w, on},
      timers_{w, incarnation},
      random_{w.derive_seed(node_purpose + incarnation)} {
  log_ = logger::in_memory(clock_, w.log_level_of_nodes());
  node_ = std::make_unique<beamline::node>(
      beamline::node::options{
          .name = on.name(),
          .incarnation = incarnation,
          .contract = w.contract(),
          .configure =
              [this](system_config& c) {
                c.mail = this;
                c.module_factories.emplace_back([this](caf::actor_system& system) -> caf::actor_system::module* {
                  return coordinator_ = new coordinator{system, world_, *this};
                });
              },
      },
      environment::ports{clock_, random_, *log_, telemetry_, timers_});
  node_->system().await_actors_before_shutdown(false);
}

simulated_node::~simulated_node() = default;

net::byte_network& simulated_node::network() { return world_.network().of(*this); }

net::resolver& simulated_node::resolver() { return world_.network().resolver_of(*this); }

void simulated_node::quit_program() {
  world_.at(
      world_.now(),
      [this] {
        auto quit = on_quit_;  // A copy: its owner goes in it.
        quit ? quit() : world_.crash_node(*this);
      },
      incarnation_);
}

}  // namespace beamline::testing
