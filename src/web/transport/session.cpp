#include "web/transport/session.hpp"

#include "web/http_writer.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>
#include <netinet/tcp.h>

namespace beamline::web::transport {

namespace asio = boost::asio;
using error_code = boost::system::error_code;

namespace {

// Buffers of one gather write; Asio passes at most 64 on to the system.
constexpr std::size_t buffers_per_write_max = 64;

// The system accepts new octets only while fewer than this wait to be sent, so that "writable" means that the
// peer really takes them, and what waits is a diff not yet rendered rather than one gone stale in the kernel.
constexpr int kernel_unsent_bytes_max = 32 * 1024;

using unsent_limit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

}  // namespace

void inbox::wake(std::weak_ptr<session> who) {
  auto lock = std::lock_guard{mutex_};
  if (io_ == nullptr)
    return;
  waiting_.push_back(std::move(who));
  if (waiting_.size() == 1)
    asio::post(*io_, [self = shared_from_this()] { self->serve(); });
}

void inbox::serve() {
  auto batch = std::vector<std::weak_ptr<session>>{};
  {
    auto lock = std::lock_guard{mutex_};
    batch.swap(waiting_);
  }
  for (const auto& who : batch)
    if (auto s = who.lock())
      s->on_wake();
}

void inbox::stop() {
  auto lock = std::lock_guard{mutex_};
  io_ = nullptr;
  waiting_.clear();
}

std::string_view context::date() {
  auto now = ports.time.wall_now();
  auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

void context::log_error(std::string_view what, std::string_view where, std::string_view why) {
  ports.log.error("web", what, {{"route", where}, {"why", why}});
}

session::session(context& ctx, asio::ip::tcp::socket stream)
    : ctx_{ctx}, stream_{std::move(stream)}, timer_{ctx.io}, id_{++ctx.last_session_id} {
  // Failing to set these costs performance only.
  auto ignored = error_code{};
  stream_.non_blocking(true, ignored);
  stream_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  stream_.set_option(unsent_limit{kernel_unsent_bytes_max}, ignored);
}

void session::enter() {
  auto self = shared_from_this();
  ctx_.sessions.emplace(id_, self);
  ctx_.connection_count.fetch_add(1, std::memory_order_relaxed);
  if (is_websocket())
    ctx_.socket_count.fetch_add(1, std::memory_order_relaxed);
  start();
}

void session::leave_table() {
  if (ctx_.sessions.erase(id_) == 0)
    return;
  ctx_.connection_count.fetch_sub(1, std::memory_order_relaxed);
  if (is_websocket())
    ctx_.socket_count.fetch_sub(1, std::memory_order_relaxed);
}

session::read_result session::read_some() {
  auto ec = error_code{};
  auto n = stream_.read_some(asio::buffer(ctx_.scratch), ec);
  if (ec == asio::error::would_block || ec == asio::error::try_again)
    return {io_status::blocked, {}};
  if (ec == asio::error::eof)
    return {io_status::ended, {}};
  if (ec)
    return {io_status::failed, {}};
  return {io_status::ok, {ctx_.scratch.data(), n}};
}

session::io_status session::flush(out_queue& out, std::size_t& written) {
  auto buffers = std::array<asio::const_buffer, buffers_per_write_max>{};
  written = 0;
  while (!out.empty()) {
    auto n = out.fill(buffers);
    auto ec = error_code{};
    auto octets = stream_.write_some(std::span{buffers}.first(n), ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again)
      return io_status::blocked;
    if (ec)
      return io_status::failed;
    out.consume(octets);
    written += octets;
  }
  return io_status::ok;
}

void session::wait_readable() {
  if (is_waiting_read_ || is_closed_)
    return;
  is_waiting_read_ = true;
  stream_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](error_code ec) {
    self->is_waiting_read_ = false;
    if (ec != asio::error::operation_aborted && !self->is_closed_)
      self->on_readable();
  });
}

void session::wait_writable() {
  if (is_waiting_write_ || is_closed_)
    return;
  is_waiting_write_ = true;
  stream_.async_wait(asio::ip::tcp::socket::wait_write, [self = shared_from_this()](error_code ec) {
    self->is_waiting_write_ = false;
    if (ec != asio::error::operation_aborted && !self->is_closed_)
      self->on_writable();
  });
}

void session::set_deadline(time_point when) {
  deadline_ = when;
  // A wait that ends earlier finds out then that the deadline has moved.
  if (!is_closed_ && when < timer_at_)
    arm_timer();
}

void session::arm_timer() {
  timer_at_ = deadline_;
  timer_.expires_after(std::max(duration::zero(), deadline_ - now()));
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (ec || self->is_closed_)
      return;
    self->timer_at_ = time_point::max();
    if (self->deadline_ == time_point::max())
      return;
    if (self->deadline_ > self->now())
      return self->arm_timer();
    self->deadline_ = time_point::max();
    self->on_deadline();
  });
}

void session::shutdown_write() {
  auto ignored = error_code{};  // The peer may have gone already.
  stream_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void session::close() {
  if (std::exchange(is_closed_, true))
    return;
  auto self = shared_from_this();
  auto ignored = error_code{};
  stream_.close(ignored);
  timer_.cancel();
  leave_table();
  if (ctx_.is_draining && ctx_.sessions.empty() && ctx_.on_empty)
    ctx_.on_empty();
}

asio::ip::tcp::socket session::release() {
  auto self = shared_from_this();
  is_closed_ = true;
  timer_.cancel();
  leave_table();
  return std::move(stream_);
}

}  // namespace beamline::web::transport
