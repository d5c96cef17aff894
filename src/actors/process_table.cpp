#include "actors/process_table.hpp"

#include "actors/local_messages.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/make_message.hpp>

#include <algorithm>

namespace beamline {

process_table::process_table(node_identity_ptr self, std::size_t processes_max)
    : self_{std::move(self)},
      processes_max_{std::min(processes_max, std::size_t{index_mask})},
      chunks_{std::make_unique<std::atomic<chunk*>[]>(chunks_max)} {}

process_table::~process_table() {
  for (std::size_t i = 0; i < chunks_max && chunks_[i] != nullptr; ++i)
    delete chunks_[i].load();
}

process_table::slot* process_table::find_slot(std::uint64_t id) noexcept {
  auto index = id & index_mask;
  auto* c = chunks_[index / chunk_size].load(std::memory_order_acquire);
  return c == nullptr ? nullptr : &(*c)[index % chunk_size];
}

process_table::slot& process_table::slot_at(std::uint64_t id) {
  auto* s = find_slot(id);
  if (s == nullptr)
    throw std::logic_error{"process_table: id " + std::to_string(id) + " was never handed out"};
  return *s;
}

std::uint64_t process_table::reserve() {
  std::uint64_t index = 0;
  {
    std::lock_guard lock{mutex_};
    if (is_closed_)
      throw process_limit_reached{"the node is ending; it starts no more processes"};
    if (count_.load(std::memory_order_relaxed) >= processes_max_)
      throw process_limit_reached{"the node has " + std::to_string(processes_max_)
                                  + " processes already; raise node.processes_max"};
    if (!free_.empty()) {
      index = free_.front();
      free_.pop_front();
    } else {
      index = slots_made_++;
      auto& place = chunks_[index / chunk_size];
      if (place.load(std::memory_order_relaxed) == nullptr)
        place.store(new chunk, std::memory_order_release);
    }
    count_.fetch_add(1, std::memory_order_acq_rel);
  }
  auto& s = slot_at(index);
  std::lock_guard lock{s.mutex};
  ++s.use;
  s.is_taken = true;
  s.is_ending = false;
  s.ended.reset();
  return (s.use << index_bits) | index;
}

void process_table::publish(std::uint64_t id, caf::strong_actor_ptr handle, process_stats& stats) {
  auto& s = slot_at(id);
  std::lock_guard lock{s.mutex};
  s.handle = std::move(handle);
  s.stats = &stats;
}

// -- the end of a process ----------------------------------------------------------------

bool process_table::begin_end(slot& s, std::uint64_t id, std::string& name) {
  if (!is_current(s, id) || s.is_ending)
    return false;
  s.is_ending = true;
  name.swap(s.name);
  return true;
}

process_table::remains process_table::take_remains(slot& s, const reason& why) {
  remains r;
  r.handle.swap(s.handle);
  r.stats = std::exchange(s.stats, nullptr);
  r.watchers.swap(s.watchers);
  r.links.swap(s.links);
  s.watchers_forgotten = 0;
  s.is_taken = false;
  s.ended = std::make_unique<reason>(why);
  s.ended_after = r.stats == nullptr ? nullptr : r.stats->last.load(std::memory_order_relaxed);
  return r;
}

void process_table::tell_end(std::uint64_t id, const remains& r, const reason& why) {
  for (const auto& w : r.watchers) {
    if (w.process == outside)
      outside_told_(id, w.ref, why);
    else if (w.process != 0)
      tell(w.process, down_signal{w.ref, why});
  }
  if (r.links)
    for (auto other : *r.links)
      exit(other, {pid{self_, id}, why, true});
}

bool process_table::retire(std::uint64_t id, const reason& why) {
  auto& s = slot_at(id);
  std::string name;
  bool is_first = false;
  {
    std::lock_guard lock{s.mutex};
    is_first = begin_end(s, id, name);
  }
  if (!is_first) {
    reap(id);
    return false;
  }
  // Before anybody can find out that it has ended, be it by asking for it: a successor takes the name then (S15).
  if (!name.empty())
    names_.release(name, id);
  remains r;  // Its handle goes last: it may be the process' own storage.
  {
    std::lock_guard lock{s.mutex};
    r = take_remains(s, why);
  }
  tell_end(id, r, why);
  std::lock_guard lock{mutex_};
  free_.push_back(id & index_mask);
  if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1)
    empty_.notify_all();
  return true;
}

