#include "sim/outbox/tree.hpp"

#include "apps/accumulator/contracts.hpp"
#include "apps/accumulator/counter.hpp"
#include "apps/accumulator/sweeper.hpp"
#include "apps/event_horizon/analytics.hpp"
#include "net/outbox/server.hpp"
#include "net/rpc/server.hpp"
#include "pubsub/system.hpp"
#include "sim/outbox/reader.hpp"
#include "sim/outbox/setup.hpp"

#include <string>
#include <utility>
#include <vector>

namespace beamline::sim_outbox {

using namespace supervision;
namespace ob = net::outbox;

namespace {

// A start that fails because the disk does is tried again for some seconds.
constexpr backoff patient{.first = 20ms, .max = 200ms};

supervisor_spec rest_for_one(std::vector<child_spec> children) {
  return {.flags = {.strategy = strategy::rest_for_one, .intensity = 30, .backoff = patient},
          .children = std::move(children)};
}

/// As the program has them, the application apart from what it stands on: while the counter starts it waits for the rpc
/// process, which another supervisor must be free to restart (seed 1341 of the tree that had both).
supervisor_spec on_runtime(std::string_view role, std::vector<child_spec> application) {
  pubsub::system_options topics;
  topics.partitions = 1;
  return {.flags = {.intensity = 30, .backoff = patient},
          .children = {child_supervisor("runtime", rest_for_one({child<net::rpc::server>("rpc", std::string{role}),
                                                                 pubsub::child_system(topics)})),
                       child_supervisor("application", rest_for_one(std::move(application)))}};
}

}  // namespace

supervisor_spec host_tree(event_horizon::blog& blog, std::shared_ptr<store::database> db, const testing::world& w) {
  ob::outbox_parts outbox{.classes = event_classes(may_drop(w)),
                          .target_role = std::string{accumulator::role},
                          .own_role = std::string{host_role}};
  outbox.store = std::move(db);
  auto sender = child<ob::server>("outbox", outbox, outbox_options_of(w))
                    .with({.shutdown = 2s, .name = std::string{ob::outbox_name}});
  // Made for each life anew: the rpc process may be another one by then.
  child_spec analytics;
  analytics.id = "analytics";
  analytics.kind = readable_name(typeid(event_horizon::analytics));
  analytics.start = [&blog](starter& by) -> start_outcome {
    event_horizon::analytics::parts p{.of = blog, .rpc = net::rpc::rpc_on(by.env())};
    p.refresh = {.asking_max = 4, .pause_min = 20ms, .pause_max = 200ms};
    p.snapshot_interval = snapshot_interval;
    return by.spawn<event_horizon::analytics>(p);
  };
  return on_runtime(host_role, {sender, analytics, child<reader>("reader")});
}

supervisor_spec accumulator_tree(std::shared_ptr<store::database> db) {
  child_spec counter;
  counter.id = "counter";
  counter.kind = readable_name(typeid(accumulator::counter));
  counter.start = [db](starter& by) -> start_outcome {
    return by.spawn<accumulator::counter>(accumulator::counter::parts{db, net::rpc::rpc_on(by.env())},
                                          accumulator_options_of());
  };
  return on_runtime(accumulator::role, {counter, child<accumulator::sweeper>("sweeper", db, accumulator_options_of())});
}

}  // namespace beamline::sim_outbox
