#include "web/transport/websocket_session.hpp"

#include "web/events.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace beamline::web::transport {

websocket_session::websocket_session(context& ctx, boost::asio::ip::tcp::socket stream,
                                     std::unique_ptr<socket_handler> handler, std::string route)
    : session{ctx, std::move(stream)},
      route_{std::move(route)},
      handler_{std::move(handler)},
      queue_{std::make_shared<socket_queue>(socket_queue::limits{ctx.options.socket_high_water_bytes,
                                                                 ctx.options.socket_low_water_bytes,
                                                                 ctx.options.socket_pending_bytes_max},
                                            ctx.door, ctx.rounds)},
      reader_{ctx.options.message_bytes_max} {}

void websocket_session::begin_with(std::string head, std::string rest) {
  push_control(std::move(head));
  rest_ = std::move(rest);
}

void websocket_session::start() {
  queue_->attach(weak_from_this());
  opened_at_ = heard_at_ = now();
  // Before the first write, which may find out that the peer has gone: `on_closed` comes after `on_open`.
  call_handler([this](socket_handler& h) { h.on_open(queue_); });
  fetch_queue();  // Writes the answer to the upgrade, too.
  decode(std::exchange(rest_, {}));
  update_deadline();
  wait_readable();
}

/// Calls the handler if there still is one; one that throws loses the connection.
template <class F>
void websocket_session::call_handler(F fn) {
  if (!handler_)
    return;
  try {
    fn(*handler_);
  } catch (const std::exception& e) {
    ctx_.log_error("a socket handler threw", route_, e.what());
    queue_->close(close_code::internal_error, "internal error");
  }
}

void websocket_session::on_readable() {
  for (auto turn = 0; turn < reads_per_turn_max && !is_closed(); ++turn) {
    if (phase_ == phase::open && queue_->is_paused())
      return;  // `resume_reading` wakes us.
    auto got = read_some();
    if (got.status == io_status::blocked)
      break;
    if (got.status != io_status::ok) {
      end_open({close_reason::kind::peer, close_code::abnormal, "the connection was lost"});
      return close();
    }
    heard_at_ = now();
    if (phase_ != phase::finishing)
      decode(got.octets);
    if (got.octets.size() < read_bytes_max)
      break;
  }
  update_deadline();
  wait_readable();
}

void websocket_session::decode(std::string_view octets) {
  while (phase_ != phase::finishing && !is_closed()) {
    if (phase_ == phase::open && !queue_->is_open()) {
      fetch_queue();  // The handler has just closed: it hears no more messages.
      continue;
    }
    if (phase_ == phase::open && queue_->is_paused()) {
      rest_.append(octets);  // At most what one read gave.
      return;
    }
    auto event = reader_.next(octets);
    if (!event)
      return;
    on_event(std::move(*event));
  }
}

void websocket_session::on_event(message_reader::event event) {
  using kind = message_reader::kind;
  switch (event.what) {
    case kind::text: return call_handler([&](socket_handler& h) { h.on_text(std::move(event.payload)); });
    case kind::binary: return call_handler([&](socket_handler& h) { h.on_binary(std::move(event.payload)); });
    case kind::ping: return answer_ping(std::move(event.payload));
    case kind::pong: return;
    case kind::close:
      if (phase_ == phase::closing)  // The answer to our own close frame.
        return finish({}, {});
      return finish(close_frame(event.code, {}), {close_reason::kind::peer, event.code, std::move(event.payload)});
    case kind::failed:
      return finish(phase_ == phase::closing ? std::string{} : close_frame(event.code, event.payload),
                    {close_reason::kind::violation, event.code, std::move(event.payload)});
  }
}

void websocket_session::answer_ping(std::string payload) {
  if (phase_ != phase::open)
    return;
  pong_ = std::move(payload);
  do_write();
}

void websocket_session::on_wake() {
  if (is_closed())
    return;
  fetch_queue();
  if (is_closed())
    return;
  if (!rest_.empty())
    decode(std::exchange(rest_, {}));
  update_deadline();
  wait_readable();
}

