#pragma once

#include "actors/message.hpp"
#include "actors/message_contract.hpp"
#include "actors/process.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "pubsub/presence/presence.hpp"
#include "pubsub/system.hpp"
#include "web/channels/message.hpp"
#include "web/socket.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace beamline::web {

// Broadcasts to channels: wiring, once per node, and functions for processes that are no channel themselves.

/// Lets channels use that PubSub system: adds the dispatcher `channels`, which encodes a broadcast once and gives the
/// same octets to all sockets of the node (D113). Subscribers that are no channels get the message as it is.
void add_channels_to(pubsub::system_options& o);
/// What crosses nodes for channels.
void add_channel_messages(message_contract& c);

/// An event for all clients that joined the topic, on all nodes; see `channel::broadcast`. Errors: those of the PubSub
/// system, `invalid` for an event whose name is empty, too long, or the protocol's own.
result<void> broadcast_to_channels(process& from, const std::string& topic, const std::string& event,
                                   const channels::message_payload& payload,
                                   std::string_view pubsub = pubsub::default_system);

/// Closes all connections with that socket id, on all nodes, with 1001: after a logout, above all.
result<void> disconnect_socket(process& from, const std::string& socket_id,
                               std::string_view pubsub = pubsub::default_system);

}  // namespace beamline::web

namespace beamline::web::channels {

/// The dispatcher of channels; for `pubsub::broadcast_options` and for presence (`presence_options::dispatcher`).
inline constexpr std::string_view dispatcher_name = "channels";

// The events of the npm class `Presence`.
inline constexpr std::string_view presence_state_event = "presence_state";
inline constexpr std::string_view presence_diff_event = "presence_diff";

/// Broadcast to a socket's id this closes the connection.
inline constexpr std::string_view disconnect_event = "disconnect";

/// What a broadcast to channels is between processes and nodes. To be seen by subscribers that are no channels, too.
struct channel_broadcast {
  std::string event;
  std::string payload;  // JSON text, or octets.
  bool is_binary = false;

  BEAMLINE_MESSAGE(channel_broadcast, "channels.broadcast", 1, event, payload, is_binary)
};

/// Encodes it for PubSub. Errors: `invalid`, see `broadcast_to_channels`.
[[nodiscard]] result<channel_broadcast> make_broadcast(const std::string& event, const message_payload& payload);

/// Why an event of the server cannot have that name; empty: it can.
[[nodiscard]] std::string objection_to_event(std::string_view name);

/// What clients are to see of a message of PubSub. Borrows from the message.
struct client_event {
  std::string_view event;
  std::string_view data;  // JSON text, or octets.
  bool is_binary = false;
};
[[nodiscard]] client_event event_of(const channel_broadcast& m);
[[nodiscard]] client_event event_of(const presence::presence_diff& m);
/// Nothing: that message is not for clients.
[[nodiscard]] std::optional<client_event> event_of(const beamline::message& m);

/// The frame for all clients of the topic.
[[nodiscard]] frame encode(std::string_view topic, const client_event& e);

}  // namespace beamline::web::channels
