#include "testing/cluster.hpp"

#include "testing/disk/simulated_disk.hpp"
#include "testing/explore/timeline.hpp"
#include "testing/net/simulated_network.hpp"

#include <algorithm>
#include <cstdlib>

namespace beamline::testing {

namespace {

// A program that ended by itself, or could not start, is started again after so long, as an init system does.
constexpr duration restart_delay = 100ms;

bool is_between(const fault& f, std::string_view a, std::string_view b) {
  return shape_of(f.what).has_other && ((f.node == a && f.other == b) || (f.node == b && f.other == a));
}

}  // namespace

cluster::cluster(testing::world& w, std::vector<std::string> nodes, boot_function boot)
    : world_{w}, names_{std::move(nodes)}, boot_{std::move(boot)} {
  for (const auto& name : names_)
    (void)world_.machine_of(name);
}

cluster::~cluster() {
  for (const auto& name : names_)
    if (auto* n = world_.find_node(name))
      world_.crash_node(*n);
  for (const auto& c : checkers_)
    world_.remove_observer(*c);
}

// -- nodes -------------------------------------------------------------------------------

machine& cluster::at(std::string_view name) {
  if (std::find(names_.begin(), names_.end(), name) == names_.end())
    throw simulation_error{"no node of this cluster is called " + std::string{name}};
  return world_.machine_of(name);
}

simulated_node& cluster::operator[](std::string_view name) {
  auto* n = at(name).running();
  if (n == nullptr)
    throw simulation_error{std::string{name} + " is down"};
  return *n;
}

bool cluster::is_up(std::string_view name) { return at(name).is_up(); }

std::vector<simulated_node*> cluster::running() {
  std::vector<simulated_node*> up;
  for (const auto& name : names_)
    if (auto* n = at(name).running())
      up.push_back(n);
  return up;
}

void cluster::start() {
  for (const auto& name : names_)
    if (!is_up(name))
      start(name);
}

simulated_node& cluster::start(std::string_view name) {
  auto& n = world_.start_node(at(name).name());
  n.on_quit([this, &n] {
    auto quits = n.name();
    world_.crash_node(n);
    restart_later(quits, restart_delay);
  });
  try {
    boot_(n);
  } catch (...) {
    world_.crash_node(n);
    throw;
  }
  return n;
}

void cluster::restart_later(const std::string& name, duration after) {
  world_.at(world_.now() + after, [this, name, starts = at(name).starts(), life = std::weak_ptr{life_}] {
    if (life.expired() || is_up(name) || at(name).starts() != starts)
      return;  // It was started otherwise, and may have been stopped since.
    try {
      start(name);
    } catch (const start_refused&) {
      restart_later(name, restart_delay);
    }
  });
}

void cluster::stop(std::string_view name, duration budget) {
  auto report = world_.stop_node((*this)[name], budget);
  if (report.is_clean())
    return;
  const auto is_in_vain = !report.survivors.empty();
  std::string who;
  for (const auto& p : is_in_vain ? report.survivors : report.killed)
    who += (who.empty() ? "" : ", ") + timeline::title_of(p);
  throw simulation_error{std::string{name} + " was told to stop; "
                         + (is_in_vain ? "killed in vain: " : "had to be killed: ") + who};
}

// -- what can happen to it -----------------------------------------------------------------

void cluster::crash(std::string_view name) { world_.end_node((*this)[name], node_end::crash); }

void cluster::lose_power(std::string_view name) { world_.end_node((*this)[name], node_end::power_loss); }

void cluster::pause(std::string_view name, duration d) { world_.pause_node((*this)[name], d); }

bool cluster::kill(std::string_view node, std::string_view process) {
  auto& n = (*this)[node];
  if (auto p = n.get().whereis(std::string{process})) {
    n.kill(p);
    return true;
  }
  for (const auto& p : n.processes().list(world_.now()))
    if (p.label == process) {
      n.kill(pid{n.get().identity(), p.id});
      return true;
    }
  return false;
}

void cluster::partition(std::string_view a, std::string_view b) {
  world_.network().partition(at(a).name(), at(b).name());
}

void cluster::partition_one_way(std::string_view from, std::string_view to) {
  world_.network().partition_one_way(at(from).name(), at(to).name());
}

void cluster::heal(std::string_view a, std::string_view b) {
  world_.network().heal(at(a).name(), at(b).name());
  std::erase_if(under_way_, [&](const lasting& l) { return is_between(l.what, a, b); });
}

void cluster::heal() {
  under_way_.clear();
  world_.network().heal_all();
  for (const auto& name : names_) {
    at(name).disk().heal();
    world_.network().set_dns_outage(name, false);
  }
}

void cluster::reset(std::string_view a, std::string_view b) { world_.network().reset(at(a).name(), at(b).name()); }

void cluster::step_clock(std::string_view name, duration d) { at(name).step_clock(d); }

void cluster::inject(const fault& f) {
  auto& m = at(f.node);
  world_.note(trace_tag(to_string(f.what)), m.index());
  world_.tell(&m, [&] { return "FAULT " + to_string(f); });
  switch (f.what) {
    case fault_kind::crash:
    case fault_kind::power_loss:
      if (!m.is_up())
        return;
      world_.end_node(*m.running(), f.what == fault_kind::crash ? node_end::crash : node_end::power_loss);
      return restart_later(f.node, f.lasts);
    case fault_kind::kill:
      if (m.is_up())
        kill(f.node, f.target);
      return;
    case fault_kind::reset: return reset(f.node, f.other);
    case fault_kind::half_open: return world_.network().half_open(f.node, at(f.other).name());
    case fault_kind::pause:
      if (m.is_up())
        pause(f.node, f.lasts);
      return;
    case fault_kind::clock_step: return m.step_clock(f.lasts);
    case fault_kind::partition:
    case fault_kind::partition_one_way:
    case fault_kind::stall:
    case fault_kind::slow_link:
    case fault_kind::disk_full:
    case fault_kind::disk_error:
    case fault_kind::slow_disk:
    case fault_kind::dns_outage: return last(f);
  }
}

void cluster::last(const fault& f) {
  const auto& l = under_way_.emplace_back(lasting{++struck_, f, world_.now() + f.lasts});
  begin(l);
  world_.at(l.until, [this, id = l.id, life = std::weak_ptr{life_}] {
    if (!life.expired())
      end(id);
  });
}

void cluster::begin(const lasting& l) {
  const auto& f = l.what;
  auto& net = world_.network();
  auto& disk = at(f.node).disk();
  if (f.what == fault_kind::partition)
    partition(f.node, f.other);
  else if (f.what == fault_kind::partition_one_way)
    partition_one_way(f.node, f.other);
  else if (f.what == fault_kind::stall)
    net.stall(f.node, at(f.other).name(), l.until - world_.now());
  else if (f.what == fault_kind::slow_link)
    net.slow(f.node, at(f.other).name(), f.amount);
  else if (f.what == fault_kind::disk_full)
    disk.set_full(true);
  else if (f.what == fault_kind::disk_error)
    disk.set_failing(true);
  else if (f.what == fault_kind::slow_disk)
    disk.set_slowness(f.amount);
  else
    net.set_dns_outage(f.node, true);
}

/// What others do to the same way or disk begins again: their time is not over.
void cluster::end(std::uint64_t id) {
  auto i = std::ranges::find(under_way_, id, &lasting::id);
  if (i == under_way_.end())
    return;  // It was healed meanwhile.
  const auto f = i->what;
  under_way_.erase(i);
  if (f.what == fault_kind::stall)
    return;  // The network ends it itself, and only it.
  auto& disk = at(f.node).disk();
  if (shape_of(f.what).has_other)
    world_.network().heal(f.node, f.other);
  else if (f.what == fault_kind::disk_full)
    disk.set_full(false);
  else if (f.what == fault_kind::disk_error)
    disk.set_failing(false);
  else if (f.what == fault_kind::slow_disk)
    disk.set_slowness(1);
  else
    world_.network().set_dns_outage(f.node, false);
  for (const auto& other : under_way_)
    if (is_between(other.what, f.node, f.other)
        || (other.what.what == f.what && other.what.node == f.node && !shape_of(f.what).has_other))
      begin(other);
}

void cluster::recover() {
  heal();
  for (auto* n : running())
    world_.resume_node(*n);
  for (const auto& name : names_)
    if (!is_up(name))
      try {
        start(name);
      } catch (const start_refused&) {
        restart_later(name, restart_delay);  // As after any end.
      }
}

// -- checking ------------------------------------------------------------------------------

void cluster::add_checker(std::unique_ptr<checker> c) {
  world_.add_observer(*c);
  for (auto* n : running())
    c->on_start(*n);
  checkers_.push_back(std::move(c));
}

const violation* cluster::broken() const {
  for (const auto& c : checkers_)
    if (c->broken())
      return &*c->broken();
  return nullptr;
}

void cluster::require_all_hold() const {
  if (const auto* v = broken())
    throw simulation_error{"\"" + v->invariant + "\" is broken: " + v->evidence};
}

void cluster::verify() {
  for (const auto& c : checkers_)
    if (!c->broken())
      c->at_end(world_);
  require_all_hold();
}

// -- time ----------------------------------------------------------------------------------

void cluster::run() {
  world_.run();
  require_all_hold();
}

void cluster::advance(duration d) {
  auto end = world_.now() + d;
  if (!run_until([] { return false; }, d))
    world_.pass(end - world_.now());
  require_all_hold();
}

bool cluster::run_until(const std::function<bool()>& condition, duration within) {
  auto holds = world_.run_until([&] { return broken() != nullptr || condition(); }, within);
  require_all_hold();
  return holds;
}

void cluster::expect(std::string_view what, const std::function<bool()>& condition, duration within) {
  if (!run_until(condition, within))
    throw simulation_error{"expected within " + std::to_string(to_ms(within)) + " ms: " + std::string{what}};
}

}  // namespace beamline::testing
