#include "testing/simulated_node.hpp"

#include "base/log.hpp"
#include "testing/coordinator.hpp"

#include <caf/actor_system.hpp>

namespace beamline::testing {

simulated_node::simulated_node(world& w, std::string name, std::uint64_t incarnation)
    : world_{w},
      incarnation_{incarnation},
      clock_{w},
      timers_{w, incarnation},
      random_{w.derive_seed(1000 + incarnation)} {
  log_ = logger::in_memory(clock_);
  node_ = std::make_unique<beamline::node>(
      beamline::node::options{
          .name = std::move(name),
          .incarnation = incarnation,
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

}  // namespace beamline::testing
