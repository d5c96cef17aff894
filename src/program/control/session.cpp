#include "program/control/session.hpp"

#include "program/control/limits.hpp"
#include "program/control/protocol.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace beamline::program::control {

namespace asio = boost::asio;
using error_code = boost::system::error_code;

namespace {

error ending() { return {errc::cancelled, "the node is ending; ask again when it has started anew"}; }

}  // namespace

session::session(context& ctx, socket stream)
    : ctx_{ctx},
      stream_{std::move(stream)},
      read_timer_{ctx.io},
      answer_timer_{ctx.io},
      beat_timer_{ctx.io},
      write_timer_{ctx.io},
      id_{++ctx.last_session_id} {}

void session::start() {
  ctx_.sessions.emplace(id_, shared_from_this());
  watch_peer();
  wait_for_request();
  do_read();
}

void session::watch_peer() {
  stream_.async_wait(socket::wait_error, [self = shared_from_this()](error_code ec) {
    if (ec == asio::error::operation_aborted || self->is_closed_)
      return;
    // A request that has arrived is still carried out, though nobody waits for its answer.
    self->is_peer_gone_ = true;
    if (self->current_ || self->is_closing_)
      self->close();
  });
}

void session::do_read() {
  // More is read while a request is under way, so that the end of the client is seen; up to one further request.
  if (is_reading_ || is_read_ended_ || is_closed_ || is_closing_ || in_.size() > request_bytes_max)
    return;
  is_reading_ = true;
  stream_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](error_code ec, std::size_t octets) {
    self->is_reading_ = false;
    if (self->is_closed_)
      return;
    if (ec)
      return self->on_read_end();
    self->on_read(octets);
  });
}

void session::on_read(std::size_t octets) {
  in_.append(chunk_.data(), octets);
  next();
  do_read();
}

void session::on_read_end() {
  is_read_ended_ = true;
  // The last line may lack its newline.
  if (!in_.empty() && in_.back() != '\n')
    in_ += '\n';
  next();
}

void session::next() {
  if (current_ || is_closed_ || is_closing_ || !out_.empty())
    return;
  auto end = in_.find('\n');
  if (end == std::string::npos && in_.size() <= request_bytes_max) {
    if (is_read_ended_)
      return close();
    if (!in_.empty() && !std::exchange(is_line_begun_, true))
      arm(read_timer_, ctx_.times.request, &session::on_slow_request);
    return;
  }
  if (end > request_bytes_max)  // No end at all, too.
    return refuse({errc::too_large, "the request is longer than " + std::to_string(request_bytes_max)
                                        + " bytes; send less, one line of JSON per request"});
  auto line = in_.substr(0, end);
  in_.erase(0, end + 1);
  is_line_begun_ = false;
  if (ctx_.is_ending)
    return refuse(ending());
  handle(line);
  do_read();
}

void session::handle(std::string_view line) {
  read_timer_.cancel();
  auto r = parse_request(line);
  if (!r)
    return send(encode_error(r.error()), 0);
  if (!r->node.empty() && r->node != ctx_.node)
    return send(encode_error({errc::not_found, "this is the node " + ctx_.node + ", not " + shown(r->node)},
                             {{"node", ctx_.node}}),
                0);
  begin(*r);
}

void session::begin(const request& r) {
  auto job = ctx_.verbs.prepare(r);
  if (!job)
    return send(encode_error(job.error()), 0);
  current_ = std::make_shared<exchange>([way_in = ctx_.way_in, waiting = weak_from_this()] {
    way_in->post([waiting] {
      if (auto self = waiting.lock())
        self->on_wake();
    });
  });
  is_stream_ = job->what->options.is_stream;
  auto deadline = time_point::max();
  if (job->timeout) {
    deadline = ctx_.time.now() + *job->timeout;
    arm(answer_timer_, *job->timeout, &session::on_answer_deadline);
  }
  arm(beat_timer_, ctx_.times.alive, &session::beat);
  ctx_.verbs.run(*job, current_, deadline);
  if (is_peer_gone_)
    close();
}

