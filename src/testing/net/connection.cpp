// The ends of a connection: what their nodes ask for. What is on the way is in connection_wire.cpp.

#include "testing/net/connection.hpp"

#include "testing/net/network_core.hpp"
#include "testing/net/simulated_network.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::testing {

namespace {

octet_pipe::options pipe_options(const network_core& core, std::uint64_t id, std::uint64_t direction) {
  return {.seed = core.seed_of(id) + direction,
          .latency = core.world.weather().latency,
          .held_bytes_max = simulated_network::buffer_bytes_max,
          .piece_bytes_max = simulated_network::piece_bytes_max};
}

}  // namespace

connection::connection(network_core& core, options o)
    : core_{core},
      id_{o.id},
      is_loopback_{o.is_loopback},
      ends_{end{.at = o.from}, end{.at = o.to}},
      pipes_{octet_pipe{pipe_options(core, o.id, 1)}, octet_pipe{pipe_options(core, o.id, 2)}} {}

void connection::open(std::uint64_t incarnation) {
  auto& e = ends_[dialler];
  e.incarnation = incarnation;
  e.state = end_state::open;
  e.has_stream = true;
  core_.connections.emplace(id_, shared_from_this());
  tell(dialler, "connects to");
  out(dialler).put(octet_pipe::mark::opened, core_.world.now());
  arm(dialler);
}

void connection::adopt(std::uint64_t incarnation) {
  auto& e = ends_[acceptor];
  e.incarnation = incarnation;
  e.state = end_state::open;
  e.has_stream = true;
}

// -- reading -----------------------------------------------------------------------------

void connection::read(side s, std::size_t max, net::byte_stream::on_read done) {
  auto& e = ends_[s];
  if (!e.has_stream)
    return;  // Its node has ended.
  if (e.reader || max == 0)
    throw std::logic_error{max == 0 ? "byte_stream: a read of 0 octets; ask for one at least"
                                    : "byte_stream: a read is under way already; wait for it"};
  e.reader = std::move(done);
  e.read_max = max;
  settle_read(s);
}

std::optional<result<bytes>> connection::outcome_of_read(std::size_t s) {
  const auto& e = ends_[s];
  if (e.state == end_state::closed)
    return error{errc::cancelled, "the connection was closed here"};
  if (in(s).unread() > 0)
    return in(s).read(e.read_max);
  if (e.state == end_state::broken)
    return error{errc::unavailable, e.problem};
  if (e.has_peer_finished)
    return bytes{};
  return std::nullopt;
}

void connection::settle_read(std::size_t s) {
  auto& e = ends_[s];
  bool is_due = e.state != end_state::open || in(s).unread() > 0 || e.has_peer_finished;
  if (!e.reader || !e.has_stream || e.is_read_settled || !is_due)
    return;
  e.is_read_settled = true;
  core_.world.at(
      core_.world.now(), [self = shared_from_this(), s] { self->complete_read(s); }, e.incarnation);
}

void connection::complete_read(std::size_t s) {
  auto& e = ends_[s];
  e.is_read_settled = false;
  if (!e.reader)
    return;
  auto outcome = outcome_of_read(s);
  if (!outcome)
    return;
  report_read(s);
  auto done = std::exchange(e.reader, nullptr);
  done(std::move(*outcome));
}

// The sender learns that there is room again.
void connection::report_read(std::size_t s) {
  auto octets = in(s).take_read_report();
  if (!octets || ends_[s].state != end_state::open)
    return;
  auto from = 1 - s;
  auto when = core_.world.now() + in(s).latency(~ends_[s].reports++);
  core_.ways.carry(on(static_cast<side>(s)).index(), on(static_cast<side>(from)).index(), when,
                   [self = shared_from_this(), from, octets = *octets] {
                     self->out(from).acknowledge(octets);
                     self->pump(from);
                   });
}

// -- writing -----------------------------------------------------------------------------

