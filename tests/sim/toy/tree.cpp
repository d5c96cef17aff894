#include "sim/toy/tree.hpp"

#include "sim/toy/asker.hpp"
#include "sim/toy/load.hpp"
#include "sim/toy/monitor.hpp"
#include "sim/toy/presence.hpp"
#include "sim/toy/pubsub.hpp"
#include "sim/toy/responder.hpp"
#include "supervision/registry/start.hpp"
#include "supervision/supervisor.hpp"

namespace beamline::toy {

using namespace supervision;

namespace {

/// Registered as its id, and what is sent to it between two lives waits.
child_spec service(child_spec s) {
  auto id = s.id;
  return std::move(s).with({.name = id, .park_max = 100});
}

}  // namespace

supervisor_spec toy_tree(const names& n, const std::vector<std::string>& nodes) {
  return {.children = {
              child_supervisor("core",
                               {.flags = {.strategy = strategy::rest_for_one, .intensity = 30},
                                .children = {child_registry("names", n), service(child<monitor>("monitor")),
                                             service(child<pubsub>("pubsub")), service(child<presence>("presence"))}}),
              child_supervisor("clients", {.flags = {.intensity = 30},
                                           .children = {child<responder>("responder"), service(child<asker>("asker")),
                                                        child<load>("load", nodes)}}),
          }};
}

}  // namespace beamline::toy
