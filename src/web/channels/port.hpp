#pragma once

#include "web/channels/channel_socket.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web::channels {

/// What the process behind a channel tells its connection. Callable from any thread, also after the connection has
/// gone (then nothing happens). A process joins first, sends then, and says when it is down.
class channel_port {
public:
  virtual ~channel_port() = default;

  virtual void join_ok(channel_id id, json_text response) = 0;
  virtual void join_error(channel_id id, json_text response) = 0;
  virtual void reply(channel_id id, std::string_view ref, std::string_view status, json_text response) = 0;
  virtual void reply_binary(channel_id id, std::string_view ref, std::string_view status, std::string_view data) = 0;
  virtual void push(channel_id id, std::string_view event, json_text payload) = 0;
  virtual void push_binary(channel_id id, std::string_view event, std::string_view data) = 0;
  /// A frame that is the same for all who joined the topic; see `channel_socket::broadcast`.
  virtual void broadcast(channel_id id, frame encoded) = 0;
  virtual void down(channel_id id, down_reason why) = 0;

  /// Whether the browser keeps up. When it does not, the process waits for `channel_drained` before it sends what
  /// it was not asked for.
  [[nodiscard]] virtual bool writable() const = 0;
  /// One `channel_event` was dealt with; unhandled ones are what stops the connection from reading on.
  virtual void handled(channel_id id) = 0;
};

/// Goes with its message: what a full mailbox refuses is gone at once, and the connection knows by it.
using mail_receipt = std::shared_ptr<const void>;

// What the process is cast:

/// The browser sent an event on the channel's topic; it expects a reply if there is a `ref`.
struct channel_event {
  std::string name;
  std::optional<std::string> ref;
  message_payload payload;
  mail_receipt receipt{};
};

/// The browser keeps up again.
struct channel_drained {
  mail_receipt receipt{};
};

// With what it is told to end, as the text of `reason::shutdown`:

inline constexpr std::string_view ended_by_leave = "left";         // The client left the topic, or joined it again.
inline constexpr std::string_view ended_by_connection = "closed";  // The connection is gone.

}  // namespace beamline::web::channels
