#include "web/channels/connection.hpp"

#include "actors/turn_batch.hpp"
#include "base/log.hpp"
#include "web/channels/events.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <numeric>
#include <utility>

namespace beamline::web::channels {

namespace {

struct attempt {
  bool is_refused = false;
};
// Whose cast is under way on this thread.
thread_local const attempt* under_way = nullptr;

}  // namespace

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

connection::connection(node& home, options o) : node_{home}, opts_{std::move(o)}, core_{opts_.rules} {
  if (const auto& r = opts_.rates)
    meter_ = meter{token_bucket{r->messages}, token_bucket{r->octets}, token_bucket{r->joins}};
}

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
  auto turns = turn_batch{node_};
  auto via = std::shared_ptr<socket>{};
  {
    std::lock_guard lock{mutex_};
    if (meter_) {
      const auto now = node_.env().time().now();
      charge(std::max(meter_->messages.take(1, now), meter_->octets.take(static_cast<double>(message.size()), now)));
    }
    perform(is_binary ? core_.on_binary(message) : core_.on_text(message), &turns);
    via = socket_;
  }
  // Other sockets' messages may be ready, too: their processes are woken together.
  if (via && !turns.empty())
    via->after_round(std::make_shared<turn_batch>(std::move(turns)));
}

void connection::drained() {
  std::lock_guard lock{mutex_};
  for (auto& [id, p] : processes_)
    if (!p.is_stopped && !has_taken(p, channel_drained{}))
      give_up(id, p);
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

void connection::add_unhandled(channel_process& p, std::size_t octets) {
  p.unhandled.push_back(octets);
  ++unhandled_;
  unhandled_octets_ += octets;
  if (unhandled_ > unhandled_events_max || unhandled_octets_ > unhandled_octets_max) {
    is_behind_ = true;
    update_reading();
  }
}

void connection::take_unhandled(channel_process& p, std::size_t count) {
  count = std::min(count, p.unhandled.size());
  const auto end = p.unhandled.begin() + static_cast<std::ptrdiff_t>(count);
  unhandled_octets_ -= std::accumulate(p.unhandled.begin(), end, std::size_t{0});
  p.unhandled.erase(p.unhandled.begin(), end);
  unhandled_ -= count;
  if (unhandled_ < unhandled_events_low && unhandled_octets_ < unhandled_octets_low) {
    is_behind_ = false;
    update_reading();
  }
}

/// The process is gone, and with it what it has not dealt with.
void connection::forget(channel_id id) {
  if (auto p = processes_.find(id); p != processes_.end()) {
    take_unhandled(p->second, p->second.unhandled.size());
    processes_.erase(p);
  }
}

// -- how much the client sends, with the lock held -------------------------------------------------

/// It has sent so much that it must be silent for that long.
void connection::charge(duration debt) {
  if (debt <= duration::zero() || !socket_)
    return;
  throttled_until_ = std::max(throttled_until_, node_.env().time().now() + debt);
  if (std::exchange(is_throttled_, true))
    return;
  update_reading();
  arm_rate_timer();
  node_.env().events().emit(connection_throttled{opts_.route, debt});
  if (!std::exchange(has_warned_, true))
    node_.env().log().warn("web", "a client sends more than it may and is not read from for a while",
                           {{"route", opts_.route}, {"for", debt}});
}

void connection::arm_rate_timer() {
  node_.env().timers().arm(throttled_until_, [self = weak_from_this()] {
    if (auto c = self.lock())
      c->rate_timer_fired();
  });
}

void connection::rate_timer_fired() {
  std::lock_guard lock{mutex_};
  if (node_.env().time().now() < throttled_until_)  // What had been read already has added to the debt.
    return arm_rate_timer();
  is_throttled_ = false;
  update_reading();
}

void connection::update_reading() {
  const bool must_pause = is_throttled_ || is_behind_;
  if (must_pause == is_paused_ || !socket_)
    return;
  is_paused_ = must_pause;
  if (must_pause)
    socket_->pause_reading();
  else
    socket_->resume_reading();
}

/// Casts it to the process. What nobody takes is gone before the cast returns, on this thread; what is taken ends in a
/// turn of its process.
template <class M>
bool connection::has_taken(const channel_process& p, M m, turn_batch* turns) {
  const auto mine = std::make_shared<attempt>();
  m.receipt = {mine.get(), [mine](const void*) {
                 if (under_way == mine.get())
                   mine->is_refused = true;
               }};
  const auto outer = std::exchange(under_way, mine.get());
  if (turns != nullptr)
    turns->cast(p.who, std::move(m));
  else
    node_.cast(p.who, std::move(m));
  under_way = outer;
  return !mine->is_refused;
}

/// A client is better off joining again than with a gap among its events.
void connection::give_up(channel_id id, channel_process& p) {
  p.is_stopped = true;
  add_unhandled(p);  // Until it is down.
  node_.exit(p.who, reason::custom("its full mailbox refused a message of its connection"));
  perform(core_.channel_down(id, down_reason::crashed));
}

// -- effects, with the lock held -----------------------------------------------------------

void connection::perform(effects all, turn_batch* turns) {
  for (auto& one : all)
    std::visit(
        [this, turns](auto& e) {
          if constexpr (requires { this->perform_one(e, turns); })
            perform_one(e, turns);
          else
            perform_one(e);
        },
        one);
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
  if (meter_)
    charge(meter_->joins.take(1, node_.env().time().now()));
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

void connection::perform_one(deliver& e, turn_batch* turns) {
  auto p = processes_.find(e.id);
  if (p == processes_.end() || p->second.is_stopped)
    return;
  if (has_taken(p->second, channel_event{std::move(e.event), std::move(e.ref), std::move(e.payload)}, turns))
    add_unhandled(p->second, e.octets);
  else
    give_up(e.id, p->second);
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
