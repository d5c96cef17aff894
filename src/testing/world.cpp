// A world's nodes and machines. Time is in world_steps.cpp, suspended handlers are in world_mail.cpp.

#include "testing/world.hpp"

#include "actors/one_call.hpp"
#include "testing/coordinator.hpp"
#include "testing/disk/simulated_disk.hpp"
#include "testing/net/simulated_network.hpp"
#include "testing/simulated_node.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduled_actor.hpp>

#include <algorithm>

namespace beamline::testing {

world::world(world_options o)
    : options_{std::move(o)},
      costs_{derive_seed(2)},
      holds_{derive_seed(3)},
      chooser_{derive_seed(1), options_.weather, options_.script, options_.is_recorded},
      network_{std::make_unique<simulated_network>(*this)} {}

world::~world() {
  while (!nodes_.empty())
    crash_node(*nodes_.back());
  events_.clear();  // What they own may still want a network.
}

std::uint64_t world::derive_seed(std::uint64_t purpose) const {
  return mix64(options_.seed ^ mix64(purpose * 0x9e3779b97f4a7c15ULL));
}

void world::note(std::uint64_t what, std::uint64_t a, std::uint64_t b) {
  hash_ = mix64(hash_ ^ what) + a;
  hash_ = mix64(hash_ ^ b) + static_cast<std::uint64_t>(now_.time_since_epoch().count());
}

// -- nodes -------------------------------------------------------------------------------

machine& world::machine_of(std::string_view name) {
  for (const auto& m : machines_)
    if (m->name() == name)
      return *m;
  auto index = static_cast<std::uint32_t>(machines_.size());
  machines_.push_back(std::make_unique<machine>(*this, std::string{name}, index));
  return *machines_.back();
}

simulated_node* world::find_node(std::string_view name) {
  auto i = std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& n) { return n->name() == name; });
  return i == nodes_.end() ? nullptr : i->get();
}

simulated_node& world::start_node(std::string name) {
  auto& on = machine_of(name);
  if (on.is_up())
    throw simulation_error{"a node named " + name + " is running already"};
  auto incarnation = ++starts_;
  ++on.starts_;
  note(trace_tag("start"), incarnation, on.index());
  tell(&on, [&] { return "starts, incarnation " + std::to_string(incarnation); });
  nodes_.push_back(std::make_unique<simulated_node>(*this, on, incarnation));
  auto& n = *nodes_.back();
  on.running_ = &n;
  if (!event_readers_.empty())
    n.events_handle_ = n.events().attach_all([this, &n](const event_view& e) {
      for (auto* o : event_readers_)
        o->on_event(n, e);
    });
  for (auto* o : observers_)
    o->on_start(n);
  return n;
}

void world::end_node(simulated_node& n, node_end how) {
  static constexpr std::string_view words[] = {"crashes", "loses power", "has stopped"};
  note(trace_tag("end"), n.incarnation_, static_cast<std::uint64_t>(how));
  tell(&n.on(), [&] { return words[static_cast<std::size_t>(how)]; });
  for (auto* o : observers_)
    o->on_end(n, how);
  // From here on nothing it does reaches anybody.
  n.events().detach_all();
  network_->node_ended(n, how);
  n.disk().node_ended(how);
  n.on().running_ = nullptr;
  end_processes(n);
  std::vector<std::function<void()>> dropped;  // Destroyed after the loop: they may own anything.
  std::erase_if(events_, [&](auto& e) {
    if (e.second.owner == n.incarnation_)
      dropped.push_back(std::move(e.second.run));
    return e.second.owner == n.incarnation_;
  });
  dropped.clear();
  while (!n.owned_.empty())
    n.owned_.pop_back();
  std::erase_if(nodes_, [&](const auto& other) { return other.get() == &n; });
}

void world::end_processes(simulated_node& n) {
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
}

stop_report world::stop_node(simulated_node& n, duration budget) {
  note(trace_tag("stop"), n.incarnation_);
  tell(&n.on(), [] { return "is told to stop"; });
  n.on_quit_ = [] {};  // It ends already.
  auto is_empty = [&] { return n.processes().count() == 0; };
  stop_report report;
  int waits = 0;
  report.survivors = n.get()
                         .shutdown(budget,
                                   [&](duration limit) {
                                     const auto end = now_ + limit;
                                     if (!run_until(is_empty, limit) && now_ < end)
                                       pass(end - now_);  // Time passes also when nothing happens in it.
                                     // The third and last wait is that for the dead.
                                     if (++waits == 2 && !is_empty())
                                       report.killed = n.processes().list(now_);
                                     return is_empty();
                                   })
                         .survivors;
  end_node(n, node_end::stop);
  return report;
}

void world::pause_node(simulated_node& n, duration d) {
  note(trace_tag("pause"), n.incarnation_, static_cast<std::uint64_t>(d.count()));
  n.paused_until_ = std::max(n.paused_until_, now_ + d);
  pauses_end_ = std::max(pauses_end_, n.paused_until_);
  tell(&n.on(), [&] { return "stands still for " + std::to_string(to_ms(d)) + " ms"; });
}

void world::resume_node(simulated_node& n) {
  note(trace_tag("resume"), n.incarnation_);
  n.paused_until_ = now_;
}

bool world::is_paused(const simulated_node& n) const { return n.paused_until_ > now_; }

time_point world::paused_until(std::uint64_t owner) const {
  if (owner != 0 && pauses_end_ > now_)
    for (const auto& n : nodes_)
      if (n->incarnation_ == owner)
        return n->paused_until_;
  return {};
}

simulated_node& world::node_of(const pid& p) {
  for (const auto& n : nodes_)
    if (p && p.is_on(*n->env().self()))
      return *n;
  throw simulation_error{to_string(p) + " is on no running node"};
}

call_result world::ask_message(const pid& to, message m, duration within) {
  auto answer = std::make_shared<std::optional<call_result>>();
  node_of(to).spawn<one_call>(to, std::move(m), within, [answer](call_result r) { *answer = std::move(r); });
  run_until([&] { return answer->has_value(); }, within + 1s);
  if (!answer->has_value())
    throw simulation_error{"asking " + to_string(to) + " got neither an answer nor a time-out"};
  return std::move(**answer);
}

// -- watching ----------------------------------------------------------------------------

void world::add_observer(observer& o) {
  observers_.push_back(&o);
  if (o.wants_mail())
    mail_readers_.push_back(&o);
  if (o.wants_events())
    event_readers_.push_back(&o);
  if (o.wants_notes())
    note_readers_.push_back(&o);
}

void world::remove_observer(observer& o) {
  for (auto* list : {&observers_, &mail_readers_, &event_readers_, &note_readers_})
    std::erase(*list, &o);
}

void world::tell_readers(const machine* where, std::string_view text) {
  for (auto* o : note_readers_)
    o->on_note(where, text);
}

}  // namespace beamline::testing
