#pragma once

#include "web/channels/message.hpp"
#include "web/socket.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline::web::channels {

/// One join on one connection. Never used twice on a connection, so what an ended channel still says is recognised
/// and dropped, also when its topic has been joined again.
using channel_id = std::uint64_t;

/// JSON text to be sent; the middle may be shared with other connections and is not copied.
struct json_text {
  json_text(std::string whole) : head{std::move(whole)} {}                           // NOLINT: implicit on purpose
  json_text(std::string_view whole) : head{whole} {}                                 // NOLINT: implicit on purpose
  json_text(const char* whole) : head{whole} {}                                      // NOLINT: implicit on purpose
  json_text(std::shared_ptr<const std::string> whole) : shared{std::move(whole)} {}  // NOLINT: implicit on purpose
  json_text(std::string before, std::shared_ptr<const std::string> middle, std::string after)
      : head{std::move(before)}, shared{std::move(middle)}, tail{std::move(after)} {}

  std::string head;
  std::shared_ptr<const std::string> shared;
  std::string tail;
};

/// Why a channel must end.
enum class stop_reason {
  left,          // The client left the topic.
  rejoined,      // The client joined the topic again.
  disconnected,  // The connection is gone or was closed.
  misbehaved,    // It sent something before it answered its join.
};

/// How a channel ended.
enum class down_reason { normal, crashed };

// What the owner of a `channel_socket` must do, in this order.

struct send {
  frame what;
};
/// Close the connection. Always the last `send` or `close`.
struct close {
  std::uint16_t code;
  std::string reason;
};
/// Start a channel; it answers with `join_ok` or `join_error`, and only then sends anything.
struct start_channel {
  channel_id id;
  std::string topic;
  message_payload payload;
};
/// Give an event to a channel that has joined. If `ref` is given the client waits for a `reply` with it.
struct deliver {
  channel_id id;
  std::string event;
  std::optional<std::string> ref;
  message_payload payload;
  std::size_t octets = 0;  // As received.
};
/// End a channel. Nothing that it sends from now on will be used; its end need not be reported.
struct stop_channel {
  channel_id id;
  stop_reason why;
};

using effect = std::variant<send, close, start_channel, deliver, stop_channel>;
using effects = std::vector<effect>;

/// The rules of one connection: which topics are joined, whom a message is for, what is answered.
///
///   browser --on_text, on_binary--> +----------------+ --start_channel, deliver, stop_channel--> channels
///   browser <--------send, close--- | channel_socket | <--join_ok, join_error, reply, push, channel_down--
///                                   +----------------+
///
/// Pure: no clock, no threads, no I/O; owned by one connection and called by one thread at a time. Every call returns
/// what to do about it. Messages of a topic reach its channel in the order in which they came; what a channel sends
/// leaves in the order in which it was sent. Events that come while a join is being decided wait for the decision:
/// after `join_ok` they are delivered, after `join_error` each is answered `unmatched topic`, as if it had come then.
///
/// What fails how: a message that cannot be decoded closes the connection with 1011 (too long: 1009), one for a topic
/// that is not joined is answered with an error, one of another join is dropped. A channel that crashes costs a
/// `phx_error` on its topic and nothing else. After a close every call returns nothing.
class channel_socket {
public:
  struct options {
    /// Whether a topic can be joined at all.
    std::function<bool(std::string_view topic)> has_route;
    json_limits limits = {};
    /// Joins beyond this are answered `too many channels joined`.
    std::size_t channels_max = 100;
    /// More events than this for one undecided join close the connection with 1008; clients wait for the reply.
    std::size_t waiting_events_max = 64;
    /// The same for their octets as received.
    std::size_t waiting_octets_max = 256 * 1024;
  };

  explicit channel_socket(options opts) : opts_{std::move(opts)} {}

  // From the browser.

  [[nodiscard]] effects on_text(std::string_view text);
  [[nodiscard]] effects on_binary(std::string_view octets);
  /// The connection ended by itself: all channels end.
  [[nodiscard]] effects on_closed();

  // From channels. Unknown ids are channels that ended here before they noticed: ignored.

  [[nodiscard]] effects join_ok(channel_id id, json_text response);
  /// The join is refused; the channel is over.
  [[nodiscard]] effects join_error(channel_id id, json_text response);
  [[nodiscard]] effects reply(channel_id id, std::string_view ref, std::string_view status, json_text response);
  [[nodiscard]] effects reply_binary(channel_id id, std::string_view ref, std::string_view status,
                                     std::string_view data);
  [[nodiscard]] effects push(channel_id id, std::string_view event, json_text payload);
  [[nodiscard]] effects push_binary(channel_id id, std::string_view event, std::string_view data);
  /// A frame that is the same for all subscribers (`encode_broadcast`). Dropped while the join is undecided: the client
  /// would apply it to the previous join's state.
  [[nodiscard]] effects broadcast(channel_id id, frame encoded);
  /// The channel is over. A crash before its join was answered refuses the join.
  [[nodiscard]] effects channel_down(channel_id id, down_reason why);

  // From the server.

  /// Ends the connection and all its channels: 1001 after a logout, 1012 before a restart. Never 1000.
  [[nodiscard]] effects close_connection(std::uint16_t code, std::string reason);

  [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
  [[nodiscard]] std::size_t channels() const noexcept { return by_topic_.size(); }

private:
  struct waiting_event {
    message what;
    std::size_t octets;
  };
  struct topic_state {
    channel_id id;
    std::optional<std::string> join_ref;
    std::optional<std::string> waiting_ref = {};  // Ref of the join message, until it is answered.
    bool is_joined = false;
    std::size_t waiting_octets = 0;
    std::vector<waiting_event> waiting = {};
  };
  using topic_map = std::map<std::string, topic_state, std::less<>>;

  void handle(effects& out, message m, std::size_t octets);
  void handle_join(effects& out, message m);
  void handle_leave(effects& out, const message& m);
  void handle_event(effects& out, message m, std::size_t octets);
  void fail(effects& out, std::uint16_t code, std::string reason);
  void refuse_join(effects& out, topic_map::iterator at, json_text response);
  [[nodiscard]] topic_map::iterator find(channel_id id);
  [[nodiscard]] topic_map::iterator find_joined(effects& out, channel_id id);

  options opts_;
  topic_map by_topic_;
  std::map<channel_id, std::string> topics_;
  channel_id last_id_ = 0;
  bool is_closed_ = false;
};

}  // namespace beamline::web::channels
