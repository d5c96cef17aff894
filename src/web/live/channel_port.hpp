#pragma once

#include "web/channels/channel_socket.hpp"
#include "web/live/event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace beamline::web::live {

/// What the process behind a channel tells its connection. Callable from any thread, also after the connection has
/// gone (then nothing happens). A process joins first, sends then, and says when it is down.
class channel_port {
public:
  virtual ~channel_port() = default;

  virtual void join_ok(channels::channel_id id, channels::json_text response) = 0;
  virtual void join_error(channels::channel_id id, channels::json_text response) = 0;
  virtual void reply(channels::channel_id id, std::string_view ref, channels::json_text response) = 0;
  virtual void push(channels::channel_id id, std::string_view event, channels::json_text payload) = 0;
  virtual void down(channels::channel_id id, channels::down_reason why) = 0;

  /// Whether the browser keeps up. When it does not, the process waits for `channel_drained` before it sends what
  /// it was not asked for.
  [[nodiscard]] virtual bool writable() const = 0;
  /// One `channel_event` was dealt with; unhandled ones are what stops the connection from reading on.
  virtual void handled(channels::channel_id id) = 0;
};

// What the process is cast:

/// The browser sent an event on the channel's topic; it expects a reply if there is a `ref`.
struct channel_event {
  std::string name;
  std::optional<std::string> ref;
  channels::message_payload payload;
};

/// The browser keeps up again.
struct channel_drained {};

}  // namespace beamline::web::live
