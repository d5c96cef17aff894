#pragma once

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Channels v2, the format of the npm clients `phoenix` and `phoenix_live_view`: many topics on one connection.
///
///   text      [join_ref, ref, topic, event, payload]
///   binary    kind, one length octet per string, the strings, the payload's octets
///
/// Refs are opaque strings that the client counts up; they are given back as the same strings. All functions here are
/// pure and thread-safe.
namespace beamline::web::channels {

// Names that the format reserves.
inline constexpr std::string_view heartbeat_topic = "phoenix";
inline constexpr std::string_view heartbeat_event = "heartbeat";
inline constexpr std::string_view join_event = "phx_join";
inline constexpr std::string_view leave_event = "phx_leave";
inline constexpr std::string_view reply_event = "phx_reply";
inline constexpr std::string_view error_event = "phx_error";
inline constexpr std::string_view close_event = "phx_close";
inline constexpr std::string_view status_ok = "ok";
inline constexpr std::string_view status_error = "error";

/// Longer refs, topics and events are refused in both forms: the binary form has one octet for their length.
inline constexpr std::size_t name_octets_max = 255;

struct binary_payload {
  bytes data;

  friend bool operator==(const binary_payload&, const binary_payload&) = default;
};

/// What an event carries: any JSON value, or octets.
using message_payload = std::variant<json, binary_payload>;

/// One message from a client. `join_ref` says which join of the topic it belongs to; null in a heartbeat.
struct message {
  std::optional<std::string> join_ref;
  std::optional<std::string> ref;
  std::string topic;
  std::string event;
  message_payload payload;
};

/// Refused (`invalid`, or `too_large` for what exceeds `limits` or `name_octets_max`): anything but an array of five
/// elements or more (more are ignored), refs that are neither string nor null, a topic or event that is no string.
[[nodiscard]] result<message> decode_text(std::string_view text, json_limits limits = {});

/// A client's push. Refused: octets that end too soon (`corrupt`), another kind than 0 and names that are not UTF-8
/// (`invalid`). An empty ref is null.
[[nodiscard]] result<message> decode_binary(std::string_view octets);

/// A ref to be written: null or the client's string.
using ref_view = std::optional<std::string_view>;

/// The text of a message around its payload, so that a payload can be encoded once and sent to many.
struct frame_parts {
  std::string head;
  std::string tail;
};
[[nodiscard]] frame_parts reply_parts(ref_view join_ref, ref_view ref, std::string_view topic, std::string_view status);
[[nodiscard]] frame_parts event_parts(ref_view join_ref, ref_view ref, std::string_view topic, std::string_view event);

// Whole messages. `payload` and `response` are JSON text and inserted as they are.

/// The answer to the message `ref` of the join `join_ref`.
[[nodiscard]] std::string encode_reply(ref_view join_ref, ref_view ref, std::string_view topic, std::string_view status,
                                       std::string_view response);
/// A message that the client did not ask for.
[[nodiscard]] std::string encode_push(ref_view join_ref, std::string_view topic, std::string_view event,
                                      std::string_view payload);
/// The same octets for every subscriber of a topic.
[[nodiscard]] std::string encode_broadcast(std::string_view topic, std::string_view event, std::string_view payload);
/// `phx_close` or `phx_error`: the end of a join, in which its join_ref stands twice.
[[nodiscard]] std::string encode_end(ref_view join_ref, std::string_view topic, std::string_view event,
                                     std::string_view payload);

// Binary forms. A name longer than `name_octets_max` throws `std::length_error`: none that a client sent is.

[[nodiscard]] bytes encode_binary_reply(ref_view join_ref, ref_view ref, std::string_view topic,
                                        std::string_view status, std::string_view data);
[[nodiscard]] bytes encode_binary_push(ref_view join_ref, std::string_view topic, std::string_view event,
                                       std::string_view data);
[[nodiscard]] bytes encode_binary_broadcast(std::string_view topic, std::string_view event, std::string_view data);

}  // namespace beamline::web::channels
