#pragma once

#include "actors/node.hpp"
#include "web/channels/port.hpp"
#include "web/rate_limit.hpp"
#include "web/socket.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline {
class turn_batch;
}

namespace beamline::web::channels {

/// One browser's WebSocket with the processes behind its topics: live views, users' channels.
///
///   socket thread --on_text--> channel_socket --start_channel--> `starter` makes a process
///                                             --deliver-------> cast(process, channel_event)
///   process ------join_ok, reply, push------> channel_socket --send--> socket
///   broadcaster --broadcast (shared frame)--> channel_socket --send--> socket
///
/// Shared by the socket's handler, the processes and the broadcasters; all of it behind one lock, which is held for
/// bookkeeping and hand-over only. It holds pids, never processes, so neither side keeps the other alive.
///
/// Bounded both ways. A browser that sends faster than it is served, or than `options::rates` allow, is not read from
/// until that is made up for, and loses nothing; the second is told by `channels.throttled`, and in the log once. Its
/// heartbeats wait as well, for one message's debt at most: reading stops with the message that is too much. A process
/// whose full mailbox refuses what the browser sent (others have filled it) is ended, and the browser told of a crash:
/// it joins again and has no gap. A browser that does not read has at most `outgoing_bytes_max` octets and one frame
/// waiting for it: what would follow ends the connection with 1008 instead, counted (`channels.slow`). The close leaves
/// behind what waits; who does not read that either is cut by the server after `web.socket_close_timeout`.
class connection final : public channel_port, public std::enable_shared_from_this<connection> {
public:
  // With more unhandled joins, events and leaves than the first, or more octets of them, the connection stops reading
  // its socket, until there are fewer than the second: TCP then slows the browser down.
  static constexpr std::size_t unhandled_events_max = 128;
  static constexpr std::size_t unhandled_events_low = 32;
  static constexpr std::size_t unhandled_octets_max = std::size_t{1024} * 1024;
  static constexpr std::size_t unhandled_octets_low = std::size_t{256} * 1024;

  /// The process that serves a topic, or the response with which the join is refused.
  using start_result = std::variant<pid, std::string>;
  using starter = std::function<start_result(const start_channel&, std::shared_ptr<connection>)>;

  /// How much one client may send, for ever and at once. Joins are counted once more: each is a process.
  struct rate_limits {
    rate_limit messages;
    rate_limit octets;
    rate_limit joins;
  };

  struct options {
    channel_socket::options rules;
    starter start;
    std::string route;  // The pattern it was accepted at, for logs and events.
    // See above. Half of what the server itself lets wait before it cuts the connection without a word
    // (`web.socket_pending_bytes_max`).
    std::size_t outgoing_bytes_max = std::size_t{4} * 1024 * 1024;
    std::optional<rate_limits> rates{};  // Without: as fast as it is served.
  };

  connection(node& home, options o);

  /// The handler to give to the server.
  [[nodiscard]] static std::unique_ptr<socket_handler> handler(std::shared_ptr<connection> c);

  // From the processes.
  void join_ok(channel_id id, json_text response) override;
  void join_error(channel_id id, json_text response) override;
  void reply(channel_id id, std::string_view ref, std::string_view status, json_text response) override;
  void reply_binary(channel_id id, std::string_view ref, std::string_view status, std::string_view data) override;
  void push(channel_id id, std::string_view event, json_text payload) override;
  void push_binary(channel_id id, std::string_view event, std::string_view data) override;
  void broadcast(channel_id id, frame encoded) override;
  void down(channel_id id, down_reason why) override;
  [[nodiscard]] bool writable() const override;
  void handled(channel_id id) override;

  /// Closes the connection, also one that is only about to open. Never with 1000.
  void close_with(std::uint16_t code, std::string reason);
  /// A process that belongs to the connection itself; told to end when that is gone. Only one, before `handler`.
  void accompany(const pid& who);

private:
  class socket_side;

  void opened(std::shared_ptr<socket> s);
  void received(const std::string& message, bool is_binary);
  void drained();
  void closed();

  /// Whom they wake is left to `turns`, if given.
  void perform(effects all, turn_batch* turns = nullptr);
  void perform_one(send& e);
  void perform_one(close& e);
  void perform_one(start_channel& e);
  void perform_one(deliver& e, turn_batch* turns);
  void perform_one(stop_channel& e);

  struct channel_process {
    pid who;
    std::vector<std::size_t> unhandled{};  // Octets of what it still has to deal with, oldest first; gone with it.
    bool is_stopped = false;               // Nobody's channel any more; it has still to end.
  };
  using process_map = std::map<channel_id, channel_process>;

  template <class M>
  [[nodiscard]] bool has_taken(const channel_process& p, M m, turn_batch* turns = nullptr);
  void give_up(channel_id id, channel_process& p);
  void add_unhandled(channel_process& p, std::size_t octets = 0);
  void take_unhandled(channel_process& p, std::size_t count);
  void forget(channel_id id);
  void charge(duration debt);
  void arm_rate_timer();
  void rate_timer_fired();
  void update_reading();

  node& node_;
  const options opts_;
  mutable std::mutex mutex_;  // Guards all below.
  channel_socket core_;
  std::shared_ptr<socket> socket_;
  pid companion_;
  std::optional<close> early_close_;  // Closed before it was open.
  process_map processes_;             // From the join until the process says that it is down.
  std::size_t unhandled_ = 0;         // Of all of them.
  std::size_t unhandled_octets_ = 0;
  struct meter {
    token_bucket messages, octets, joins;
  };
  std::optional<meter> meter_;
  time_point throttled_until_{};
  bool is_throttled_ = false;  // It has sent more than its rates allow, ...
  bool is_behind_ = false;     // ... or more than its processes have handled:
  bool is_paused_ = false;     // its socket is not read.
  bool has_warned_ = false;
};

}  // namespace beamline::web::channels
