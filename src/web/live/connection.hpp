#pragma once

#include "actors/node.hpp"
#include "web/live/channel_port.hpp"
#include "web/socket.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

namespace beamline::web::live {

/// One browser's WebSocket with the processes behind its topics.
///
///   socket thread --on_text--> channel_socket --start_channel--> `starter` makes a process
///                                             --deliver-------> cast(process, channel_event)
///   process ------join_ok, reply, push------> channel_socket --send--> socket
///
/// Shared by the socket's handler and the processes; all of it behind one lock, which is held for bookkeeping and
/// hand-over only. It holds pids, never processes, so neither side keeps the other alive.
class connection final : public channel_port, public std::enable_shared_from_this<connection> {
public:
  // With more unhandled joins, events and leaves than the first the connection stops reading its socket, until there
  // are fewer than the second: TCP then slows the browser down.
  static constexpr std::size_t unhandled_events_max = 128;
  static constexpr std::size_t unhandled_events_low = 32;

  /// The process that serves a topic, or the response with which the join is refused.
  using start_result = std::variant<pid, std::string>;
  using starter = std::function<start_result(const channels::start_channel&, std::shared_ptr<connection>)>;

  connection(node& home, channels::channel_socket::options options, starter start);

  /// The handler to give to the server.
  [[nodiscard]] static std::unique_ptr<socket_handler> handler(std::shared_ptr<connection> c);

  // From the processes.
  void join_ok(channels::channel_id id, channels::json_text response) override;
  void join_error(channels::channel_id id, channels::json_text response) override;
  void reply(channels::channel_id id, std::string_view ref, channels::json_text response) override;
  void push(channels::channel_id id, std::string_view event, channels::json_text payload) override;
  void down(channels::channel_id id, channels::down_reason why) override;
  [[nodiscard]] bool writable() const override;
  void handled(channels::channel_id id) override;

private:
  class socket_side;

  void opened(std::shared_ptr<socket> s);
  void received(const std::string& message, bool is_binary);
  void drained();
  void closed();

  void perform(channels::effects all);
  void perform_one(channels::send& e);
  void perform_one(channels::close& e);
  void perform_one(channels::start_channel& e);
  void perform_one(channels::deliver& e);
  void perform_one(channels::stop_channel& e);

  struct channel_process {
    pid who;
    std::size_t unhandled = 0;  // What it still has to deal with; gone with it.
    bool is_stopped = false;    // Nobody's channel any more; it has still to end.
  };
  using process_map = std::map<channels::channel_id, channel_process>;

  void add_unhandled(channel_process& p);
  void take_unhandled(channel_process& p, std::size_t count);
  void forget(channels::channel_id id);

  node& node_;
  starter start_;
  mutable std::mutex mutex_;  // Guards all below.
  channels::channel_socket core_;
  std::shared_ptr<socket> socket_;
  process_map processes_;      // From the join until the process says that it is down.
  std::size_t unhandled_ = 0;  // Of all of them.
  bool is_paused_ = false;
};

}  // namespace beamline::web::live
