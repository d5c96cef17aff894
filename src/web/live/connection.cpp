#include "web/live/connection.hpp"

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
    node_.cast(p, channel_drained{});
}

void connection::closed() {
  std::lock_guard lock{mutex_};
  perform(core_.on_closed());
  socket_.reset();
}

// -- from the processes --------------------------------------------------------------------

void connection::join_ok(channels::channel_id id, channels::json_text response) {
  std::lock_guard lock{mutex_};
  perform(core_.join_ok(id, std::move(response)));
}

void connection::join_error(channels::channel_id id, channels::json_text response) {
  std::lock_guard lock{mutex_};
  processes_.erase(id);
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
  processes_.erase(id);
  perform(core_.channel_down(id, why));
}

bool connection::writable() const {
  std::lock_guard lock{mutex_};
  return socket_ && socket_->writable();
}

void connection::handled() {
  std::lock_guard lock{mutex_};
  if (unhandled_ > 0)
    --unhandled_;
  if (is_paused_ && unhandled_ < unhandled_events_low && socket_) {
    is_paused_ = false;
    socket_->resume_reading();
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
  auto started = start_(e, shared_from_this());
  if (auto* refusal = std::get_if<std::string>(&started))
    perform(core_.join_error(e.id, std::move(*refusal)));
  else
    processes_.emplace(e.id, std::get<pid>(started));
}

void connection::perform_one(channels::deliver& e) {
  auto p = processes_.find(e.id);
  if (p == processes_.end())
    return;
  node_.cast(p->second, channel_event{std::move(e.event), std::move(e.ref), std::move(e.payload)});
  if (++unhandled_ > unhandled_events_max && !is_paused_ && socket_) {
    is_paused_ = true;
    socket_->pause_reading();
  }
}

void connection::perform_one(channels::stop_channel& e) {
  if (auto p = processes_.extract(e.id))
    node_.exit(p.mapped(), reason::shutdown("the browser left"));
}

}  // namespace beamline::web::live
