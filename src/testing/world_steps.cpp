// A world's time: what happens next.

#include "testing/coordinator.hpp"
#include "testing/running.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <caf/scheduled_actor.hpp>

#include <algorithm>

namespace beamline::testing {

running_process& running() noexcept {
  thread_local running_process current;
  return current;
}

namespace {

/// Code of a simulated node runs, under the eyes of the guard.
class running_scope {
public:
  running_scope(world* of, const char* node, const char* kind) { running() = {true, of, node, kind}; }
  ~running_scope() { running() = {}; }
  running_scope(const running_scope&) = delete;
  running_scope& operator=(const running_scope&) = delete;
};

}  // namespace

// -- events ------------------------------------------------------------------------------

timer_id world::at(time_point when, std::function<void()> run, std::uint64_t owner) {
  timer_id id{std::max(when, now_), ++last_event_};
  events_.emplace(id, event{owner, std::move(run)});
  return id;
}

std::size_t world::events_of(std::uint64_t owner) const {
  return static_cast<std::size_t>(
      std::count_if(events_.begin(), events_.end(), [&](const auto& e) { return e.second.owner == owner; }));
}

world::event_list::iterator world::first_due() {
  auto i = events_.begin();
  // What a paused node is to do stays where it is.
  while (i != events_.end() && i->first.at <= now_ && paused_until(i->second.owner) > now_)
    ++i;
  return i != events_.end() && i->first.at <= now_ ? i : events_.end();
}

time_point world::next_moment() const {
  auto next = time_point::max();
  if (pauses_end_ <= now_)
    return events_.empty() ? next : events_.begin()->first.at;
  for (const auto& [id, e] : events_) {
    if (id.at >= next)
      break;
    next = std::min(next, std::max(id.at, paused_until(e.owner)));
  }
  for (const auto& j : ready_)
    if (auto until = j.owner->node().paused_until(); until > now_)
      next = std::min(next, until);
  return next;
}

bool world::fire_due() {
  auto first = first_due();
  if (first == events_.end())
    return false;
  auto due = events_.extract(first);
  note(trace_tag("event"), due.key().sequence);
  const char* node = nullptr;
  for (const auto& n : nodes_)
    if (n->incarnation_ == due.mapped().owner)
      node = n->name().c_str();
  if (node == nullptr) {
    due.mapped().run();
  } else {
    running_scope scope{this, node, "an event"};
    due.mapped().run();
  }
  return true;
}

// -- steps -------------------------------------------------------------------------------

void world::make_ready(coordinator& c, caf::resumable* job) {
  ready_.push_back({&c, job, c.node().incarnation(), static_cast<caf::scheduled_actor*>(job)->id()});
}

bool world::step_ready() {
  able_.clear();
  for (std::size_t i = 0; i < ready_.size(); ++i) {
    const auto& n = ready_[i].owner->node();
    if (!n.is_held(ready_[i].actor) && !is_paused(n))
      able_.push_back(i);
  }
  if (able_.empty())
    return false;
  auto chosen = able_[chooser_.choose(ready_, able_, steps_)];
  auto j = ready_[chosen];
  ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(chosen));
  run_job(j);
  return true;
}

void world::run_job(ready_job j) {
  auto* actor = static_cast<caf::scheduled_actor*>(j.job);
  auto& node = j.owner->node();
  note(trace_tag("step"), j.incarnation, j.actor);
  ++steps_;
  running_ = j.actor;
  running_on_ = &node;
  running_process_ = dynamic_cast<process*>(actor);
  if (running_process_ != nullptr && !mail_readers_.empty()) {
    auto* handled =
        actor->getf(caf::abstract_actor::is_initialized_flag) ? actor->peek_at_next_mailbox_element() : nullptr;
    for (auto* o : mail_readers_)
      o->on_step(*running_process_, handled);
  }
  simulated_unit unit{*j.owner};
  auto outcome = caf::resumable::done;
  {
    running_scope scope{this, node.name().c_str(), actor->name()};
    outcome = j.job->resume(&unit, 1);
  }
  running_process_ = nullptr;
  running_ = 0;
  running_on_ = nullptr;
  if (outcome == caf::resumable::resume_later)
    make_ready(*j.owner, j.job);
  else if (outcome == caf::resumable::done || outcome == caf::resumable::awaiting_message)
    intrusive_ptr_release(j.job);
  const auto& cost = options_.weather.step_cost;
  now_ += cost.min
        + duration{
            static_cast<std::int64_t>(costs_.below(static_cast<std::uint64_t>((cost.max - cost.min).count()) + 1))};
}

bool world::step_within(time_point limit) {
  while (!fire_due() && !step_ready()) {
    auto next = next_moment();
    if (next > limit || next == time_point::max())
      return false;
    now_ = std::max(now_, next);  // Maybe the end of a pause, and whoever waited for it blocks for longer.
  }
  return true;
}

bool world::step() { return step_within(time_point::max()); }

// -- the verbs of a story ------------------------------------------------------------------

bool world::is_any_held() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& n) {
    return std::any_of(n->held_.begin(), n->held_.end(), [&](const auto& h) { return !n->blocked_.contains(h.first); });
  });
}

void world::run() {
  auto until = steps_ + options_.steps_to_rest_max;
  // Suspended handlers go on by events within `hold_max`; they belong to what is ready.
  while (fire_due() || step_ready() || (is_any_held() && step_within(now_ + options_.weather.hold_max)))
    if (steps_ > until)
      throw simulation_error{"no rest after " + std::to_string(options_.steps_to_rest_max) + " steps (seed "
                             + std::to_string(options_.seed) + "): processes keep messaging each other"};
}

void world::pass(duration d) {
  auto end = now_ + d;
  while (now_ < end && step_within(end)) {}
  now_ = std::max(now_, end);
}

void world::advance(duration d) {
  pass(d);
  run();
}

bool world::run_until(const std::function<bool()>& condition, duration within) {
  auto end = within > time_point::max() - now_ ? time_point::max() : now_ + within;
  while (!condition())
    if (now_ >= end || !step_within(end))
      return condition();
  return true;
}

void world::expect(std::string_view what, const std::function<bool()>& condition, duration within) {
  if (!run_until(condition, within))
    throw simulation_error{"expected within " + std::to_string(to_ms(within)) + " ms: " + std::string{what}};
}

}  // namespace beamline::testing
