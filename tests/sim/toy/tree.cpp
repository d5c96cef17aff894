#include "sim/toy/tree.hpp"

#include "sim/toy/accumulator.hpp"
#include "sim/toy/asker.hpp"
#include "sim/toy/drain.hpp"
#include "sim/toy/load.hpp"
#include "sim/toy/monitor.hpp"
#include "sim/toy/outbox.hpp"
#include "sim/toy/presence.hpp"
#include "sim/toy/pubsub.hpp"
#include "sim/toy/responder.hpp"
#include "sim/toy/schema.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/nursery.hpp"
#include "supervision/registry/start.hpp"
#include "supervision/supervisor.hpp"

namespace beamline::toy {

using namespace supervision;

namespace {

// A start that fails because the disk does is tried again for some seconds.
constexpr backoff patient{.first = 20ms, .max = 200ms};

/// Registered as its id, and what is sent to it between two lives waits.
child_spec service(child_spec s) {
  auto id = s.id;
  return std::move(s).with({.name = id, .park_max = 100});
}

}  // namespace

supervisor_spec toy_tree(const names& n, const std::vector<std::string>& nodes) {
  nursery couriers{{.label = "courier", .shutdown = shutdown_policy::brutal_kill()}};
  return {.children = {
              child_supervisor(
                  "core", {.flags = {.strategy = strategy::rest_for_one, .intensity = 30, .backoff = patient},
                           .children = {child<schema_maker>("schema"), child_registry("names", n),
                                        service(child<monitor>("monitor")), service(child<accumulator>("accumulator")),
                                        service(child<outbox>("outbox")),
                                        child_dynamic_supervisor("couriers",
                                                                 dynamic_supervisor_spec{.births = couriers.state()}),
                                        service(child<drain>("drain", couriers)), service(child<pubsub>("pubsub")),
                                        service(child<presence>("presence"))}}),
              child_supervisor("clients", {.flags = {.intensity = 30},
                                           .children = {child<responder>("responder"), service(child<asker>("asker")),
                                                        child<load>("load", nodes)}}),
          }};
}

}  // namespace beamline::toy
