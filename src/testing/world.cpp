#include "testing/world.hpp"

#include "actors/one_call.hpp"
#include "testing/coordinator.hpp"
#include "testing/running.hpp"
#include "testing/simulated_node.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <algorithm>

namespace beamline::testing {

namespace {

// What `note` mixes into the trace hash.
enum trace : std::uint64_t { trace_step = 1, trace_event, trace_mail, trace_start, trace_crash };

}  // namespace

running_process& running() noexcept {
  thread_local running_process current;
  return current;
}

world::world(world_options o) : options_{o}, choices_{derive_seed(1)}, costs_{derive_seed(2)}, holds_{derive_seed(3)} {}

world::~world() {
  while (!nodes_.empty())
    crash_node(*nodes_.back());
}

std::uint64_t world::derive_seed(std::uint64_t purpose) const {
  return mix64(options_.seed ^ mix64(purpose * 0x9e3779b97f4a7c15ULL));
}

void world::note(std::uint64_t what, std::uint64_t a, std::uint64_t b) {
  hash_ = mix64(hash_ ^ what) + a;
  hash_ = mix64(hash_ ^ b) + static_cast<std::uint64_t>(now_.time_since_epoch().count());
}

// -- nodes -------------------------------------------------------------------------------

simulated_node& world::start_node(std::string name) {
  for (const auto& n : nodes_)
    if (n->name() == name)
      throw simulation_error{"a node named " + name + " is running already"};
  auto incarnation = ++starts_;
  note(trace_start, incarnation);
  nodes_.push_back(std::make_unique<simulated_node>(*this, std::move(name), incarnation));
  return *nodes_.back();
}

void world::crash_node(simulated_node& n) {
  note(trace_crash, n.incarnation_);
  auto* owner = n.coordinator_;
  std::vector<caf::resumable*> orphans;
  std::erase_if(ready_, [&](const ready_job& j) {
    if (j.owner != owner)
      return false;
    orphans.push_back(j.job);
    return true;
  });
  owner->die(std::move(orphans));
  n.held_.clear();
  n.blocked_.clear();
  simulated_unit unit{*owner};
  for (const auto& p : n.processes().handles())
    coordinator::terminate(static_cast<caf::scheduled_actor*>(p->get()), unit);
  owner->bury();
  std::vector<std::function<void()>> dropped;  // Destroyed after the loop: they may own anything.
  std::erase_if(events_, [&](auto& e) {
    if (e.second.owner == n.incarnation_)
      dropped.push_back(std::move(e.second.run));
    return e.second.owner == n.incarnation_;
  });
  dropped.clear();
  std::erase_if(nodes_, [&](const auto& other) { return other.get() == &n; });
}

simulated_node& world::node_of(const pid& p) {
  for (const auto& n : nodes_)
    if (p && p.is_on(*n->env().self()))
      return *n;
  throw simulation_error{to_string(p) + " is on no running node"};
}

// -- stepping ----------------------------------------------------------------------------

void world::make_ready(coordinator& c, caf::resumable* job) { ready_.push_back({&c, job}); }

timer_id world::at(time_point when, std::function<void()> run, std::uint64_t owner) {
  timer_id id{std::max(when, now_), ++last_event_};
  events_.emplace(id, event{owner, std::move(run)});
  return id;
}

bool world::fire_due() {
  if (events_.empty() || events_.begin()->first.at > now_)
    return false;
  auto first = events_.extract(events_.begin());
  note(trace_event, first.key().sequence);
  first.mapped().run();
  return true;
}

std::optional<std::size_t> world::choose() {
  std::vector<std::size_t> able;
  for (std::size_t i = 0; i < ready_.size(); ++i)
    if (!ready_[i].owner->node().is_held(static_cast<caf::scheduled_actor*>(ready_[i].job)->id()))
      able.push_back(i);
  if (able.empty())
    return std::nullopt;
  return able[options_.choice == schedule::fifo ? 0 : choices_.below(able.size())];
}

bool world::step_ready() {
  auto chosen = choose();
  if (!chosen)
    return false;
  auto j = ready_[*chosen];
  ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(*chosen));
  run_job(j);
  return true;
}

void world::run_job(ready_job j) {
  auto* actor = static_cast<caf::scheduled_actor*>(j.job);
  note(trace_step, j.owner->node().incarnation_, actor->id());
  ++steps_;
  simulated_unit unit{*j.owner};
  running_ = actor->id();
  running_on_ = &j.owner->node();
  running_process_ = dynamic_cast<process*>(actor);
  running() = {true, this, j.owner->node().name().c_str(), actor->name()};
  auto outcome = j.job->resume(&unit, 1);
  running().is_active = false;
  running_process_ = nullptr;
  running_ = 0;
  running_on_ = nullptr;
  if (outcome == caf::resumable::resume_later)
    make_ready(*j.owner, j.job);
  else if (outcome == caf::resumable::done || outcome == caf::resumable::awaiting_message)
    intrusive_ptr_release(j.job);
  auto spread = static_cast<std::uint64_t>((options_.step_cost_max - options_.step_cost_min).count()) + 1;
  now_ += options_.step_cost_min + duration{static_cast<std::int64_t>(costs_.below(spread))};
}

