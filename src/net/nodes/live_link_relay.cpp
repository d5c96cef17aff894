// The relay of a live_link: octets between the wire and the carrier, and the control frames beside them.

#include "actors/message_contract.hpp"
#include "base/log.hpp"
#include "net/nodes/live_link.hpp"

#include <algorithm>
#include <utility>

namespace beamline::net {

namespace {

// Read from the wire, or from the carrier, at a time.
constexpr std::size_t read_octets = 64 * 1024;
// With more than this waiting for the wire nothing more is read from the carrier: a tick waits behind no more.
constexpr std::size_t wire_backlog_octets = 128 * 1024;
// What a carrier adds to envelopes is less than this share of the window; more waiting for it is a broken peer.
constexpr std::size_t carrier_backlog_windows = 4;

std::uint64_t microseconds(time_point t) { return static_cast<std::uint64_t>(t.time_since_epoch() / 1us); }

}  // namespace

// -- the wire --------------------------------------------------------------------------------

void live_link::read_wire() {
  is_reading_wire_ = true;
  wire_->read(read_octets, [weak = weak_from_this()](result<bytes> octets) {
    auto self = weak.lock();
    if (!self)
      return;
    self->is_reading_wire_ = false;
    if (!self->is_over_)
      return self->handle_wire(std::move(octets));
    // Unread octets would break the connection before the goodbye is read.
    if (self->is_closing_)
      octets && !octets->empty() ? self->read_wire() : self->close_wire();
  });
}

void live_link::handle_wire(result<bytes> octets) {
  if (!octets || octets->empty())
    return drain(!goodbye_.empty() ? goodbye_ : !octets ? octets.error().message : "the peer closed the connection");
  octets_in_ += octets->size();
  life_.note_read(env_.time().now());
  frames_.feed(*octets);
  handle_frames();
}

void live_link::handle_frames() {
  while (!is_over_) {
    auto frame = frames_.next();
    if (!frame)
      return lose(down_reason::protocol_error, frame.error().message);
    if (!*frame)
      break;
    if ((*frame)->kind == frame_kind::control) {
      auto m = decode_control((*frame)->body, options_.protocol);
      if (!m)
        return lose(down_reason::protocol_error, m.error().message);
      handle_control(*m);
    } else if ((*frame)->kind == frame_kind::carried) {
      if (auto fine = carrier_->check((*frame)->body); !fine)
        return lose(down_reason::protocol_error, fine.error().message);
      to_carrier_ += (*frame)->body;
    } else
      return lose(down_reason::protocol_error, "a handshake after the handshake");
  }
  if (is_over_)
    return;
  if (to_carrier_.size() > carrier_backlog_windows * options_.lanes.window_octets + read_octets)
    return lose(down_reason::protocol_error, "it sent more than its window allows");
  write_carrier();
  read_wire();
}

void live_link::handle_control(const control_message& m) {
  if (const auto* t = std::get_if<control::tick>(&m)) {
    tock_ = control::tock{t->sent_us};
    write_wire();
  } else if (const auto* back = std::get_if<control::tock>(&m)) {
    auto took = static_cast<std::int64_t>(microseconds(env_.time().now()) - back->sent_us);
    if (took >= 0)
      latency_us_ = took;
  } else if (const auto* c = std::get_if<control::credit>(&m)) {
    std::unique_lock lock{out_mutex_};
    auto fine = out_.note_credit(c->octets);
    if (fine)
      return send_next(lock);
    lock.unlock();
    lose(down_reason::protocol_error, fine.error().message);
  } else if (const auto* part = std::get_if<control::contract>(&m))
    handle_contract(*part);
  else if (const auto* n = std::get_if<control::neighbours>(&m))
    events_.neighbours(n->known);
  else if (const auto* g = std::get_if<control::goodbye>(&m))
    goodbye_ = "the peer said goodbye: " + g->why + (g->detail.empty() ? "" : ", " + g->detail);
}

void live_link::say(const control_message& m) {
  append_relay_frame(control_out_, frame_kind::control, encode_control(m, options_.protocol));
  write_wire();
}

void live_link::say_pending() {
  auto add = [this](const control_message& m) {
    // Empty: the peer's protocol has no such verb.
    if (auto body = encode_control(m, options_.protocol); !body.empty())
      append_relay_frame(control_out_, frame_kind::control, body);
  };
  if (auto t = std::exchange(tick_, std::nullopt))
    add(*t);
  if (auto t = std::exchange(tock_, std::nullopt))
    add(*t);
  if (auto octets = std::exchange(credit_, 0); octets > 0)
    add(control::credit{octets});
}

void live_link::write_wire() {
  if (is_writing_wire_ || wire_end_)
    return;
  say_pending();
  if (control_out_.empty() && carried_out_.empty())
    return;
  auto octets = std::exchange(control_out_, {});
  if (octets.empty())
    octets = std::exchange(carried_out_, {});
  else
    octets += std::exchange(carried_out_, {});
  is_writing_wire_ = true;
  octets_out_ += octets.size();
  wire_->write(std::move(octets), [weak = weak_from_this()](result<void> done) {
    auto self = weak.lock();
    if (!self)
      return;
    self->is_writing_wire_ = false;
    if (self->is_closing_) {
      if (done)
        self->write_wire();
      if (!done)
        self->close_wire();
      else if (!self->is_writing_wire_)
        self->wire_->finish();  // The peer closes when it has read that.
      return;
    }
    if (self->is_over_)
      return;
    if (!done)
      return self->drain(done.error().message);
    self->life_.note_written(self->env_.time().now());
    self->write_wire();
    self->read_carrier();
  });
}

void live_link::tell_neighbours(const std::vector<control::neighbour>& known) {
  for (auto& some : cut_neighbours(known))
    say(std::move(some));
}

void live_link::check_life() {
  auto now = env_.time().now();
  auto d = life_.check(now);
  if (d.is_dead)
    return lose(down_reason::net_tick_timeout, "nothing was heard of it for its tick time");
  if (d.is_tick_due) {
    tick_ = control::tick{microseconds(now)};
    write_wire();
  }
  life_timer_.arm(d.next, [this] { check_life(); });
}

// -- the carrier -------------------------------------------------------------------------------

void live_link::read_carrier() {
  if (is_reading_carrier_ || carried_out_.size() > wire_backlog_octets)
    return;
  is_reading_carrier_ = true;
  carrier_->octets().read(read_octets, [weak = weak_from_this()](result<bytes> octets) {
    auto self = weak.lock();
    if (!self || self->is_over_)
      return;
    self->is_reading_carrier_ = false;
    if (!octets || octets->empty())
      return self->lose(down_reason::protocol_error,
                        "the carrier ended" + (octets ? std::string{} : ": " + octets.error().message));
    for (std::size_t at = 0; at < octets->size(); at += relay_frame_octets_max)
      append_relay_frame(self->carried_out_, frame_kind::carried,
                         std::string_view{*octets}.substr(at, relay_frame_octets_max));
    self->drained(octets->size());
    self->write_wire();
    self->read_carrier();
  });
}

void live_link::write_carrier() {
  if (is_writing_carrier_ || to_carrier_.empty())
    return;
  is_writing_carrier_ = true;
  carrier_->octets().write(std::exchange(to_carrier_, {}), [weak = weak_from_this()](result<void> done) {
    auto self = weak.lock();
    if (!self || self->is_over_)
      return;
    self->is_writing_carrier_ = false;
    if (!done)
      return self->lose(down_reason::protocol_error, "the carrier ended: " + done.error().message);
    self->write_carrier();
  });
}

/// The carrier gave so much to be relayed: it can take the next.
void live_link::drained(std::size_t octets) {
  std::unique_lock lock{out_mutex_};
  in_carrier_ -= std::min(in_carrier_, octets);
  send_next(lock);
}

// -- the tables of messages ------------------------------------------------------------------

void live_link::send_contract() {
  auto parts = cut_contract(env_.contract().encode());
  for (auto& part : parts.value())  // message_contract keeps the table shorter than the parts may be.
    say(std::move(part));
}

void live_link::handle_contract(const control::contract& part) {
  if (has_contract_)
    return lose(down_reason::protocol_error, "a table of messages that nobody asked for");
  auto table = contract_.add(part);
  if (!table)
    return lose(down_reason::protocol_error, table.error().message);
  if (!*table)
    return;
  auto differences = env_.contract().compare(**table);
  if (!differences)
    return lose(down_reason::protocol_error, "its table of messages: " + differences.error().message);
  for (const auto& d : *differences) {
    env_.log().warn("net", "a message cannot be exchanged with a peer",
                    {{"node", options_.peer.identity.name}, {"message", d.message}, {"why", d.why}});
    disabled_.push_back(d.message);
  }
  has_contract_ = true;
  become_ready();
}

}  // namespace beamline::net