bool process_table::fence(std::uint64_t id, time_point now) {
  auto* s = find_slot(id);
  if (s == nullptr)
    return false;
  std::string name;
  remains r;
  process_stats* stats = nullptr;
  {
    // Together, so that the process, should it end right now, finds itself among the zombies.
    std::lock_guard both{mutex_};
    std::lock_guard lock{s->mutex};
    if (s->stats == nullptr || !begin_end(*s, id, name))
      return false;
    stats = s->stats;
    stats->is_fenced.store(true, std::memory_order_release);
    stats->visitors.fetch_add(1, std::memory_order_relaxed);
    zombies_.emplace(id, zombie{s->handle, stats, now});
  }
  if (!name.empty())
    names_.release(name, id);
  auto why = reason::killed();
  {
    std::lock_guard lock{s->mutex};
    r = take_remains(*s, why);
  }
  tell_end(id, r, why);
  // Should its handler have returned just now, it sees this instead.
  r.handle->get()->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(caf::message_priority::high), {},
                                                     exit_signal{pid{}, reason::kill()}),
                           nullptr);
  r.handle = nullptr;
  stats->visitors.fetch_sub(1, std::memory_order_release);
  std::lock_guard lock{mutex_};
  free_.push_back(id & index_mask);
  return true;
}

void process_table::reap(std::uint64_t id) {
  zombie z;
  std::lock_guard lock{mutex_};
  auto i = zombies_.find(id);
  if (i == zombies_.end())
    return;
  z = std::move(i->second);
  zombies_.erase(i);
  if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1)
    empty_.notify_all();
}

// -- sending -----------------------------------------------------------------------------

process_table::visit::visit(process_table& table, std::uint64_t id) noexcept {
  auto* s = table.find_slot(id);
  if (s == nullptr)
    return;
  std::lock_guard lock{s->mutex};
  if (!is_current(*s, id) || s->stats == nullptr)
    return;
  host_ = s->handle->get();
  stats_ = s->stats;
  stats_->visitors.fetch_add(1, std::memory_order_relaxed);  // It retires under the same lock before it waits.
}

caf::strong_actor_ptr process_table::find(std::uint64_t id) {
  auto* s = find_slot(id);
  if (s == nullptr)
    return nullptr;
  std::lock_guard lock{s->mutex};
  return is_current(*s, id) ? s->handle : nullptr;
}

bool process_table::is_alive(std::uint64_t id) {
  auto* s = find_slot(id);
  if (s == nullptr)
    return false;
  std::lock_guard lock{s->mutex};
  return is_current(*s, id) && !s->is_ending;
}

bool process_table::deliver(std::uint64_t id, caf::mailbox_element_ptr message, caf::execution_unit* from) {
  visit to{*this, id};
  if (!to)
    return false;
  to.host().enqueue(std::move(message), from);
  return true;
}

bool process_table::exit(std::uint64_t id, exit_signal e, caf::execution_unit* from) {
  visit to{*this, id};
  if (!to)
    return false;
  auto is_kill = e.why.is_kill() && !e.is_link;
  // Who traps exits still means to end when its parent says so.
  auto is_from_parent = e.from.id() == to.stats().parent && (!e.from || e.from.is_on(*self_));
  e.is_counted = is_kill || (!e.why.is_normal() && (!to.stats().traps_exits || is_from_parent));
  if (e.is_counted)
    to.stats().stop_signals.fetch_add(1, std::memory_order_relaxed);
  auto mid = is_kill ? caf::make_message_id(caf::message_priority::high) : caf::make_message_id();
  to.host().enqueue(caf::make_mailbox_element(nullptr, mid, {}, std::move(e)), from);
  return true;
}

std::uint64_t process_table::resolve(const pid& p) {
  if (!p.is_on(*self_))
    return 0;
  return p.is_named() ? whereis(p.name()) : p.id();
}

const std::type_info* process_table::last_handled(std::uint64_t id) {
  auto* s = find_slot(id);
  if (s == nullptr)
    return nullptr;
  std::lock_guard lock{s->mutex};
  return s->use == id >> index_bits && s->ended ? s->ended_after : nullptr;
}

