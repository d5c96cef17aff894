#pragma once

#include "web/frame_codec.hpp"
#include "web/transport/session.hpp"
#include "web/transport/socket_queue.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web::transport {

/// A WebSocket connection between its handler and TCP.
///
///   open ──our close──▶ closing (until the peer's close frame) ─┐
///     └───peer's close, violation, idle────────────────────────▶ finishing (last octets leave, the peer ends) ──▶ gone
///
/// The handler hears `on_closed` on leaving `open` and is destroyed then.
class websocket_session final : public session {
public:
  websocket_session(context& ctx, boost::asio::ip::tcp::socket stream, std::unique_ptr<socket_handler> handler,
                    std::string route);
  /// The 101 answer, and octets that came behind the request already. Before `enter`.
  void begin_with(std::string head, std::string rest);

  void start() override;
  void on_wake() override;
  void drain() override;
  void cut() override;
  [[nodiscard]] bool is_websocket() const override { return true; }

private:
  enum class phase { open, closing, finishing };

  void on_readable() override;
  void on_writable() override;
  void on_deadline() override;

  void decode(std::string_view octets);
  void on_event(message_reader::event event);
  void fetch_queue();
  void do_write();
  void push_control(std::string octets);
  void answer_ping(std::string payload);
  void end_open(close_reason why);
  void finish(std::string closing_frame, close_reason why);
  void update_deadline();
  template <class F>
  void call_handler(F fn);

  const std::string route_;
  std::unique_ptr<socket_handler> handler_;  // Null after `on_closed`.
  std::shared_ptr<socket_queue> queue_;
  message_reader reader_;
  phase phase_ = phase::open;
  out_queue out_;
  std::string rest_;                 // Received while reading was paused, not decoded yet.
  std::optional<std::string> pong_;  // Owed; only the newest ping is answered when the peer does not read.
  time_point opened_at_{};
  time_point heard_at_{};  // Last octet received.
  time_point write_deadline_ = time_point::max();
  time_point close_deadline_ = time_point::max();
  bool must_end_ = false;  // The peer has heard our last frame and we its.
  bool is_write_shut_ = false;
};

}  // namespace beamline::web::transport