void connection::write(side s, bytes octets, net::byte_stream::on_done done) {
  auto& e = ends_[s];
  if (!e.has_stream)
    return;  // Its node has ended.
  if (e.writer || e.has_finished)
    throw std::logic_error{e.has_finished ? "byte_stream: a write after finish"
                                          : "byte_stream: a write is under way already; wait for it"};
  e.writer = std::move(done);
  e.rest = std::move(octets);
  e.rest_at = 0;
  e.is_taken = false;
  if (e.state == end_state::open)
    pump(s);
  else
    settle_write(s);
}

void connection::pump(std::size_t s) {
  auto& e = ends_[s];
  if (!e.writer || e.is_write_settled || e.state != end_state::open)
    return;
  e.rest_at += out(s).take(std::string_view{e.rest}.substr(e.rest_at), core_.world.now());
  arm(s);
  e.is_taken = e.rest_at == e.rest.size();
  if (e.is_taken)
    settle_write(s);
}

void connection::settle_write(std::size_t s) {
  auto& e = ends_[s];
  if (!e.writer || !e.has_stream || e.is_write_settled)
    return;
  e.is_write_settled = true;
  core_.world.at(
      core_.world.now(), [self = shared_from_this(), s] { self->complete_write(s); }, e.incarnation);
}

void connection::complete_write(std::size_t s) {
  auto& e = ends_[s];
  e.is_write_settled = false;
  e.rest.clear();
  auto done = std::exchange(e.writer, nullptr);
  if (!done)
    return;
  if (e.state == end_state::closed)
    done(error{errc::cancelled, "the connection was closed here"});
  else if (e.is_taken)
    done({});
  else
    done(error{errc::unavailable, e.problem});
}

// -- the end -----------------------------------------------------------------------------

void connection::finish(side s) {
  auto& e = ends_[s];
  if (e.writer)
    throw std::logic_error{"byte_stream: finish while a write is under way; wait for it"};
  if (e.state != end_state::open || std::exchange(e.has_finished, true))
    return;
  out(s).put(octet_pipe::mark::end, core_.world.now());
  arm(s);
}

void connection::close(side s) {
  auto& e = ends_[s];
  if (!e.has_stream || e.state == end_state::closed)
    return;
  bool was_open = e.state == end_state::open;
  e.state = end_state::closed;
  if (was_open) {
    tell(s, "closes its connection with");
    say_goodbye(s);
  }
  settle_read(s);
  settle_write(s);
  retire();
}

void connection::abandon(side s) {
  auto& e = ends_[s];
  if (!std::exchange(e.has_stream, false))
    return;
  e.reader = nullptr;
  e.writer = nullptr;
  if (e.state == end_state::open) {
    e.state = end_state::closed;
    tell(s, "drops its connection with");
    reset_peer(s);
  }
  retire();
}

// As a system does for a program: who has not read everything must not think that all was well.
void connection::say_goodbye(std::size_t s) {
  if (in(s).unread() > 0) {
    in(s).forget_unread();
    reset_peer(s);
  } else if (!out(s).is_ended()) {
    out(s).put(octet_pipe::mark::end, core_.world.now());
    arm(s);
  }
}

void connection::reset_peer(std::size_t s) {
  out(s).lose_some(core_.world.now());
  if (s == dialler && ends_[acceptor].state == end_state::unborn)
    ends_[acceptor].state = end_state::closed;
  out(s).put(octet_pipe::mark::reset, core_.world.now());
  arm(s);
}

void connection::retire() {
  auto is_over = [](const end& e) { return e.state != end_state::open && e.state != end_state::unborn; };
  if (is_over(ends_[dialler]) && is_over(ends_[acceptor]))
    core_.connections.erase(id_);
}

void connection::tell(std::size_t s, std::string_view what) {
  const auto& far = ends_[1 - s].at;
  core_.world.tell(ends_[s].at.on,
                   [&] { return std::string{what} + " " + far.on->name() + " (" + to_string(far.address) + ")"; });
}

}  // namespace beamline::testing
