#include "program/broadcast_procedure.hpp"

#include "actors/message_contract.hpp"
#include "base/json.hpp"
#include "pubsub/broadcast_request.hpp"
#include "pubsub/json_message.hpp"
#include "pubsub/system.hpp"

#include <string>

namespace beamline::program {

namespace {

namespace rpc = net::rpc;
using pubsub::broadcast_request;

result<message> message_of(const environment& env, const broadcast_request& r) {
  if (!r.name.empty())
    return env.contract().decode(r.name, r.message);
  if (auto value = parse_json(r.message, {.bytes_max = pubsub::broadcast_octets_max}); !value)
    return value.error().in("message");
  return share(pubsub::json_message{r.message});
}

result<void> broadcast(process& from, const broadcast_request& r) {
  auto& env = from.env();
  auto* in = pubsub::find_system(env, r.system);
  if (in == nullptr)
    return error{errc::not_found, "no PubSub system \"" + r.system + "\" runs on " + env.self()->name};
  if (r.kind > static_cast<std::uint64_t>(pubsub::topic_class::last_value))
    return error{errc::invalid, "kind is " + std::to_string(r.kind)
                                    + ", expected 0 (fire and forget) or 1 (last "
                                      "value)"};
  auto m = message_of(env, r);
  if (!m)
    return m.error();
  return in->broadcast(from, r.topic, static_cast<pubsub::topic_class>(r.kind), *std::move(m), {});
}

}  // namespace

rpc::procedure broadcast_procedure() {
  return rpc::function_procedure<broadcast_request, void>(
      [](const broadcast_request& r, rpc::call_context& c, const rpc::responder<void>& answer) {
        if (auto done = broadcast(c.self(), r))
          answer.set();
        else
          answer.fail(rpc::failed{std::string{to_string(done.error().code)}, done.error().message,
                                  std::string{broadcast_request::message_name} + " on " + c.self().env().self()->name});
      },
      {.concurrency_max = far_broadcasts_max});
}

}  // namespace beamline::program
