#pragma once

#include "web/http_reader.hpp"
#include "web/transport/answer_slot.hpp"
#include "web/transport/session.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace beamline::web::transport {

// After a final answer this much more is read and thrown away, so that a client that is still sending gets to read
// the answer; beyond it the connection is cut.
inline constexpr std::size_t linger_bytes_max = 1024 * 1024;

/// What clients are told in `retry-after` when the server is busy.
inline constexpr std::string_view retry_after_s = "5";

/// An HTTP/1.1 connection: one request after the other.
///
///   reading ──complete──▶ handling ──answer──▶ writing ──▶ reading … or lingering ──▶ closed
///      └──────refused──────────────────────────▲              (upgrade: replaced by a websocket_session)
class http_session final : public session {
public:
  struct peer_address {
    std::string address;
    std::uint16_t port = 0;
  };
  /// `refuses`: there are too many connections; answers 503 to the first request and closes.
  http_session(context& ctx, boost::asio::ip::tcp::socket stream, peer_address peer, bool refuses);

  void start() override;
  void on_wake() override { pump(); }
  void drain() override;

private:
  enum class phase { reading, handling, writing, lingering };

  void on_readable() override;
  void on_writable() override { pump(); }
  void on_deadline() override;

  void pump();
  [[nodiscard]] bool do_read();
  [[nodiscard]] bool do_handle();
  [[nodiscard]] bool do_write();
  void do_linger();
  void set_reading_deadline();

  void on_request();
  void tell_of_proxy(const std::string& peer);
  void route_request(const std::shared_ptr<request>& req);
  void call_handler(const router::match& found, const std::shared_ptr<request>& req);
  void upgrade(const router::match& found, const std::shared_ptr<request>& req);
  void on_refusal();
  void answer(response res);
  void on_answered();
  void fail(int status, std::string_view detail = {});

  const peer_address peer_;
  const bool refuses_;
  phase phase_ = phase::reading;
  http_reader reader_;
  http_reader::state read_state_ = http_reader::state::idle;
  out_queue out_;
  std::shared_ptr<const request> request_;  // From complete to answered.
  std::shared_ptr<answer_slot> slot_;       // While a handler owes an answer.
  time_point handled_at_{};
  int status_ = 0;
  std::size_t body_bytes_ = 0;
  std::size_t requests_ = 0;
  std::size_t lingered_ = 0;
  bool keep_alive_ = true;
  bool is_pumping_ = false;
  bool input_ended_ = false;  // The client has sent its last octet; it may still read.
};

}  // namespace beamline::web::transport
