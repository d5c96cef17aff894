#include "web/live/connection.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace beamline::web::live {

/// What the server owns: forwards to the shared connection, and lets go of it when the socket is closed.
class connection::socket_side final : public socket_handler {
public:
  explicit socket_side(std::shared_ptr<connection> c) : connection_{std::move(c)} {}
  void on_open(std::shared_ptr<socket> s) override { connection_->opened(std::move(s)); }
  void on_text(std::string message) override { connection_->received(message, false); }
  void on_binary(std::string message) override { connection_->received(message, true); }
  void on_drained() override { connection_->drained(); }
  void on_closed(const close_reason&) override { connection_->closed(); }

private:
  std::shared_ptr<connection> connection_;
};

connection::connection(node& home, channels::channel_socket::options options, starter start)
    : node_{home}, start_{std::move(start)}, core_{std::move(options)} {}

std::unique_ptr<socket_handler> connection::handler(std::shared_ptr<connection> c) {
  return std::make_unique<socket_side>(std::move(c));
}

// -- from the socket -----------------------------------------------------------------------

void connection::opened(std::shared_ptr<socket> s) {
  std::lock_guard lock{mutex_};
  socket_ = std::move(s);
}

void connection::received(const std::string& message, bool is_binary) {
  std::lock_guard lock{mutex_};
  perform(is_binary ? core_.on_binary(message) : core_.on_text(message));
}

void connection::drained() {
  std::lock_guard lock{mutex_};
  for (const auto& [id, p] : processes_)
    if (!p.is_stopped)
      node_.cast(p.who, channel_drained{});
}

void connection::closed() {
  std::lock_guard lock{mutex_};
  perform(core_.on_closed());
  socket_.reset();
}

// -- from the processes --------------------------------------------------------------------

void connection::join_ok(channels::channel_id id, channels::json_text response) {
  std::lock_guard lock{mutex_};
  if (auto p = processes_.find(id); p != processes_.end())
    take_unhandled(p->second, 1);
  perform(core_.join_ok(id, std::move(response)));
}

void connection::join_error(channels::channel_id id, channels::json_text response) {
  std::lock_guard lock{mutex_};
  perform(core_.join_error(id, std::move(response)));
}

void connection::reply(channels::channel_id id, std::string_view ref, channels::json_text response) {
  std::lock_guard lock{mutex_};
  perform(core_.reply(id, ref, channels::status_ok, std::move(response)));
}

void connection::push(channels::channel_id id, std::string_view event, channels::json_text payload) {
  std::lock_guard lock{mutex_};
  perform(core_.push(id, event, std::move(payload)));
}

void connection::down(channels::channel_id id, channels::down_reason why) {
  std::lock_guard lock{mutex_};
  forget(id);
  perform(core_.channel_down(id, why));
}

bool connection::writable() const {
  std::lock_guard lock{mutex_};
  return socket_ && socket_->writable();
}

void connection::handled(channels::channel_id id) {
  std::lock_guard lock{mutex_};
  if (auto p = processes_.find(id); p != processes_.end())
    take_unhandled(p->second, 1);
}

// -- how far the processes are behind, with the lock held ------------------------------------

void connection::add_unhandled(channel_process& p) {
  ++p.unhandled;
  if (++unhandled_ > unhandled_events_max && !is_paused_ && socket_) {
    is_paused_ = true;
    socket_->pause_reading();
  }
}

void connection::take_unhandled(channel_process& p, std::size_t count) {
  count = std::min(count, p.unhandled);
  p.unhandled -= count;
  unhandled_ -= count;
  if (is_paused_ && unhandled_ < unhandled_events_low && socket_) {
    is_paused_ = false;
    socket_->resume_reading();
  }
}

/// The process is gone, and with it what it has not dealt with.
void connection::forget(channels::channel_id id) {
  if (auto p = processes_.find(id); p != processes_.end()) {
    take_unhandled(p->second, p->second.unhandled);
    processes_.erase(p);
  }
}

// -- effects, with the lock held -----------------------------------------------------------

void connection::perform(channels::effects all) {
  for (auto& one : all)
    std::visit([this](auto& e) { perform_one(e); }, one);
}

void connection::perform_one(channels::send& e) {
  if (socket_)
    socket_->send(std::move(e.what));
}

void connection::perform_one(channels::close& e) {
  if (socket_)
    socket_->close(e.code, e.reason);
}

void connection::perform_one(channels::start_channel& e) {
  // Whatever a start throws (no room for another process, above all) costs this join, not the connection: a browser
  // whose connection is cut is back within 10 ms, with all its joins.
  start_result started;
  try {
    started = start_(e, shared_from_this());
  } catch (const std::exception& failure) {
    node_.env().log().error("web", "a channel could not be started", {{"topic", e.topic}, {"why", failure.what()}});
    perform(core_.channel_down(e.id, channels::down_reason::crashed));
    return;
  }
  if (auto* refusal = std::get_if<std::string>(&started))
    perform(core_.join_error(e.id, std::move(*refusal)));
  else
    add_unhandled(processes_.emplace(e.id, channel_process{std::get<pid>(started)}).first->second);
}

void connection::perform_one(channels::deliver& e) {
  auto p = processes_.find(e.id);
  if (p == processes_.end())
    return;
  node_.cast(p->second.who, channel_event{std::move(e.event), std::move(e.ref), std::move(e.payload)});
  add_unhandled(p->second);
}

void connection::perform_one(channels::stop_channel& e) {
  auto p = processes_.find(e.id);
  if (p == processes_.end())
    return;
  p->second.is_stopped = true;
  add_unhandled(p->second);  // Until it is down: joining and leaving for ever costs no more than events do.
  node_.exit(p->second.who, reason::shutdown("the browser left"));
}

}  // namespace beamline::web::live
