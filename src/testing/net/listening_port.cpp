#include "testing/net/listening_port.hpp"

#include "testing/net/network_core.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::testing {

void listening_port::offer(std::shared_ptr<connection> c) {
  c->adopt(options_.incarnation);
  backlog_.push_back(std::move(c));
  settle();
}

void listening_port::accept(net::acceptor::on_accept done) {
  if (!is_open_)
    return;  // Its node has ended.
  if (waiting_)
    throw std::logic_error{"acceptor: an accept is under way already; wait for it"};
  waiting_ = std::move(done);
  settle();
}

void listening_port::settle() {
  if (!waiting_ || backlog_.empty() || std::exchange(is_settled_, true))
    return;
  core_.world.at(
      core_.world.now(), [self = shared_from_this()] { self->complete(); }, options_.incarnation);
}

void listening_port::complete() {
  is_settled_ = false;
  if (!waiting_ || backlog_.empty())
    return;
  auto stream = std::make_unique<simulated_stream>(std::move(backlog_.front()), connection::acceptor);
  backlog_.pop_front();
  auto done = std::exchange(waiting_, nullptr);
  done(result<std::unique_ptr<net::byte_stream>>{std::move(stream)});
}

void listening_port::close() {
  if (!is_open_)
    return;
  take_away();
  for (auto& c : std::exchange(backlog_, {}))
    c->abandon(connection::acceptor);
}

void listening_port::end() {
  take_away();
  backlog_.clear();
}

void listening_port::take_away() {
  is_open_ = false;
  waiting_ = nullptr;
  core_.ports.erase({options_.on->index(), options_.at.port});
}

}  // namespace beamline::testing
