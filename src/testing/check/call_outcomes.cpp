#include "testing/check/call_outcomes.hpp"

#include "actors/process.hpp"
#include "base/telemetry_value.hpp"
#include "testing/check/evidence.hpp"
#include "testing/world.hpp"

#include <algorithm>

namespace beamline::testing {

namespace {

time_point deadline_of(time_point now, duration within) {
  return within > time_point::max() - now ? time_point::max() : now + within;
}

}  // namespace

void call_outcomes::on_start(simulated_node& n) {
  listen<call_started>(n, [this, &n](const call_started& e) { started(n, e); });
  listen<call_done>(n, [this, &n](const call_done& e) { done(n, e); });
  listen<process_ended>(n, [this, incarnation = n.incarnation()](const process_ended& e) {
    calls_.erase({incarnation, e.id});
  });
}

void call_outcomes::on_end(simulated_node& n, node_end how) {
  telemetry_checker::on_end(n, how);
  calls_.erase(calls_.lower_bound({n.incarnation(), 0}), calls_.lower_bound({n.incarnation() + 1, 0}));
}

void call_outcomes::started(simulated_node& n, const call_started& e) {
  calls_[{n.incarnation(), e.caller}].push_back({.ref = e.ref,
                                                 .to = std::string{e.to},
                                                 .message = std::string{e.message},
                                                 .deadline = deadline_of(n.world().now(), e.within)});
}

void call_outcomes::done(simulated_node& n, const call_done& e) {
  auto caller = calls_.find({n.incarnation(), e.caller});
  if (caller != calls_.end()) {
    auto& open = caller->second;
    if (std::erase_if(open, [&](const call& c) { return c.ref == e.ref; }) == 1) {
      if (open.empty())
        calls_.erase(caller);
      return;
    }
  }
  fail(who(n, e.caller) + " at " + moment(n.world()) + ": the outcome " + std::string{e.outcome} + " for call "
       + std::to_string(e.ref) + ", which is not open: it had one already, or its caller has ended, or nobody made it");
}

void call_outcomes::on_step(const process& caller, const caf::mailbox_element* m) {
  if (calls_.empty() || m == nullptr)
    return;
  auto self = caller.self();
  auto open = calls_.find({self.node().incarnation, self.id()});
  if (open == calls_.end())
    return;
  auto now = caller.env().time().now();
  for (auto& c : open->second) {
    if (c.deadline >= now)
      continue;
    if (!c.steps_left)
      c.steps_left = caller.env().processes().info(self.id(), now).value_or(process_info{}).depth;
    if ((*c.steps_left)-- <= 0)
      fail(words(who(caller), c) + " has no outcome yet, although its time-out must have been handled by now");
  }
}

void call_outcomes::at_end(world& w) {
  for (const auto& m : w.machines()) {
    auto* n = m->running();
    if (n == nullptr)
      continue;
    for (auto i = calls_.lower_bound({n->incarnation(), 0});
         i != calls_.end() && i->first.incarnation == n->incarnation(); ++i) {
      auto info = n->processes().info(i->first.process, w.now());
      for (const auto& c : i->second)
        // A message that waits may be the signal of the time-out, and a node that has just gone on is late with all.
        if (std::max(c.deadline, n->paused_until()) < w.now() && (!info || info->depth == 0))
          fail(words(who(*n, i->first.process), c) + " has no outcome at the end");
    }
  }
}

std::size_t call_outcomes::open() const {
  std::size_t sum = 0;
  for (const auto& [caller, calls] : calls_)
    sum += calls.size();
  return sum;
}

std::string call_outcomes::words(const std::string& caller, const call& c) const {
  return "the call " + std::to_string(c.ref) + " of " + caller + ", " + c.message + " to " + c.to + ", due at "
       + to_text(event_value{c.deadline - time_point{}});
}

}  // namespace beamline::testing