void session::on_wake() {
  if (!current_ || is_closed_)
    return;
  auto arrived = current_->collect();
  for (auto& line : arrived.lines) {
    auto is_item = !arrived.is_last || &line != &arrived.lines.back();
    auto octets = is_item ? line.size() : 0;
    send(std::move(line), octets);
  }
  if (arrived.is_last)
    end_request();
}

void session::end_request() {
  answer_timer_.cancel();
  beat_timer_.cancel();
  current_.reset();
}

void session::on_answer_deadline() {
  on_wake();  // What has come in time counts.
  if (!current_ || !current_->give_up())
    return;
  send(encode_error({errc::timeout, "no answer in time; whether the verb had an effect is unknown. Give it longer "
                                    "(--timeout), or see what the node is doing"}),
       0);
  end_request();
}

void session::beat() {
  if (!current_)
    return;
  // While lines wait, the client sees enough of us.
  if (out_.empty())
    send(encode_alive(), 0);
  arm(beat_timer_, ctx_.times.alive, &session::beat);
}

void session::send(std::string line, std::size_t item_octets) {
  out_.push_back({std::move(line), item_octets, 0});
  if (out_.size() == 1)
    do_write();
}

void session::refuse(const error& e) {
  read_timer_.cancel();
  is_closing_ = true;
  send(encode_error(e), 0);
}

void session::do_write() {
  arm(write_timer_, ctx_.times.write, &session::on_slow_reader);
  // Moves on with every part that is taken: a slow reader of a large answer is not a dead one.
  auto rest = asio::buffer(out_.front().line) + out_.front().written;
  is_writing_ = true;
  stream_.async_write_some(rest, [self = shared_from_this()](error_code ec, std::size_t octets) {
    self->is_writing_ = false;
    if (self->is_closed_)
      return;
    if (ec)
      return self->close();
    self->on_write(octets);
  });
}

void session::on_write(std::size_t octets) {
  auto& front = out_.front();
  front.written += octets;
  if (front.written < front.line.size())
    return do_write();
  write_timer_.cancel();
  if (current_)
    current_->written(front.item_octets);
  out_.pop_front();
  if (!out_.empty())
    return do_write();
  if (current_)
    return;
  if (is_closing_ || (ctx_.is_ending && in_.find('\n') == std::string::npos))
    return close();
  wait_for_request();
  next();
}

void session::wait_for_request() {
  is_line_begun_ = false;
  arm(read_timer_, ctx_.times.idle, &session::on_idle);
}

void session::arm(asio::steady_timer& timer, duration after, void (session::*then)()) {
  timer.expires_after(after);
  timer.async_wait([self = shared_from_this(), then](error_code ec) {
    if (!ec && !self->is_closed_)
      ((*self).*then)();
  });
}

void session::on_idle() {
  if (!current_ && out_.empty() && !is_line_begun_)
    close();
}

void session::on_slow_request() {
  if (is_line_begun_)
    refuse({errc::timeout, "the request did not end within " + std::to_string(to_ms(ctx_.times.request))
                               + " ms; it is one line of JSON that ends with a newline"});
}

void session::on_slow_reader() {
  ctx_.log.warn("control", "a client that does not read was cut", {{"waiting_lines", out_.size()}});
  close();
}

void session::drain() {
  if (current_ && is_stream_)
    return cut();
  if (!current_ && out_.empty())
    close();
}

void session::cut() {
  if (current_ && current_->give_up())
    out_.push_back({encode_error(ending()), 0, 0});
  end_request();
  // One try, without waiting: what the client does not take now is lost.
  auto ec = error_code{};
  stream_.non_blocking(true, ec);
  if (!ec && !is_writing_ && !out_.empty())
    stream_.write_some(asio::buffer(out_.front().line), ec);
  close();
}

void session::close() {
  if (std::exchange(is_closed_, true))
    return;
  auto self = shared_from_this();
  if (current_)
    current_->give_up();
  current_.reset();
  auto ignored = error_code{};
  stream_.close(ignored);
  for (auto* timer : {&read_timer_, &answer_timer_, &beat_timer_, &write_timer_})
    timer->cancel();
  ctx_.sessions.erase(id_);
  if (ctx_.is_ending && ctx_.sessions.empty() && ctx_.on_empty)
    ctx_.on_empty();
}

}  // namespace beamline::program::control