std::optional<reason> process_table::exit_reason(std::uint64_t id) {
  auto* s = find_slot(id);
  if (s == nullptr)
    return std::nullopt;
  std::lock_guard lock{s->mutex};
  if (s->use != id >> index_bits || !s->ended)
    return std::nullopt;
  return *s->ended;
}

// -- names -------------------------------------------------------------------------------

result<void> process_table::register_name(std::uint64_t id, const std::string& name) {
  if (name.empty())
    return error{errc::invalid, "a process cannot be registered under an empty name"};
  if (name.size() > name_table::name_bytes_max)
    return error{errc::invalid, "a registered name has at most " + std::to_string(name_table::name_bytes_max)
                                    + " octets; \"" + name.substr(0, 40) + "...\" has " + std::to_string(name.size())};
  if (names_.take(name, id) != 0)
    return error{errc::exists, "the name \"" + name + "\" is taken by another process of this node"};
  if (auto* s = find_slot(id); s != nullptr) {
    std::lock_guard lock{s->mutex};
    if (is_current(*s, id) && !s->is_ending && s->name.empty()) {
      s->name = name;
      return {};
    }
  }
  names_.release(name, id);
  return error{errc::not_found, "no such process, or it is registered already: cannot register it as \"" + name + "\""};
}

// -- monitors and links ------------------------------------------------------------------

bool process_table::watch(std::uint64_t target, std::uint64_t ref, std::uint64_t by) {
  auto* s = find_slot(target);
  if (s == nullptr)
    return false;
  std::lock_guard lock{s->mutex};
  if (!is_current(*s, target))
    return false;
  auto& ws = s->watchers;
  auto at = ws.end();  // Nearly always: refs grow, only two threads at once can swap neighbours.
  while (at != ws.begin() && std::prev(at)->ref > ref)
    --at;
  ws.insert(at, watcher{ref, by});
  return true;
}

void process_table::unwatch(std::uint64_t target, std::uint64_t ref) {
  auto* s = find_slot(target);
  if (s == nullptr)
    return;
  std::lock_guard lock{s->mutex};
  if (!is_current(*s, target))
    return;
  auto& ws = s->watchers;
  // Forgotten entries are dropped once they are half of the list: a hub with 100,000 short-lived
  // watchers pays a constant per watcher, not a scan.
  auto i = std::lower_bound(ws.begin(), ws.end(), ref, [](const auto& w, std::uint64_t r) { return w.ref < r; });
  if (i == ws.end() || i->ref != ref || i->process == 0)
    return;
  i->process = 0;
  if (++s->watchers_forgotten * 2 > ws.size()) {
    std::erase_if(ws, [](const auto& w) { return w.process == 0; });
    s->watchers_forgotten = 0;
  }
}

bool process_table::link(std::uint64_t by, std::uint64_t with) {
  auto *a = find_slot(by), *b = find_slot(with);
  if (a == nullptr || b == nullptr)
    return false;
  pair_lock both{*a, *b};
  // By now it may have died that was linked before: its signal is on its way then, with how it died.
  if (is_current(*a, by) && a->links && a->links->contains(with))
    return true;
  auto add = [](slot& s, std::uint64_t other) {
    if (!s.links)
      s.links = std::make_unique<std::set<std::uint64_t>>();
    s.links->insert(other);
  };
  if (!is_current(*a, by) || !is_current(*b, with) || a->is_ending || b->is_ending)
    return false;
  add(*a, with);
  add(*b, by);
  return true;
}

void process_table::unlink(std::uint64_t by, std::uint64_t with) {
  auto *a = find_slot(by), *b = find_slot(with);
  if (a == nullptr || b == nullptr)
    return;
  pair_lock both{*a, *b};
  if (is_current(*a, by) && a->links)
    a->links->erase(with);
  if (is_current(*b, with) && b->links)
    b->links->erase(by);
}

bool process_table::forget_link(std::uint64_t of, std::uint64_t other) {
  auto* s = find_slot(of);
  if (s == nullptr)
    return false;
  std::lock_guard lock{s->mutex};
  return is_current(*s, of) && s->links && s->links->erase(other) != 0;
}

void process_table::close() {
  std::lock_guard lock{mutex_};
  is_closed_ = true;
}

bool process_table::wait_until_empty(duration limit) {
  std::unique_lock lock{mutex_};
  return empty_.wait_for(lock, limit, [this] { return count() == 0; });
}

}  // namespace beamline
