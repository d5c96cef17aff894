#include "net/link/gate.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace beamline::net {

namespace {

gate::limits possible(gate::limits l) {
  l.envelope_octets_max = std::clamp(l.envelope_octets_max, gate::envelope_octets_least, gate::envelope_octets_top);
  l.message_octets_max = std::min(l.message_octets_max, gate::message_octets_top);
  l.window_octets = std::max(l.window_octets, 2 * l.envelope_octets_max);
  l.transfers_max = std::clamp<std::size_t>(l.transfers_max, 1, gate::transfers_top);
  return l;
}

// Half of what is behind the head of an envelope.
std::size_t turn(const gate::limits& l) { return (l.envelope_octets_max - envelope_head_octets) / 2; }

outgoing_lane::options outgoing(const gate::limits& l, lane which) {
  auto index = static_cast<std::size_t>(which);
  return {.index = index,
          .when_full =
              which == lane::broadcast ? outgoing_lane::overflow::drop_oldest : outgoing_lane::overflow::refuse,
          .octets_max = l.lane_octets[index],
          .turn_octets = turn(l),
          .transfers_max = l.transfers_max};
}

fragment_joiner::options incoming(const gate::limits& l) {
  fragment_joiner::options o{.message_octets_max = l.message_octets_max + message_head_octets_max};
  for (std::size_t i = 0; i < lanes; ++i)
    o.lane_octets_max[i] = l.lane_octets[i] + o.message_octets_max;
  return o;
}

}  // namespace

result<link_message> read_message(std::string_view octets) {
  byte_reader in{octets};
  auto kind = in.u8();
  link_message m{static_cast<link_message::kind>(kind)};
  if (m.what == link_message::kind::service)
    m.service = in.blob(service_octets_max);
  else if (m.what != link_message::kind::signal)
    in.fail(errc::corrupt, fmt::format("a message of kind {}, expected 1 or 2", kind));
  m.payload = in.raw(in.remaining());
  if (in.failed())
    return in.status().error();
  return m;
}

gate::gate(std::uint64_t connection, const limits& l)
    : connection_{connection},
      limits_{possible(l)},
      turn_octets_{turn(limits_)},
      out_{outgoing_lane{outgoing(limits_, lane::control)}, outgoing_lane{outgoing(limits_, lane::rpc)},
           outgoing_lane{outgoing(limits_, lane::presence)}, outgoing_lane{outgoing(limits_, lane::broadcast)}},
      in_{incoming(limits_)} {}

// -- towards the peer ------------------------------------------------------------------

gate::pushed gate::push(lane where, std::uint64_t flow, const link_message& m) { return push(where, flow, m, nullptr); }

gate::pushed gate::push(lane where, std::uint64_t flow, link_message m, bytes&& payload) {
  m.payload = payload;
  return push(where, flow, m, &payload);
}

gate::pushed gate::push(lane where, std::uint64_t flow, const link_message& m, bytes* owned) {
  if (m.service.size() > service_octets_max || m.payload.size() > limits_.message_octets_max
      || m.service.size() + m.payload.size() > limits_.message_octets_max) {
    ++refused_;
    return {pushed::fate::too_large};
  }
  auto taken = out_[static_cast<std::size_t>(where)].push(flow, m, owned);
  broadcasts_dropped_ += taken.dropped;
  if (taken.ok)
    return {pushed::fate::queued, taken.dropped};
  ++refused_;
  return {where == lane::control ? pushed::fate::overflow : pushed::fate::busy};
}

std::optional<bytes> gate::next() {
  std::size_t waiting = 0;
  for (const auto& l : out_)
    waiting += l.waiting_octets();
  if (waiting == 0 || on_the_way_ + limits_.envelope_octets_max > limits_.window_octets)
    return {};
  bytes envelope;
  envelope.reserve(std::min(limits_.envelope_octets_max, envelope_head_octets + waiting));
  byte_writer head{envelope};
  head.u8(envelope_version);
  head.u64(connection_);
  head.u64(next_out_);

  auto passed_over = find_passed_over();
  std::array<bool, lanes> has_gone{};
  for (std::size_t i = 0; i < lanes; ++i) {
    auto kept = passed_over < lanes && i < passed_over ? turn_octets_ : 0;
    has_gone[i] = out_[i].fill(envelope, limits_.envelope_octets_max - kept);
  }
  note_passed_over(has_gone);

  ++next_out_;
  on_the_way_ += envelope.size();
  octets_out_ += envelope.size();
  return envelope;
}