bool world::step_within(time_point limit) {
  if (fire_due() || step_ready())
    return true;
  if (events_.empty() || events_.begin()->first.at > limit)
    return false;
  now_ = std::max(now_, events_.begin()->first.at);
  return fire_due();
}

bool world::step() { return step_within(time_point::max()); }

void world::run() {
  auto until = steps_ + options_.steps_to_rest_max;
  // Suspended handlers go on by events within `hold_max`; they belong to what is ready.
  auto is_any_held = [this] {
    return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& n) {
      return std::any_of(n->held_.begin(), n->held_.end(),
                         [&](const auto& h) { return !n->blocked_.contains(h.first); });
    });
  };
  while (fire_due() || step_ready() || (is_any_held() && step_within(now_ + options_.hold_max)))
    if (steps_ > until)
      throw simulation_error{"no rest after " + std::to_string(options_.steps_to_rest_max) + " steps (seed "
                             + std::to_string(options_.seed) + "): processes keep messaging each other"};
}

void world::advance(duration d) {
  auto end = now_ + d;
  while (now_ < end && step_within(end)) {}
  now_ = std::max(now_, end);
  run();
}

bool world::run_until(const std::function<bool()>& condition, duration within) {
  auto end = now_ + within;
  while (!condition())
    if (now_ >= end || !step_within(end))
      return condition();
  return true;
}

call_result world::ask_message(const pid& to, message m, duration within) {
  auto answer = std::make_shared<std::optional<call_result>>();
  node_of(to).spawn<one_call>(to, std::move(m), within, [answer](call_result r) { *answer = std::move(r); });
  run_until([&] { return answer->has_value(); }, within + 1s);
  if (!answer->has_value())
    throw simulation_error{"asking " + to_string(to) + " got neither an answer nor a time-out"};
  return std::move(**answer);
}

// -- suspended handlers ------------------------------------------------------------------

// Once a send is held, the rest of this handler's sends queue up behind it and the sender does not run again
// until all of them went out: what being preempted in the middle of a handler looks like to everybody else.
bool world::hold(process& to, caf::mailbox_element_ptr& m) {
  if (running_ == 0 || running_process_ == nullptr)
    return false;  // A timer or the test itself is sending.
  auto& from = *running_on_;
  auto i = from.held_.find(running_);
  auto blocked = from.blocked_.find(running_);
  if (i == from.held_.end()) {
    if (blocked == from.blocked_.end() && holds_.below(1'000'000) >= options_.hold_ppm)
      return false;
    i = from.held_.emplace(running_, simulated_node::held_sends{caf::weak_actor_ptr{running_process_->ctrl()}, {}})
            .first;
  }
  auto& h = i->second;
  auto delay =
      duration{1 + static_cast<std::int64_t>(holds_.below(static_cast<std::uint64_t>(options_.hold_max.count())))};
  h.last = std::max(now_ + delay, h.last + 1ns);
  if (blocked != from.blocked_.end())
    h.last = std::max(h.last, blocked->second + 1ns);
  h.queue.push_back({caf::weak_actor_ptr{to.ctrl()}, std::move(m), {}});
  at(
      h.last, [this, &from, sender = running_] { deliver_held(from, sender); }, from.incarnation_);
  return true;
}

// Nothing a process has sent may arrive after the news that it is gone.
void world::after_sends(simulated_node& n, const process& from, std::function<void()> tell) {
  auto sends = n.held_.find(from.id());
  if (sends == n.held_.end())
    return tell();
  sends->second.queue.push_back({nullptr, nullptr, std::move(tell)});
  at(
      sends->second.last, [this, &n, sender = from.id()] { deliver_held(n, sender); }, n.incarnation_);
}

void world::deliver_held(simulated_node& from, std::uint64_t sender) {
  auto held = from.held_.find(sender);
  auto [target, element, last_word] = std::move(held->second.queue.front());
  held->second.queue.pop_front();
  auto by = caf::actor_cast<caf::strong_actor_ptr>(held->second.sender);
  if (held->second.queue.empty())
    from.held_.erase(held);
  note(trace_mail, sender);
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

void for_each_seed(std::uint64_t count, const std::function<void(world&)>& story, std::uint64_t first) {
  for (auto seed = first; seed < first + count; ++seed) {
    try {
      world w{seed};
      story(w);
    } catch (const std::exception& e) {
      throw simulation_error{"seed " + std::to_string(seed) + ": " + e.what()};
    }
  }
}

}  // namespace beamline::testing
