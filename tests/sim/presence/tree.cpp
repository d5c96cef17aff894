#include "sim/presence/tree.hpp"

#include "sim/presence/broadcaster.hpp"
#include "sim/presence/host.hpp"
#include "sim/presence/listener.hpp"
#include "sim/presence/setup.hpp"

namespace beamline::gathering {

using namespace supervision;

supervisor_spec tree(testing::simulated_node& n) {
  const std::string main{pubsub::default_system};
  const auto other = private_system_of(n.name());
  supervisor_spec top;
  // Faults kill: nobody gives up for that.
  top.flags.intensity = 10'000;
  top.children.push_back(pubsub::child_system(system_options_of(n, main)));
  top.children.push_back(pubsub::child_system(system_options_of(n, other)));
  for (auto name : trackers)
    top.children.push_back(presence::child_tracker(tracker_options_of(n, name)));
  top.children.push_back(child<broadcaster>("broadcaster"));
  top.children.push_back(child<listener>("listener", std::string{"listener"}, main));
  top.children.push_back(child<listener>("private_listener", std::string{"private_listener"}, other));
  top.children.push_back(child<host>("host"));
  return top;
}

}  // namespace beamline::gathering
