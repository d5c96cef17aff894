#include "web/transport/http_session.hpp"

#include "web/events.hpp"
#include "web/http_writer.hpp"
#include "web/transport/websocket_session.hpp"
#include "web/upgrade.hpp"

#include <exception>
#include <utility>

namespace beamline::web::transport {

namespace {

int refusal_status(errc code) { return code == errc::busy || code == errc::unavailable ? 503 : 403; }

}  // namespace

http_session::http_session(context& ctx, boost::asio::ip::tcp::socket stream, peer_address peer, bool refuses)
    : session{ctx, std::move(stream)}, peer_{std::move(peer)}, refuses_{refuses}, reader_{ctx.options} {}

void http_session::start() {
  set_reading_deadline();
  wait_readable();
}

void http_session::drain() {
  keep_alive_ = false;
  if (phase_ == phase::reading && read_state_ == http_reader::state::idle)
    close();
}

void http_session::on_deadline() {
  switch (phase_) {
    case phase::reading:
      if (read_state_ == http_reader::state::idle)
        return close();
      request_ = std::make_shared<const request>(reader_.take());
      handled_at_ = now();
      fail(408);
      return pump();
    case phase::handling:
      ctx_.ports.log.warn(
          "web", "no answer in time",
          {{"route", request_->route}, {"path", request_->path}, {"after", ctx_.options.answer_timeout}});
      slot_.reset();  // A later answer finds nobody.
      answer(response::failure(*request_, 503, "The server did not answer in time. Please try again in a moment.")
                 .with("retry-after", std::string{retry_after_s}));
      return pump();
    case phase::writing:
    case phase::lingering: return close();
  }
}

void http_session::on_readable() {
  auto got = read_some();
  if (got.status == io_status::failed)
    return close();
  if (phase_ == phase::lingering) {
    lingered_ += got.octets.size();
    if (got.status == io_status::ended || lingered_ > linger_bytes_max)
      return close();
    return wait_readable();
  }
  if (got.status == io_status::ended)
    input_ended_ = true;
  if (got.status == io_status::ok)
    reader_.append(got.octets);
  pump();
}

/// Goes on until something has to be waited for. Never re-entered, so that a thousand pipelined requests do not
/// become a thousand frames of stack.
void http_session::pump() {
  if (std::exchange(is_pumping_, true))
    return;
  auto self = shared_from_this();
  auto goes_on = true;
  while (goes_on && !is_closed()) {
    switch (phase_) {
      case phase::reading: goes_on = do_read(); break;
      case phase::handling: goes_on = do_handle(); break;
      case phase::writing: goes_on = do_write(); break;
      case phase::lingering: goes_on = false; break;
    }
  }
  is_pumping_ = false;
}

bool http_session::do_read() {
  auto before = read_state_;
  read_state_ = reader_.advance();
  if (read_state_ == http_reader::state::complete) {
    on_request();
    return true;
  }
  if (read_state_ == http_reader::state::failed) {
    on_refusal();
    return true;
  }
  if (input_ended_) {
    close();
    return false;
  }
  // The first request's time runs from the connection's start.
  if (read_state_ != before && (requests_ > 0 || read_state_ != http_reader::state::head))
    set_reading_deadline();
  if (read_state_ == http_reader::state::body && reader_.wants_continue()) {
    auto ignored = std::size_t{0};
    out_.push({{}, "HTTP/1.1 100 Continue\r\n\r\n", nullptr, {}});
    if (flush(out_, ignored) == io_status::failed)
      close();
  }
  wait_readable();
  return false;
}

/// The time for a phase of reading is counted from its start: trickling octets buys nothing.
void http_session::set_reading_deadline() {
  const auto& o = ctx_.options;
  auto is_first = requests_ == 0;
  switch (read_state_) {
    case http_reader::state::idle: return set_deadline(now() + (is_first ? o.header_timeout : o.keep_alive_timeout));
    case http_reader::state::head: return set_deadline(now() + o.header_timeout);
    default: return set_deadline(now() + o.body_timeout);
  }
}

void http_session::on_request() {
  auto req = std::make_shared<request>(reader_.take());
  req->id = ++ctx_.last_request_id;
  req->peer = peer_.address;
  req->peer_port = peer_.port;
  req->client = client_address(ctx_.options.proxies, req->peer, req->headers);
  req->is_secure = is_secure_behind(ctx_.options.proxies, req->peer, req->headers, ctx_.options.scheme == "https");
  if (is_unnamed_proxy(ctx_.options.proxies, req->peer, req->headers))
    tell_of_proxy(req->peer);
  if (++requests_ >= ctx_.options.requests_per_connection_max || ctx_.is_draining || !req->keep_alive)
    keep_alive_ = false;
  req->keep_alive = keep_alive_;
  request_ = req;
  handled_at_ = now();
  if (refuses_)
    return answer(response::failure(*req, 503, "The server has too many connections. Please try again in a moment.")
                      .with("retry-after", std::string{retry_after_s}));
  route_request(req);
}

void http_session::tell_of_proxy(const std::string& peer) {
  ctx_.ports.events.emit(proxy_not_named{peer});
  ctx_.ports.log.write(ctx_.unnamed_proxy_log, log_level::warn, "web",
                       "all readers behind a proxy count as one address; name it in web.trusted_proxies",
                       {{"proxy", peer}});
}

void http_session::route_request(const std::shared_ptr<request>& req) {
  if (req->path == "*")  // `OPTIONS *` asks about the server, not about a path.
    return answer(response::empty().with("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
  auto found = ctx_.routes.find(req->method, req->segments);
  req->route = std::string{found.pattern};
  req->params = std::move(found.params);
  if (found.accept != nullptr)
    return upgrade(found, req);
  if (found.handle != nullptr)
    return call_handler(found, req);
  if (found.allow.empty())
    return answer(response::not_found(*req));
  if (req->method == http_method::options)
    return answer(response::empty().with("allow", std::move(found.allow)));
  answer(response::failure(*req, 405).with("allow", std::move(found.allow)));
}

void http_session::call_handler(const router::match& found, const std::shared_ptr<request>& req) {
  phase_ = phase::handling;
  set_deadline(now() + ctx_.options.answer_timeout);
  auto slot = std::make_shared<answer_slot>(weak_from_this(), ctx_.door);
  slot_ = slot;
  try {
    for (const auto& before : *found.before)
      if (auto early = before(*req))
        return answer(std::move(*early));
    (*found.handle)(*req, responder{req, slot});
  } catch (const std::exception& e) {
    ctx_.log_error("a handler threw", req->route, e.what());
    fail(500);
  }
}

bool http_session::do_handle() {
  auto outcome = slot_ ? slot_->take() : std::nullopt;
  if (!outcome)
    return false;
  slot_.reset();
  if (!outcome->was_dropped) {
    answer(std::move(outcome->res));
    return true;
  }
  ctx_.log_error("a responder was dropped unanswered", request_->route, "the handler must call send()");
  fail(500);
  return true;
}

void http_session::upgrade(const router::match& found, const std::shared_ptr<request>& req) {
  auto decision = decide_upgrade(*req, *found.rules, ctx_.options.origins);
  if (decision.status != 101) {
    auto res = response::failure(*req, decision.status, decision.detail);
    if (decision.status == 400)
      res.headers.set("sec-websocket-version", "13");
    return answer(std::move(res));
  }
  if (ctx_.is_draining)
    return answer(response::failure(*req, 503, "The server is restarting.").with("retry-after", "1"));
  req->auth_token = std::move(decision.auth_token);
  auto handler = result<std::unique_ptr<socket_handler>>{error{errc::denied, {}}};
  try {
    handler = (*found.accept)(*req);
  } catch (const std::exception& e) {
    ctx_.log_error("a connect hook threw", req->route, e.what());
    return fail(500);
  }
  if (!handler) {
    auto status = refusal_status(handler.error().code);
    auto res = response::failure(*req, status, handler.error().message);
    if (status == 503)
      res.headers.set("retry-after", std::string{retry_after_s});
    return answer(std::move(res));
  }
  ctx_.ports.events.emit(request_done{req->route, req->method_text, 101, now() - handled_at_, 0});
  auto rest = reader_.take_input();
  auto head = upgrade_head(*req, decision.subprotocol);
  auto next = std::make_shared<websocket_session>(ctx_, release(), std::move(*handler), req->route);
  next->begin_with(std::move(head), std::move(rest));
  ctx_.ports.events.emit(socket_opened{req->route, req->client});
  next->enter();
}

void http_session::on_refusal() {
  auto refusal = reader_.failure();
  request_ = std::make_shared<const request>(reader_.take());
  handled_at_ = now();
  fail(refusal.status, refusal.detail);
}

/// Answers with an error and closes afterwards: what follows in the stream cannot be trusted.
void http_session::fail(int status, std::string_view detail) {
  slot_.reset();
  auto res = response::failure(*request_, status, detail);
  res.close = status != 500;
  answer(std::move(res));
}

void http_session::answer(response res) {
  keep_alive_ = keep_alive_ && !res.close && !refuses_ && !ctx_.is_draining;
  auto framing = answer_framing{.keep_alive = keep_alive_, .head_only = request_->method == http_method::head};
  auto head = write_head(res, framing, ctx_.date());
  if (!head) {
    ctx_.log_error("an answer was malformed", request_->route, head.error().message);
    res = response::failure(*request_, 500);
    head = write_head(res, framing, ctx_.date());
  }
  status_ = res.status;
  auto with_body = !framing.head_only && !framing.without_body;
  body_bytes_ = with_body ? res.body_text().size() : 0;
  out_.push({{}, std::move(*head), with_body ? std::move(res.body) : nullptr, {}});
  phase_ = phase::writing;
  slot_.reset();
  set_deadline(now() + ctx_.options.write_timeout);
}

bool http_session::do_write() {
  auto written = std::size_t{0};
  switch (flush(out_, written)) {
    case io_status::ok: on_answered(); return true;
    case io_status::blocked:
      if (written > 0)
        set_deadline(now() + ctx_.options.write_timeout);
      wait_writable();
      return false;
    default: close(); return false;
  }
}

void http_session::on_answered() {
  ctx_.ports.events.emit(
      request_done{request_->route, request_->method_text, status_, now() - handled_at_, body_bytes_});
  request_.reset();
  if (!keep_alive_)
    return do_linger();
  phase_ = phase::reading;
  read_state_ = http_reader::state::idle;
  set_reading_deadline();
}

/// Closing with unread octets would make the system send a reset, which can overtake the answer. So: say that
/// nothing more comes, then read until the client has closed as well.
void http_session::do_linger() {
  phase_ = phase::lingering;
  shutdown_write();
  if (input_ended_)
    return close();
  set_deadline(now() + ctx_.options.linger_timeout);
  wait_readable();
}

}  // namespace beamline::web::transport
