// Handlers that are suspended between two sends, and handlers that take time.

#include "actors/prompt_sends.hpp"
#include "testing/coordinator.hpp"
#include "testing/running.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <algorithm>

namespace beamline::testing {

// Once a send is held, the rest of this handler's sends queue up behind it and the sender does not run again
// until all of them went out: what being preempted in the middle of a handler looks like to everybody else.
bool world::hold(process& to, caf::mailbox_element_ptr& m) {
  for (auto* o : mail_readers_)
    o->on_send(running_process_, to, *m);
  if (running_ == 0 || running_process_ == nullptr)
    return false;  // A timer or the test itself is sending.
  auto& from = *running_on_;
  if (prompt_sends::is_any()) {
    deliver_all_held(from, running_);
    return false;
  }
  auto i = from.held_.find(running_);
  auto blocked = from.blocked_.find(running_);
  if (i == from.held_.end()) {
    if (blocked == from.blocked_.end() && holds_.below(1'000'000) >= options_.weather.hold_ppm)
      return false;
    i = from.held_.emplace(running_, simulated_node::held_sends{caf::weak_actor_ptr{running_process_->ctrl()}, {}})
            .first;
  }
  auto& h = i->second;
  auto delay = duration{
      1 + static_cast<std::int64_t>(holds_.below(static_cast<std::uint64_t>(options_.weather.hold_max.count())))};
  h.last = std::max(now_ + delay, h.last + 1ns);
  if (blocked != from.blocked_.end())
    h.last = std::max(h.last, blocked->second + 1ns);
  auto due = at(
      h.last, [this, &from, sender = running_] { deliver_held(from, sender); }, from.incarnation_);
  h.queue.push_back({caf::weak_actor_ptr{to.ctrl()}, std::move(m), {}, due});
  return true;
}

// Nothing a process has sent may arrive after the news that it is gone.
void world::after_sends(simulated_node& n, const process& from, std::function<void()> tell) {
  auto sends = n.held_.find(from.id());
  if (sends == n.held_.end())
    return tell();
  auto due = at(
      sends->second.last, [this, &n, sender = from.id()] { deliver_held(n, sender); }, n.incarnation_);
  sends->second.queue.push_back({nullptr, nullptr, std::move(tell), due});
}

// The handler goes on at once after all: its sends keep their order.
void world::deliver_all_held(simulated_node& from, std::uint64_t sender) {
  for (auto held = from.held_.find(sender); held != from.held_.end(); held = from.held_.find(sender)) {
    forget(held->second.queue.front().due);
    deliver_held(from, sender);
  }
}

void world::deliver_held(simulated_node& from, std::uint64_t sender) {
  auto held = from.held_.find(sender);
  auto [target, element, last_word, due] = std::move(held->second.queue.front());
  held->second.queue.pop_front();
  auto by = caf::actor_cast<caf::strong_actor_ptr>(held->second.sender);
  if (held->second.queue.empty())
    from.held_.erase(held);
  note(trace_tag("mail"), sender);
  if (last_word)
    return last_word();
  if (by && static_cast<process*>(by->get())->is_fenced())
    return;  // It sent this after it was given up.
  if (auto p = caf::actor_cast<caf::strong_actor_ptr>(target))
    static_cast<process*>(p->get())->enqueue_now(std::move(element));
  else if (element->mid.is_request())  // As a closed mailbox answers.
    caf::detail::sync_request_bouncer{caf::sec::request_receiver_down}(*element);
}

// -- handlers that take time -------------------------------------------------------------

void world::block_current(duration d) {
  if (running_process_ == nullptr)
    throw simulation_error{"block() was called outside a handler"};
  auto& node = *running_on_;
  auto& until = node.blocked_[running_];
  until = std::max(until, now_) + d;
  at(
      until,
      [this, &node, id = running_, p = caf::weak_actor_ptr{running_process_->ctrl()}] {
        auto blocked = node.blocked_.find(id);
        if (blocked == node.blocked_.end() || blocked->second > now_)
          return;
        node.blocked_.erase(blocked);
        if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(p))
          static_cast<process*>(alive->get())->busy_is_over();
      },
      node.incarnation_);
}

bool world::is_blocked(const process& p) const {
  return running_on_ != nullptr && &p == running_process_ && running_on_->blocked_.contains(running_);
}

void block(duration d) {
  if (!running().is_active || running().of == nullptr)
    throw simulation_error{"block() was called outside a world"};
  running().of->block_current(d);
}

}  // namespace beamline::testing
