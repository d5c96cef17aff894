// What is on the way between the ends of a connection, and what breaks it.

#include "testing/net/connection.hpp"
#include "testing/net/listening_port.hpp"
#include "testing/net/network_core.hpp"

#include <utility>

namespace beamline::testing {

namespace {

// Purposes of `octet_pipe::draw`, beyond those of the pipe itself.
enum purpose : std::uint64_t { of_reset = 32, of_unread };

constexpr std::uint64_t millionths = 1'000'000;

}  // namespace

void connection::arm(std::size_t from) {
  if (auto* p = out(from).first(); p != nullptr && !is_armed_[from])
    carry(from, p->arrives);
}

void connection::carry(std::size_t from, time_point when) {
  is_armed_[from] = true;
  core_.ways.carry(ends_[from].at.on->index(), ends_[1 - from].at.on->index(), when, [self = shared_from_this(), from] {
    self->is_armed_[from] = false;
    self->arrive(from);
  });
}

void connection::arrive(std::size_t from) {
  if (!core_.is_powered(*ends_[1 - from].at.on))
    return try_again(from);
  unanswered_since_[from] = {};
  while (out(from).first() != nullptr && out(from).first()->arrives <= core_.world.now() && is_let_through(from))
    handle(from, out(from).take_first());
  settle_read(1 - from);
  arm(from);
}

// A slow way takes its time with every portion.
bool connection::is_let_through(std::size_t from) {
  auto a = ends_[from].at.on->index();
  auto b = ends_[1 - from].at.on->index();
  auto portion = core_.ways.portion(a, b);
  auto* p = out(from).first();
  if (portion == 0 || p->is_through || p->what != octet_pipe::mark::none)
    return true;
  out(from).split_first(portion);
  p = out(from).first();
  p->is_through = true;
  p->arrives = core_.ways.pass(a, b, p->octets.size());
  return false;
}

// Nobody is there. What has no sender any more is not sent again.
void connection::try_again(std::size_t from) {
  auto& since = unanswered_since_[from];
  auto now = core_.world.now();
  if (since == time_point{})
    since = now;
  if (ends_[from].state == end_state::open && now - since < give_up_after)
    return carry(from, now + retransmit_after);
  out(from).lose_all(now);
  break_end(from, "was given up, there was no answer from");
}

void connection::handle(std::size_t from, octet_pipe::piece p) {
  auto& e = ends_[1 - from];
  core_.world.note(trace_tag("piece"), id_ * 2 + from, trace_tag(p.octets) + static_cast<std::uint64_t>(p.what));
  switch (p.what) {
    case octet_pipe::mark::none: handle_octets(from, std::move(p)); break;
    case octet_pipe::mark::opened:
      if (auto port = core_.port_at(*e.at.on, e.at.address.port, is_loopback_);
          e.state == end_state::unborn && port && port->has_room()) {
        port->offer(shared_from_this());
      } else {
        e.state = end_state::closed;
        answer_reset(from);
      }
      break;
    case octet_pipe::mark::end:
      e.has_peer_finished = true;
      if (e.state == end_state::gone)
        answer_reset(from);
      break;
    case octet_pipe::mark::reset: break_end(1 - from, "was reset by"); break;
  }
}

void connection::handle_octets(std::size_t from, octet_pipe::piece p) {
  if (ends_[1 - from].state != end_state::open)
    return answer_reset(from);
  if (core_.has_random_resets && out(from).draw(of_reset, p.number) % millionths < core_.world.weather().reset_ppm) {
    // This piece is lost, and what follows must not arrive without it.
    out(from).lose_all(core_.world.now());
    core_.world.tell(nullptr, [&] {
      return "the connection between " + ends_[0].at.on->name() + " and " + ends_[1].at.on->name() + " breaks";
    });
    return reset_both();
  }
  out(from).arrive(std::move(p.octets));
}

// The system at that end knows nothing of the connection, or nothing any more.
void connection::answer_reset(std::size_t from) {
  auto& back = out(1 - from);
  if (back.is_reset())
    return;
  back.put(octet_pipe::mark::reset, core_.world.now());
  arm(1 - from);
}

// -- what breaks it ------------------------------------------------------------------------

void connection::break_end(std::size_t s, std::string why) {
  auto& e = ends_[s];
  if (e.state == end_state::unborn)
    e.state = end_state::closed;
  if (e.state != end_state::open)
    return retire();
  tell(s, "loses its connection: it " + why);
  e.state = end_state::broken;
  e.problem =
      "the connection " + why + " " + ends_[1 - s].at.on->name() + " (" + to_string(ends_[1 - s].at.address) + ")";
  // Some systems hand out what had arrived, others do not.
  if (in(s).draw(of_unread, 0) % 2 == 0)
    in(s).forget_unread();
  settle_read(s);
  settle_write(s);
  retire();
}

void connection::reset_both() {
  for (std::size_t s : {dialler, acceptor})
    if (!out(s).is_reset())
      reset_peer(s);
}

void connection::reset_one(side s) {
  if (ends_[s].state != end_state::open)
    return;
  out(s).lose_some(core_.world.now());
  if (s == dialler && ends_[acceptor].state == end_state::unborn)
    ends_[acceptor].state = end_state::closed;
  break_end(s, "was broken here, unknown to");
}

void connection::node_ended(std::uint64_t incarnation, node_end how) {
  for (std::size_t s : {dialler, acceptor}) {
    auto& e = ends_[s];
    if (e.incarnation != incarnation)
      continue;
    e.has_stream = false;
    e.reader = nullptr;
    e.writer = nullptr;
    bool was_open = e.state == end_state::open;
    e.state = how == node_end::power_loss ? end_state::gone : end_state::closed;
    if (how == node_end::power_loss) {
      in(s).forget_unread();
      out(s).lose_some(core_.world.now());
    } else if (was_open) {
      say_goodbye(s);
    }
  }
  retire();
}

}  // namespace beamline::testing