std::size_t gate::find_passed_over() const {
  for (std::size_t i = 0; i < lanes; ++i)
    if (passed_over_[i] >= passed_over_max)
      return i;
  return lanes;
}

void gate::note_passed_over(const std::array<bool, lanes>& has_gone) {
  for (std::size_t i = 0; i < lanes; ++i)
    passed_over_[i] = has_gone[i] || out_[i].empty() ? 0 : passed_over_[i] + 1;
}

result<void> gate::note_credit(std::uint64_t octets) {
  if (octets > on_the_way_)
    return error{errc::corrupt, fmt::format("credit for {} octets, only {} are on the way", octets, on_the_way_)};
  on_the_way_ -= octets;
  return {};
}

// -- from the peer ---------------------------------------------------------------------

result<void> gate::receive(std::string_view envelope, const sink& to) {
  if (fault_)
    return *fault_;
  if (auto done = read_envelope(envelope, to); !done) {
    fault_ = done.error().in(fmt::format("envelope {} of connection {}", next_in_, connection_));
    in_.clear();
    return *fault_;
  }
  ++next_in_;
  handled_ += envelope.size();
  octets_in_ += envelope.size();
  return {};
}

result<void> gate::read_envelope(std::string_view envelope, const sink& to) {
  if (envelope.size() > envelope_octets_top)
    return error{errc::too_large,
                 fmt::format("it has {} octets, at most {} are allowed", envelope.size(), envelope_octets_top)};
  byte_reader in{envelope};
  if (auto good = read_head(in); !good)
    return good;
  do {
    if (auto good = read_item(in, to); !good)
      return good;
  } while (in.remaining() > 0);
  return {};
}

result<void> gate::read_head(byte_reader& in) const {
  auto version = in.u8();
  auto connection = in.u64(), number = in.u64();
  if (in.failed())
    return in.status();
  if (version != envelope_version)
    return error{errc::corrupt, fmt::format("it is of version {}, expected {}", version, envelope_version)};
  if (connection != connection_)
    return error{errc::corrupt, fmt::format("it is of connection {}", connection)};
  if (number != next_in_)
    return error{errc::corrupt, fmt::format("it is number {}: envelopes are missing, or came twice", number)};
  return {};
}

result<void> gate::read_item(byte_reader& in, const sink& to) {
  constexpr unsigned lane_bits = 3, form_shift = 2;
  auto head = in.u8();
  std::size_t where = head & lane_bits;
  auto form = static_cast<unsigned>(head) >> form_shift;
  if (form == static_cast<unsigned>(item_form::whole)) {
    auto message = in.blob(envelope_octets_top);
    return in.failed() ? in.status() : deliver(where, message, to);
  }
  if (form > static_cast<unsigned>(item_form::more))
    in.fail(errc::corrupt, fmt::format("an item with the head {}", head));
  auto is_first = form == static_cast<unsigned>(item_form::first);
  auto id = in.varint();
  auto total = is_first ? in.varint() : 0;
  auto piece = in.blob(envelope_octets_top);
  if (in.failed())
    return in.status();
  auto joined = is_first ? in_.first(where, id, total, piece) : in_.more(where, id, piece);
  if (!joined)
    return joined.error();
  return *joined ? deliver(where, **joined, to) : result<void>{};
}

result<void> gate::deliver(std::size_t where, std::string_view message, const sink& to) {
  auto m = read_message(message);
  if (!m)
    return m.error();
  ++messages_in_;
  to(static_cast<lane>(where), *m);
  return {};
}

std::uint64_t gate::take_credit() {
  if (handled_ < std::min(limits_.window_octets / 4, credit_octets_max))
    return 0;
  return std::exchange(handled_, 0);
}

gate::counters gate::count() const {
  counters c;
  for (std::size_t i = 0; i < lanes; ++i) {
    c.waiting_octets[i] = out_[i].waiting_octets();
    c.waiting_messages[i] = out_[i].waiting_messages();
    c.messages_out += out_[i].messages_out();
  }
  c.messages_in = messages_in_;
  c.octets_out = octets_out_;
  c.octets_in = octets_in_;
  c.broadcasts_dropped = broadcasts_dropped_;
  c.refused = refused_;
  c.on_the_way_octets = on_the_way_;
  c.unfinished_octets = in_.held_octets();
  return c;
}

}  // namespace beamline::net
