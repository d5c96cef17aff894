#include "sim/links/tree.hpp"

#include "net/rpc/server.hpp"
#include "pubsub/groups.hpp"
#include "pubsub/groups/scope.hpp"
#include "sim/links/answerer.hpp"
#include "sim/links/asker.hpp"
#include "sim/links/errands.hpp"
#include "sim/links/group_members.hpp"
#include "sim/links/mayfly.hpp"
#include "sim/links/mourner.hpp"
#include "sim/links/speaker.hpp"
#include "sim/links/witness.hpp"
#include "supervision/supervisor.hpp"

namespace beamline::linked {

using namespace supervision;

supervisor_spec tree() {
  // Questions end whoever is asked, and faults kill: nobody gives up for that.
  constexpr supervisor_flags tough{.intensity = 10'000};
  auto in_order = tough;
  in_order.strategy = strategy::rest_for_one;
  return {
      .flags = tough,
      .children = {
          child<pubsub::groups::scope>("pg", std::string{pubsub::groups::default_scope}),
          child_supervisor("errands", {.flags = in_order,
                                       .children = {child<net::rpc::server>("rpc"), child<errand_host>("errand_host"),
                                                    child<errand_client>("errand_client")}}),
          child<witness>("witness"),
          child<speaker>("speaker"),
          child<pond>("pond"),
          child<mourner>("mourner"),
          child<answerer>("answerer"),
          child<asker>("asker"),
          child<joiner>("joiner"),
          child<follower>("follower"),
      }};
}

}  // namespace beamline::linked