/// Takes over what other threads have left: frames, a close, too many frames.
void websocket_session::fetch_queue() {
  auto news = queue_->fetch();
  if (phase_ != phase::open)
    return;
  if (news.has_overflowed) {
    // A close frame would wait behind all that the peer does not read.
    ctx_.ports.log.warn("web", "a client was too slow",
                        {{"route", route_}, {"pending_bytes_max", ctx_.options.socket_pending_bytes_max}});
    end_open({close_reason::kind::slow, close_code::policy_violation, "too slow"});
    return close();
  }
  for (auto& item : news.items)
    out_.push(std::move(item));
  if (news.close) {
    push_control(close_frame(news.close->code, news.close->reason));
    phase_ = phase::closing;
    close_deadline_ = now() + ctx_.options.socket_close_timeout;
    end_open({close_reason::kind::server, news.close->code, std::move(news.close->reason)});
  }
  do_write();
}

void websocket_session::push_control(std::string octets) {
  queue_->count(octets.size());
  out_.push({{}, std::move(octets), nullptr, {}});
}

void websocket_session::do_write() {
  if (pong_ && out_.empty())
    push_control(control_frame(opcode::pong, *std::exchange(pong_, std::nullopt)));
  auto written = std::size_t{0};
  auto status = flush(out_, written);
  if (status == io_status::failed) {
    end_open({close_reason::kind::peer, close_code::abnormal, "the connection was lost"});
    return close();
  }
  auto has_drained = written > 0 && queue_->written(written, out_.size());
  if (status == io_status::blocked) {
    if (written > 0 || write_deadline_ == time_point::max())
      write_deadline_ = now() + ctx_.options.write_timeout;
    wait_writable();
  } else {
    write_deadline_ = time_point::max();
    if (must_end_ && !std::exchange(is_write_shut_, true))
      shutdown_write();
  }
  if (has_drained)
    call_handler([](socket_handler& h) { h.on_drained(); });
}

void websocket_session::on_writable() {
  do_write();
  if (pong_ && !is_closed())
    do_write();
  if (!is_closed())
    update_deadline();
}

/// Tells the handler, once, and lets it go.
void websocket_session::end_open(close_reason why) {
  if (!handler_)
    return;
  ctx_.ports.events.emit(socket_closed{route_, to_string(why.what), why.code, now() - opened_at_});
  auto handler = std::exchange(handler_, nullptr);
  queue_->end();
  try {
    handler->on_closed(why);
  } catch (const std::exception& e) {
    ctx_.log_error("a socket handler threw on closing", route_, e.what());
  }
}

/// The last frame has been decoded: writes our last one and waits, shortly, until the peer has closed.
void websocket_session::finish(std::string closing_frame, close_reason why) {
  phase_ = phase::finishing;
  end_open(std::move(why));
  pong_.reset();
  if (!closing_frame.empty())
    push_control(std::move(closing_frame));
  must_end_ = true;
  close_deadline_ = now() + ctx_.options.linger_timeout;
  do_write();
}

void websocket_session::update_deadline() {
  auto next = std::min(write_deadline_, close_deadline_);
  if (phase_ == phase::open && !queue_->is_paused())
    next = std::min(next, heard_at_ + ctx_.options.socket_idle_timeout);
  set_deadline(next);
}

void websocket_session::on_deadline() {
  auto at = now();
  if (at >= write_deadline_) {
    end_open({close_reason::kind::slow, close_code::policy_violation, "nothing was read in time"});
    return close();
  }
  if (at >= close_deadline_)
    return close();
  if (phase_ == phase::open && !queue_->is_paused() && at >= heard_at_ + ctx_.options.socket_idle_timeout) {
    push_control(close_frame(close_code::going_away, "idle"));
    phase_ = phase::closing;
    close_deadline_ = at + ctx_.options.socket_close_timeout;
    end_open({close_reason::kind::idle, close_code::going_away, "idle"});
    do_write();
  }
  if (!is_closed())
    update_deadline();
}

void websocket_session::drain() { queue_->close(close_code::service_restart, "the server restarts"); }

void websocket_session::cut() {
  end_open({close_reason::kind::server, close_code::service_restart, "the server ends"});
  close();
}

}  // namespace beamline::web::transport
