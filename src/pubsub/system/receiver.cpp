#include "pubsub/system/receiver.hpp"

#include "actors/process_access.hpp"
#include "base/planted.hpp"
#include "pubsub/system/delivery.hpp"

namespace beamline::pubsub::detail {

std::string pool_name(std::string_view system) { return broadcast_service(system) + ":pool"; }
std::string partitions_name(std::string_view system) { return broadcast_service(system) + ":partitions"; }

behavior receiver::init() {
  auto service = broadcast_service(of_.about().name);
  if (auto named = register_as(service); !named)
    return refuse_start(reason::custom(named.error().message));
  workers_ = env().get<supervision::partition_directory>().find(pool_name(of_.about().name));
  if (workers_ == nullptr)
    return refuse_start(reason::custom("the receiver of " + service + " needs its workers to be started before it"));
  env().peers().register_service(service, self());
  return handlers([this](const peer_message& m) { hand_on(m); });
}

void receiver::hand_on(const peer_message& m) {
  auto by = sender_of_broadcast(m.payload);
  if (by == 0)
    return of_.drop_remote(m.from.name, "unreadable", "no broadcast");
  auto to = workers_->of(planted::is_on(planted::bug::any_worker) ? env().random().next() : by);
  refusals refused{of_};
  if (to)
    cast(to, remote_broadcast{m.from.name, m.payload});
  if (!to || refused.take())
    of_.drop_remote(m.from.name, "worker_full", to ? "its mailbox is full" : "it is being restarted");
}

behavior worker::init() {
  return handlers([this](const remote_broadcast& m) {
    if (auto b = decode<wire_broadcast>(m.octets))
      of_.receive(*this, m.node, *b);
    else
      of_.drop_remote(m.node, "unreadable", b.error().message);
  });
}

}  // namespace beamline::pubsub::detail
