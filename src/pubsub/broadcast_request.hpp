#pragma once

#include "actors/message_codec.hpp"
#include "pubsub/topic.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace beamline::pubsub {

/// The registered procedure `pubsub.broadcast`: the node that is called broadcasts in one of its systems. So a message
/// reaches the subscribers of a system that this node has not. Answers nothing; fails with the type of the error of
/// system::broadcast (`not_found`: no such system runs there). Each call is a sender of its own: their order is lost.
///
///   rpc::call<void>(*this, node, broadcast_request_of("stats", stats_of_site(), site_stats{...}), 5s)
struct broadcast_request {
  std::string system;
  std::string topic;
  std::string message;     // JSON text, told as a json_message; with a name, the octets of that message.
  std::string name;        // On the wire, of the message; may be empty.
  std::uint64_t kind = 0;  // A topic_class.
  BEAMLINE_MESSAGE(broadcast_request, "pubsub.broadcast", 1, system, topic, message, name, kind)
};

template <class M, topic_class Class>
[[nodiscard]] broadcast_request broadcast_request_of(std::string system, const topic<M, Class>& t, const M& m) {
  return {std::move(system), t.name(), encode(m), std::string{M::message_name}, static_cast<std::uint64_t>(Class)};
}

}  // namespace beamline::pubsub
