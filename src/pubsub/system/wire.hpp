#pragma once

// What the PubSub systems of two nodes tell each other, all of it over links that keep the order per lane and service.
//
//   service                 lane        what
//   pubsub                  presence    wire_announcement: which systems the node runs; one for all of them
//   pubsub:<name>           broadcast   wire_broadcast
//   pubsub:<name>:values    presence    wire_values, wire_digest, behind one octet that says which
//
// Later versions may append fields, which earlier ones skip.

#include "actors/message.hpp"
#include "actors/message_codec.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline::pubsub {

inline constexpr std::string_view announcement_service = "pubsub";
[[nodiscard]] inline std::string broadcast_service(std::string_view system) { return "pubsub:" + std::string{system}; }
[[nodiscard]] inline std::string values_service(std::string_view system) {
  return "pubsub:" + std::string{system} + ":values";
}

struct wire_announcement {
  std::map<std::string, std::uint64_t> pools;  // By system, how many workers it has.
  bool is_question = false;                    // Tell yours, and your last values.
  BEAMLINE_MESSAGE(wire_announcement, "pubsub.announcement", 1, pools, is_question)
};

struct wire_broadcast {
  std::uint64_t sender = 0;  // The process; its messages go through one worker.
  std::string topic;
  std::uint32_t kind = 0;     // A topic_class.
  std::uint64_t version = 0;  // Of a last value that is kept; 0: of none. Its origin is the peer.
  std::string dispatcher;
  std::string event_id;
  std::string name;  // The message.
  std::string octets;
  BEAMLINE_MESSAGE(wire_broadcast, "pubsub.message", 1, sender, topic, kind, version, dispatcher, event_id, name,
                   octets)
};

/// Reads no more of a wire_broadcast than its sender; 0: it is none.
[[nodiscard]] std::uint64_t sender_of_broadcast(std::string_view octets);

struct wire_value {
  std::string topic;
  std::uint64_t version = 0;
  std::string origin;
  std::string name;
  std::string octets;
  BEAMLINE_MESSAGE(wire_value, "pubsub.value", 1, topic, version, origin, name, octets)
};

struct wire_values {
  std::vector<wire_value> values;
  BEAMLINE_MESSAGE(wire_values, "pubsub.values", 1, values)
};

/// Of all last values of a node, so that one that was lost on the way is missed.
struct wire_digest {
  std::uint64_t count = 0;
  std::uint64_t hash = 0;
  BEAMLINE_MESSAGE(wire_digest, "pubsub.digest", 1, count, hash)

  friend bool operator==(const wire_digest&, const wire_digest&) = default;
};

using wire_values_message = std::variant<wire_values, wire_digest>;

[[nodiscard]] bytes encode_values_message(const wire_values_message& m);
/// Errors: those of `decode`; `unsupported` for a kind of a newer release.
[[nodiscard]] result<wire_values_message> decode_values_message(std::string_view octets);

}  // namespace beamline::pubsub
