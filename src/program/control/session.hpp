#pragma once

#include "program/control/context.hpp"
#include "program/control/exchange.hpp"

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

namespace beamline::program::control {

/// One client. Reads lines, has one request under way at a time, writes what its handler leaves.
///
///   do_read ──▶ on_read ──▶ next ──▶ handle(line) ──▶ the verb's handler ──▶ exchange ──▶ on_wake ──▶ do_write
///                 ▲                                                                                     │
///                 └────────────────────────── the answer is written: the next line ◀────────────────────┘
///
/// Lives on the server's thread; the server's table owns it, pending operations keep it alive.
class session : public std::enable_shared_from_this<session> {
public:
  using socket = boost::asio::local::stream_protocol::socket;

  session(context& ctx, socket stream);

  void start();
  /// The server ends: no further requests, streams are cancelled, other requests may still be answered.
  void drain();
  /// Tells a request under way that the node ends, as far as the client takes it at once, and closes.
  void cut();

private:
  void do_read();
  void on_read(std::size_t octets);
  void on_read_end();
  void next();
  void handle(std::string_view line);
  void begin(const request& r);

  void on_wake();
  void on_answer_deadline();
  void beat();
  void send(std::string line, std::size_t item_octets);
  void refuse(const error& e);
  void do_write();
  void on_write(std::size_t octets);

  void watch_peer();
  void wait_for_request();
  void arm(boost::asio::steady_timer& timer, duration after, void (session::*then)());
  void on_idle();
  void on_slow_request();
  void on_slow_reader();
  void end_request();
  void close();

  struct outgoing {
    std::string line;
    std::size_t item_octets;  // What the exchange counts; 0 for other lines.
    std::size_t written;
  };

  context& ctx_;
  socket stream_;
  boost::asio::steady_timer read_timer_;    // For the whole next request line.
  boost::asio::steady_timer answer_timer_;  // The deadline of the request under way.
  boost::asio::steady_timer beat_timer_;
  boost::asio::steady_timer write_timer_;
  std::uint64_t id_;
  std::string in_;
  std::array<char, 4096> chunk_{};
  std::deque<outgoing> out_;
  std::shared_ptr<exchange> current_;
  bool is_stream_ = false;  // The request under way is one that streams.
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool is_read_ended_ = false;  // The client sends no more; it may still listen.
  bool is_peer_gone_ = false;   // The client does not listen any more.
  bool is_line_begun_ = false;  // A part of a request line is there.
  bool is_closing_ = false;     // Closed when everything is written.
  bool is_closed_ = false;
};

}  // namespace beamline::program::control
