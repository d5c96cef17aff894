#pragma once

#include "base/time.hpp"
#include "web/transport/context.hpp"
#include "web/transport/out_queue.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace beamline::web::transport {

/// One TCP connection: reading when readable, gather writes, one lazily moved timer. HTTP and WebSocket build on
/// it. Lives on the server's thread; the server's table owns it, pending operations keep it alive.
class session : public std::enable_shared_from_this<session> {
public:
  session(context& ctx, boost::asio::ip::tcp::socket stream);
  virtual ~session() = default;
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Begins; the session is in the table.
  virtual void start() = 0;
  /// Another thread has left something.
  virtual void on_wake() = 0;
  /// The server shuts down: end when the work in progress is done.
  virtual void drain() = 0;
  [[nodiscard]] virtual bool is_websocket() const { return false; }
  /// Ends now, without another word.
  virtual void cut() { close(); }

  /// Puts it into the table and starts it.
  void enter();

protected:
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
  virtual void on_deadline() = 0;

  enum class io_status { ok, blocked, ended, failed };
  struct read_result {
    io_status status;
    std::string_view octets;  // Valid until the next read of any connection.
  };
  [[nodiscard]] read_result read_some();
  /// Writes `out` as far as the system takes it; `written` is what it took.
  [[nodiscard]] io_status flush(out_queue& out, std::size_t& written);

  void wait_readable();
  void wait_writable();
  /// Calls `on_deadline` at `when`, unless moved before. `time_point::max()` means never.
  void set_deadline(time_point when);
  [[nodiscard]] time_point now() const { return ctx_.ports.time.now(); }

  void shutdown_write();
  void close();
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  /// Leaves the connection to another session; this one is gone from the table.
  [[nodiscard]] boost::asio::ip::tcp::socket release();

  context& ctx_;

private:
  void arm_timer();
  void leave_table();

  boost::asio::ip::tcp::socket stream_;
  boost::asio::steady_timer timer_;
  time_point deadline_ = time_point::max();
  time_point timer_at_ = time_point::max();  // When the pending wait ends.
  std::uint64_t id_ = 0;
  bool is_waiting_read_ = false;
  bool is_waiting_write_ = false;
  bool is_closed_ = false;
};

}  // namespace beamline::web::transport
