#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace beamline::web {

// Close codes (RFC 6455 section 7.4). The server never starts a close with 1000: it would make the
// LiveView client load the page anew.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;  // Only ever received, and then echoed.
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t no_status = 1005;  // Never on the wire: the close frame had no code.
inline constexpr std::uint16_t abnormal = 1006;   // Never on the wire: there was no close frame.
inline constexpr std::uint16_t invalid_payload = 1007;
inline constexpr std::uint16_t policy_violation = 1008;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t service_restart = 1012;
}  // namespace close_code

/// One message to a browser: `head`, then `body`, then `tail`, as one WebSocket frame. The body may be shared
/// by any number of frames and sockets and is never copied.
struct frame {
  bool binary = false;
  std::string head;
  std::shared_ptr<const std::string> body;
  std::string tail;

  [[nodiscard]] std::size_t size() const noexcept { return head.size() + (body ? body->size() : 0) + tail.size(); }
  [[nodiscard]] static frame text(std::string payload) { return {false, std::move(payload), nullptr, {}}; }
};

/// Why a socket is gone.
struct close_reason {
  enum class kind {
    peer,       // The browser closed it properly, or the network did (`code` 1006).
    server,     // Our side called `close`, or shut down.
    violation,  // The peer broke the protocol or a limit; `code` says which.
    idle,       // Nothing was received for `web.socket_idle_timeout`.
    slow,       // It fell `web.socket_pending_bytes_max` behind; cut without a close frame.
  };
  kind what = kind::peer;
  std::uint16_t code = close_code::abnormal;
  std::string text;
};
[[nodiscard]] std::string_view to_string(close_reason::kind k) noexcept;

/// One browser connection, as seen by those who send. All functions but `after_round` may be called from any thread, at
/// any time, also after the connection has ended (then they do nothing).
///
/// Frames of one thread leave in the order they were sent. `writable()` turns false when more than
/// `web.socket_high_water_bytes` wait to leave, or a few that the server's thread has not come to fetch; it is then
/// true again after `on_drained`. Diffs are pulled: a view renders when it is writable. Who sends all the same fills
/// the queue up to `web.socket_pending_bytes_max`, where the connection is cut.
class socket {
public:
  virtual ~socket() = default;

  virtual void send(frame f) = 0;
  /// Closes after the frames sent so far. Code 1000 is refused (sent as 1001); the reason is cut to 123 bytes.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  /// Octets sent by the program and not yet taken by the operating system.
  [[nodiscard]] virtual std::size_t pending_bytes() const = 0;
  [[nodiscard]] virtual bool writable() const = 0;
  /// Stops reading soon (a message already decoded may still be delivered), so that TCP slows the browser down.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  [[nodiscard]] virtual bool is_open() const = 0;
  /// Keeps `what` until the server's thread has dealt with all that was ready when it last looked, or with a good deal
  /// of it, and lets go of it then. Unlike the rest only from within a call of the handler. For what is better done
  /// once for many messages, as waking others (actors/turn_batch.hpp). A socket without such rounds lets go at once.
  virtual void after_round(std::shared_ptr<void> what) { what.reset(); }
};

/// What a program does with one connection. Owned by the server, called on its thread only, one call at a
/// time; calls must be short and never block. `on_open` comes first and `on_closed` last, each exactly once;
/// then the handler is destroyed. A handler that throws loses its connection (1011) and nothing else.
class socket_handler {
public:
  virtual ~socket_handler() = default;
  /// The handler may keep the socket; the socket does not own the handler.
  virtual void on_open(std::shared_ptr<socket> s) = 0;
  /// A whole message of valid UTF-8, at most `web.message_bytes_max` octets.
  virtual void on_text(std::string message) = 0;
  virtual void on_binary(std::string message) = 0;
  /// `writable()` was false and is true again.
  virtual void on_drained() {}
  virtual void on_closed(const close_reason& why) = 0;
};

}  // namespace beamline::web
