#include "web/channels/connection.hpp"

#include "base/log.hpp"
#include "web/channels/events.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace beamline::web::channels {

/// What the server owns: forwards to the shared connection, and lets go of it when the socket is closed.
class connection::socket_side final : public socket_handler {
public:
  explicit socket_side(std::shared_ptr<connection> c) : connection_{std::move(c)} {}
  // A handler that is dropped before its socket was open hears no `on_closed`.
  ~socket_side() override { connection_->closed(); }
  socket_side(const socket_side&) = delete;
  socket_side& operator=(const socket_side&) = delete;

  void on_open(std::shared_ptr<socket> s) override { connection_->opened(std::move(s)); }
  void on_text(std::string message) override { connection_->received(message, false); }
  void on_binary(std::string message) override { connection_->received(message, true); }
  void on_drained() override { connection_->drained(); }
  void on_closed(const close_reason&) override { connection_->closed(); }

private:
  std::shared_ptr<connection> connection_;
};

connection::connection(node& home, options o) : node_{home}, opts_{std::move(o)}, core_{opts_.rules} {}

std::unique_ptr<socket_handler> connection::handler(std::shared_ptr<connection> c) {
  return std::make_unique<socket_side>(std::move(c));
}

// -- from the socket -----------------------------------------------------------------------

void connection::opened(std::shared_ptr<socket> s) {
  std::lock_guard lock{mutex_};
  socket_ = std::move(s);
  if (early_close_)
    socket_->close(early_close_->code, early_close_->reason);
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
  if (auto companion = std::exchange(companion_, pid{}))
    node_.exit(companion, reason::shutdown(std::string{ended_by_connection}));
}

// -- from the processes --------------------------------------------------------------------

void connection::join_ok(channel_id id, json_text response) {
  std::lock_guard lock{mutex_};
  if (auto p = processes_.find(id); p != processes_.end())
    take_unhandled(p->second, 1);
  perform(core_.join_ok(id, std::move(response)));
}

void connection::join_error(channel_id id, json_text response) {
  std::lock_guard lock{mutex_};
  perform(core_.join_error(id, std::move(response)));
}

void connection::reply(channel_id id, std::string_view ref, std::string_view status, json_text response) {
  std::lock_guard lock{mutex_};
  perform(core_.reply(id, ref, status, std::move(response)));
}

void connection::reply_binary(channel_id id, std::string_view ref, std::string_view status, std::string_view data) {
  std::lock_guard lock{mutex_};
  perform(core_.reply_binary(id, ref, status, data));
}

void connection::push(channel_id id, std::string_view event, json_text payload) {
  std::lock_guard lock{mutex_};
  perform(core_.push(id, event, std::move(payload)));
}

void connection::push_binary(channel_id id, std::string_view event, std::string_view data) {
  std::lock_guard lock{mutex_};
  perform(core_.push_binary(id, event, data));
}

void connection::broadcast(channel_id id, frame encoded) {
  std::lock_guard lock{mutex_};
  perform(core_.broadcast(id, std::move(encoded)));
}

void connection::down(channel_id id, down_reason why) {
  std::lock_guard lock{mutex_};
  forget(id);
  perform(core_.channel_down(id, why));
}

bool connection::writable() const {
  std::lock_guard lock{mutex_};
  return socket_ && socket_->writable();
}

void connection::handled(channel_id id) {
  std::lock_guard lock{mutex_};
  if (auto p = processes_.find(id); p != processes_.end())
    take_unhandled(p->second, 1);
}

// -- from the server -----------------------------------------------------------------------

void connection::close_with(std::uint16_t code, std::string reason) {
  std::lock_guard lock{mutex_};
  perform(core_.close_connection(code, std::move(reason)));
}

void connection::accompany(const pid& who) {
  std::lock_guard lock{mutex_};
  companion_ = who;
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
void connection::forget(channel_id id) {
  if (auto p = processes_.find(id); p != processes_.end()) {
    take_unhandled(p->second, p->second.unhandled);
    processes_.erase(p);
  }
}

// -- effects, with the lock held -----------------------------------------------------------

void connection::perform(effects all) {
  for (auto& one : all)
    std::visit([this](auto& e) { perform_one(e); }, one);
}

void connection::perform_one(send& e) {
  if (!socket_)
    return;
  const auto pending = socket_->pending_bytes();
  if (pending <= opts_.outgoing_bytes_max)
    return socket_->send(std::move(e.what));
  auto end = core_.close_connection(close_code::policy_violation,
                                    "the client does not read: " + std::to_string(pending) + " octets wait for it");
  if (end.empty())  // It is being closed already.
    return;
  node_.env().log().warn(
      "web", "a client was too slow",
      {{"route", opts_.route}, {"pending_bytes", pending}, {"outgoing_bytes_max", opts_.outgoing_bytes_max}});
  node_.env().events().emit(connection_slow{opts_.route, pending, opts_.outgoing_bytes_max});
  perform(std::move(end));
}

void connection::perform_one(close& e) {
  if (socket_)
    socket_->close(e.code, e.reason);
  else
    early_close_ = std::move(e);
}

void connection::perform_one(start_channel& e) {
  if (core_.is_closed())  // By something sent just before this.
    return;
  // Whatever a start throws (no room for another process, above all) costs this join, not the connection: a browser
  // whose connection is cut is back within 10 ms, with all its joins.
  start_result started;
  try {
    started = opts_.start(e, shared_from_this());
  } catch (const std::exception& failure) {
    node_.env().log().error("web", "a channel could not be started", {{"topic", e.topic}, {"why", failure.what()}});
    perform(core_.channel_down(e.id, down_reason::crashed));
    return;
  }
  if (auto* refusal = std::get_if<std::string>(&started))
    perform(core_.join_error(e.id, std::move(*refusal)));
  else
    add_unhandled(processes_.emplace(e.id, channel_process{std::get<pid>(started)}).first->second);
}

void connection::perform_one(deliver& e) {
  auto p = processes_.find(e.id);
  if (p == processes_.end())
    return;
  node_.cast(p->second.who, channel_event{std::move(e.event), std::move(e.ref), std::move(e.payload)});
  add_unhandled(p->second);
}

void connection::perform_one(stop_channel& e) {
  auto p = processes_.find(e.id);
  if (p == processes_.end())
    return;
  p->second.is_stopped = true;
  add_unhandled(p->second);  // Until it is down: joining and leaving for ever costs no more than events do.
  const auto is_leave = e.why == stop_reason::left || e.why == stop_reason::rejoined;
  node_.exit(p->second.who, reason::shutdown(std::string{is_leave ? ended_by_leave : ended_by_connection}));
}

}  // namespace beamline::web::channels
