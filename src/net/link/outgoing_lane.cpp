#include "net/link/outgoing_lane.hpp"

#include "net/link/envelope.hpp"

#include <algorithm>
#include <utility>

namespace beamline::net {

namespace {

// A smaller piece is not worth its head: it waits for the next envelope.
constexpr std::size_t piece_octets_min = 256;
// A deque never gives back what it needs to find its parts: after more entries than this it is made anew.
constexpr std::size_t entries_kept_max = 4096;

std::size_t octets_of(const link_message& m) {
  if (m.what == link_message::kind::signal)
    return 1 + m.payload.size();
  return 1 + (m.service.size() < 0x80 ? 1 : 2) + m.service.size() + m.payload.size();
}
static_assert(service_octets_max < 0x4000);

void append_message(octet_queue& out, short_octets& head, const link_message& m, bytes* owned) {
  head.u8(static_cast<std::uint8_t>(m.what));
  if (m.what == link_message::kind::service) {
    head.varint(m.service.size());
    out.append(head.view());
    out.append(m.service);
  } else {
    out.append(head.view());
  }
  if (owned != nullptr)
    out.append(std::move(*owned));
  else
    out.append(m.payload);
}

}  // namespace

// -- message_queue ---------------------------------------------------------------------

void message_queue::push(std::size_t lane, const entry& e, const link_message& m, bytes* owned) {
  short_octets head;
  if (e.is_large) {
    append_message(large_.emplace_back(), head, m, owned);
  } else {
    head.u8(item_head(lane, item_form::whole));
    head.varint(octets_of(m));
    append_message(small_, head, m, nullptr);
  }
  entries_.push_back(e);
  has_grown_ = has_grown_ || entries_.size() > entries_kept_max;
}

void message_queue::pop_entry() {
  entries_.pop_front();
  if (has_grown_ && entries_.empty()) {
    entries_ = std::deque<entry>{};
    has_grown_ = false;
  }
}

template <class IsWanted>
message_queue::moved message_queue::take_small(bytes& out, std::size_t end, IsWanted is_wanted) {
  moved m;
  std::size_t run = 0;
  auto room = end > out.size() ? end - out.size() : 0;
  while (!entries_.empty()) {
    const auto& e = entries_.front();
    if (e.is_large || run + e.octets > room || !is_wanted(e))
      break;
    run += e.octets;
    m.cost += e.cost();
    ++m.messages;
    pop_entry();
  }
  small_.take(run, out);
  return m;
}

octet_queue message_queue::take_large() {
  auto octets = std::move(large_.front());
  large_.pop_front();
  pop_entry();
  return octets;
}

void message_queue::hand_over(message_queue& to) {
  auto e = entries_.front();
  if (e.is_large) {
    to.large_.push_back(take_large());
  } else {
    small_.take(e.octets, to.small_);
    pop_entry();
  }
  to.entries_.push_back(e);
}

void message_queue::drop_front() {
  if (entries_.front().is_large) {
    (void)take_large();
    return;
  }
  small_.drop(entries_.front().octets);
  pop_entry();
}

// -- what comes in ---------------------------------------------------------------------

outgoing_lane::taken outgoing_lane::push(std::uint64_t flow, const link_message& m, bytes* owned) {
  auto octets = octets_of(m);
  // As a whole item it has its head and its length in front.
  auto item = octets + 1 + (octets < 0x80 ? 1 : octets < 0x4000 ? 2 : 3);
  message_queue::entry e{flow, ++pushed_, static_cast<std::uint32_t>(item)};
  if (item > options_.turn_octets || is_oversized(e)) {
    e.is_large = true;
    e.octets = static_cast<std::uint32_t>(octets);
  }
  taken t;
  if (is_oversized(e)) {
    if (oversized_octets_ > 0)
      return t;
  } else if (octets_ + e.cost() > options_.octets_max) {
    if (options_.when_full == overflow::refuse || begun_octets_ + e.cost() > options_.octets_max)
      return t;
    for (; octets_ + e.cost() > options_.octets_max; ++t.dropped)
      drop_oldest();
  }
  queue_.push(options_.index, e, m, owned);
  (is_oversized(e) ? oversized_octets_ : octets_) += e.cost();
  ++messages_;
  t.ok = true;
  return t;
}

void outgoing_lane::drop_oldest() {
  // What waits behind a transfer was in the queue before everything that is in it now.
  auto oldest = transfers_.end();
  for (auto t = transfers_.begin(); t != transfers_.end(); ++t)
    if (!(*t)->behind.empty()
        && (oldest == transfers_.end() || (*t)->behind.front().number < (*oldest)->behind.front().number))
      oldest = t;
  auto& from = oldest == transfers_.end() ? queue_ : (*oldest)->behind;
  (is_oversized(from.front()) ? oversized_octets_ : octets_) -= from.front().cost();
  --messages_;
  from.drop_front();
  if (oldest != transfers_.end() && (*oldest)->is_done()) {
    by_flow_.erase((*oldest)->flow);
    transfers_.erase(oldest);
  }
}

// -- what goes out ---------------------------------------------------------------------

bool outgoing_lane::fill(bytes& out, std::size_t end) {
  auto before = out.size();
  for (auto last = before + 1; last != out.size() && messages_ > 0;) {
    last = out.size();
    fill_from_queue(out, transfers_.empty() ? end : std::min(end, out.size() + options_.turn_octets));
    for (auto turns = transfers_.size(); turns > 0 && give_turn(out, end); --turns)
      ;
  }
  return out.size() > before;
}

void outgoing_lane::fill_from_queue(bytes& out, std::size_t end) {
  while (!queue_.empty()) {
    auto is_free = [&](const message_queue::entry& e) { return by_flow_.empty() || by_flow_.count(e.flow) == 0; };
    count_out(queue_.take_small(out, end, is_free));
    if (queue_.empty() || (!queue_.front().is_large && is_free(queue_.front())))
      return;
    set_aside();
  }
}

// The first of the queue to the transfer of its flow, a new one if need be.
void outgoing_lane::set_aside() {
  auto flow = queue_.front().flow;
  auto [at, is_new] = by_flow_.try_emplace(flow, nullptr);
  if (is_new) {
    at->second = transfers_.emplace_back(std::make_unique<transfer>()).get();
    at->second->flow = flow;
  }
  queue_.hand_over(at->second->behind);
}

// False: there is no room left for a turn of the next one, which keeps it for the next envelope.
bool outgoing_lane::give_turn(bytes& out, std::size_t end) {
  auto before = out.size();
  auto t = std::move(transfers_.front());
  transfers_.pop_front();
  auto is_alone = transfers_.empty() && queue_.empty();
  advance(*t, out, is_alone ? end : std::min(end, out.size() + options_.turn_octets));
  auto had_turn = out.size() > before || must_wait(*t);
  if (t->is_done())
    by_flow_.erase(t->flow);
  else if (had_turn)
    transfers_.push_back(std::move(t));
  else
    transfers_.push_front(std::move(t));
  return had_turn;
}

// For one of the others to end: as many as may be are under way.
bool outgoing_lane::must_wait(const transfer& t) const noexcept {
  return !t.current && !t.behind.empty() && t.behind.front().is_large && begun_ == options_.transfers_max;
}

void outgoing_lane::advance(transfer& t, bytes& out, std::size_t end) {
  if (!t.current) {
    count_out(t.behind.take_small(out, end, [](const message_queue::entry&) { return true; }));
    if (t.behind.empty() || !t.behind.front().is_large || must_wait(t))
      return;
    begin(t);
  }
  // The end of a message ends the turn, so that another large one gets its place.
  send_piece(t, out, end);
}

void outgoing_lane::begin(transfer& t) {
  auto e = t.behind.front();
  t.current.emplace(begun{++last_id_, e, t.behind.take_large(), e.octets});
  ++begun_;
  if (!is_oversized(e))
    begun_octets_ += e.cost();
}

void outgoing_lane::send_piece(transfer& t, bytes& out, std::size_t end) {
  auto& b = *t.current;
  auto room = end > out.size() ? end - out.size() : 0;
  if (room < item_head_octets_max + std::min(b.left, piece_octets_min))
    return;
  auto piece = std::min(b.left, room - item_head_octets_max);
  auto is_first = b.left == b.what.octets;
  short_octets head;
  head.u8(item_head(options_.index, is_first ? item_form::first : item_form::more));
  head.varint(b.id);
  if (is_first)
    head.varint(b.what.octets);
  head.varint(piece);
  out.append(head.view());
  b.rest.take(piece, out);
  b.left -= piece;
  if (b.left > 0)
    return;
  end_current(t);
}

void outgoing_lane::end_current(transfer& t) {
  auto e = t.current->what;
  t.current.reset();
  --begun_;
  --messages_;
  ++messages_out_;
  if (is_oversized(e)) {
    oversized_octets_ = 0;
    return;
  }
  begun_octets_ -= e.cost();
  octets_ -= e.cost();
}

void outgoing_lane::count_out(const message_queue::moved& m) {
  messages_ -= m.messages;
  messages_out_ += m.messages;
  octets_ -= m.cost;
}

}  // namespace beamline::net
