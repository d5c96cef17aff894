#include "net/nodes/live_link.hpp"

#include "actors/message_contract.hpp"
#include "base/log.hpp"
#include "base/planted.hpp"

#include <algorithm>
#include <utility>

namespace beamline::net {

namespace {

// Envelopes on their way through the carrier; what is pushed meanwhile is gathered into the next one.
constexpr std::size_t in_carrier_octets_max = 64 * 1024;
// The goodbye has this long to leave.
constexpr duration goodbye_time = 1s;
// What was read of a connection that is gone has this long to come out of the carrier; what has not by then is lost.
constexpr duration drain_time = 1s;

}  // namespace

live_link::live_link(environment& env, event_loop& loop, std::unique_ptr<byte_stream> wire, relay_frame_reader frames,
                     options o, events e)
    : env_{env},
      loop_{loop},
      options_{std::move(o)},
      events_{std::move(e)},
      wire_{std::move(wire)},
      remote_{to_string(wire_->remote())},
      frames_{std::move(frames)},
      life_{{options_.self.tick_time, options_.peer.tick_time, options_.tick_intensity}, env.time().now()},
      life_timer_{env, loop},
      setup_timer_{env, loop},
      out_{options_.session, options_.lanes},
      in_{options_.session, options_.lanes} {
  frames_.allow_all();
}

live_link::~live_link() = default;

// -- beginning -----------------------------------------------------------------------------

void live_link::begin(carriers& over) {
  carriers::events e;
  e.opened = [weak = weak_from_this(), &loop = loop_](result<void> done) {
    loop.post([weak, done = std::move(done)] {
      auto self = weak.lock();
      if (!self || self->is_over_)
        return;
      if (!done)
        return self->lose(down_reason::protocol_error, done.error().message);
      self->is_carrier_open_ = true;
      self->become_ready();
    });
  };
  e.received = [weak = weak_from_this()](bytes envelope) {
    if (auto self = weak.lock())
      self->receive(std::move(envelope));
  };
  auto opened = over.open(options_.side, std::move(e));
  if (!opened) {
    // Not from within the call of who begins it.
    loop_.post([weak = weak_from_this(), why = opened.error().message] {
      if (auto self = weak.lock())
        self->lose(down_reason::protocol_error, why);
    });
    return;
  }
  carrier_ = std::move(*opened);
  setup_timer_.arm(env_.time().now() + options_.setup_time,
                   [this] { lose(down_reason::protocol_error, "the carrier did not come up in time"); });
  has_contract_ = options_.self.contract_hash == options_.peer.contract_hash;
  if (!has_contract_)
    send_contract();
  check_life();
  read_carrier();
  loop_.post([weak = weak_from_this()] {
    if (auto self = weak.lock(); self && !self->is_over_)
      self->handle_frames();  // What came with the last words of the handshake.
  });
}

void live_link::become_ready() {
  if (is_ready_ || !is_carrier_open_ || !has_contract_)
    return;
  is_ready_ = true;
  up_since_ = env_.time().now();
  setup_timer_.cancel();
  {
    std::unique_lock lock{out_mutex_};
    can_send_ = true;
    send_next(lock);
  }
  events_.ready();
}

void live_link::open() {
  std::lock_guard lock{in_mutex_};
  is_open_ = true;
  for (const auto& envelope : std::exchange(early_, {}))
    if (auto done = pass_on(envelope); !done)
      return;
}

// -- sending -------------------------------------------------------------------------------------

/// One envelope at once when nothing is under way, so that a single message does not wait; while some are, what is
/// pushed gathers in the lanes and goes together.
void live_link::send_next(std::unique_lock<std::mutex>&) {
  while (can_send_ && in_carrier_ < in_carrier_octets_max) {
    auto envelope = out_.next();
    if (!envelope)
      return;
    in_carrier_ += envelope->size();
    carrier_->send(std::move(*envelope));
  }
}

result<void> live_link::push(lane where, std::uint64_t flow, link_message m, bytes&& payload) {
  gate::pushed done;
  auto octets = payload.size();
  {
    std::unique_lock lock{out_mutex_};
    if (!can_send_)
      return error{errc::unavailable, options_.peer.identity.name + " is not linked with this node at the moment"};
    done = out_.push(where, flow, m, std::move(payload));
    if (in_carrier_ == 0)
      send_next(lock);
  }
  if (done.what == gate::pushed::fate::queued && done.dropped == 0)
    return {};
  if (done.what == gate::pushed::fate::too_large)
    return error{errc::too_large, "a message of " + std::to_string(octets) + " bytes to " + options_.peer.identity.name
                                      + " is over the limit of " + std::to_string(options_.lanes.message_octets_max)
                                      + "; send it in parts"};
  events_.overflow(where, done);
  if (done.what == gate::pushed::fate::overflow)
    loop_.post([weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->lose(down_reason::slow_consumer, "its control lane overflowed");
    });
  if (done.what != gate::pushed::fate::queued)
    return error{errc::busy, options_.peer.identity.name + " does not take what waits for it; try again later"};
  return {};
}

// -- receiving -----------------------------------------------------------------------------------

void live_link::receive(bytes envelope) {
  std::lock_guard lock{in_mutex_};
  ++received_;
  if (is_draining_)
    loop_.post([weak = weak_from_this()] {
      if (auto self = weak.lock(); self && !self->is_over_)
        self->finish_drain();
    });
  if (is_deaf_)
    return;
  if (is_open_ || planted::is_on(planted::bug::up_after_message)) {
    (void)pass_on(envelope);
    return;
  }
  early_octets_ += envelope.size();
  if (early_octets_ > 2 * options_.lanes.window_octets) {
    is_deaf_ = true;
    loop_.post([weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->lose(down_reason::protocol_error, "it sent more than its window allows");
    });
    return;
  }
  early_.push_back(std::move(envelope));
}

result<void> live_link::pass_on(std::string_view envelope) {
  result<void> outcome;
  auto fine = in_.receive(envelope, [&](lane where, const link_message& m) {
    if (auto done = events_.message(where, m); !done && outcome)
      outcome = done;
  });
  if (!fine)
    outcome = fine;
  if (!outcome) {
    is_deaf_ = true;
    loop_.post([weak = weak_from_this(), why = outcome.error().message] {
      if (auto self = weak.lock())
        self->lose(down_reason::protocol_error, why);
    });
    return outcome;
  }
  if (auto credit = in_.take_credit(); credit > 0)
    loop_.post([weak = weak_from_this(), credit] {
      auto self = weak.lock();
      if (!self || self->is_over_)
        return;
      self->credit_ += credit;
      self->write_wire();
    });
  return {};
}

// -- the end ---------------------------------------------------------------------------------------

void live_link::lose(std::string_view why, std::string detail) {
  if (is_over_)
    return;
  // Copies: the owner ends this link, and may let go of it.
  auto lost = events_.lost;
  lost(why, detail);
}

/// The connection is gone, and the link is lost as soon as all that was read of it has come out of the carrier.
void live_link::drain(std::string detail) {
  if (is_over_ || wire_end_)
    return;
  wire_end_ = std::move(detail);
  wire_->close();  // The peer may wait for that.
  life_timer_.arm(env_.time().now() + drain_time, [this] { lose(down_reason::connection_closed, *wire_end_); });
  finish_drain();
}

void live_link::finish_drain() {
  {
    std::lock_guard lock{in_mutex_};
    is_draining_ = is_open_ && !is_deaf_ && received_ < carrier_->envelopes_checked();
    if (is_draining_)
      return;
  }
  lose(down_reason::connection_closed, *wire_end_);
}

bool live_link::end(std::string_view why, const std::string& detail) {
  if (is_over_)
    return is_closing_;
  is_over_ = true;
  life_timer_.cancel();
  setup_timer_.cancel();
  {
    std::lock_guard lock{out_mutex_};
    can_send_ = false;
  }
  {
    std::lock_guard lock{in_mutex_};
    is_deaf_ = true;
  }
  carrier_.reset();
  // Whoever has closed, or is not there, hears nothing; who is not there is not waited for.
  if (why == down_reason::connection_closed || !wire_->is_open()) {
    wire_->close();
    return false;
  }
  is_closing_ = true;
  carried_out_.clear();
  say_pending();  // The goodbye is the last word.
  append_relay_frame(control_out_, frame_kind::control,
                     encode_control(control::goodbye{std::string{why}, detail}, options_.protocol));
  life_timer_.arm(env_.time().now() + goodbye_time, [this] { close_wire(); });
  write_wire();
  if (!is_reading_wire_)
    read_wire();
  return true;
}

void live_link::close_wire() {
  if (!std::exchange(is_closing_, false))
    return;
  life_timer_.cancel();
  wire_->close();
  auto told = events_.closed;  // The owner may let go of this link.
  told();
}

// -- what is known of it -----------------------------------------------------------------------------

gate::counters live_link::count() const {
  gate::counters all;
  {
    std::lock_guard lock{out_mutex_};
    all = out_.count();
  }
  std::lock_guard lock{in_mutex_};
  auto in = in_.count();
  all.messages_in = in.messages_in;
  all.octets_in = in.octets_in;
  return all;
}

std::optional<duration> live_link::latency() const {
  auto us = latency_us_.load();
  return us < 0 ? std::nullopt : std::optional<duration>{std::chrono::microseconds{us}};
}

}  // namespace beamline::net
