#include "actors/process_table.hpp"

#include "actors/local_messages.hpp"
#include "actors/signals.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/make_message.hpp>

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>

namespace beamline {

std::string readable_name(const std::type_info& type) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text{abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                   &std::free};
  return status == 0 ? text.get() : type.name();
}

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

void process_table::set_parent(std::uint64_t id, std::uint64_t parent) {
  auto& s = slot_at(id);
  std::lock_guard lock{s.mutex};
  if (is_current(s, id) && s.stats != nullptr)
    s.stats->parent = parent;
}

void process_table::retire(std::uint64_t id, const reason& why) {
  auto& s = slot_at(id);
  caf::strong_actor_ptr handle;  // Dropped last: it may be the process' own storage.
  std::vector<watcher> watchers;
  std::string name;
  {
    std::lock_guard lock{s.mutex};
    if (!is_current(s, id) || s.is_ending)
      return;
    s.is_ending = true;
    name.swap(s.name);
  }
  // Before anybody can find out that it has ended, be it by asking for it: a successor takes the name then.
  if (!name.empty())
    unregister_name(name);
  {
    std::lock_guard lock{s.mutex};
    s.is_taken = false;
    s.stats = nullptr;
    s.ended = std::make_unique<reason>(why);
    handle.swap(s.handle);
    watchers.swap(s.watchers);
    s.watchers_forgotten = 0;
  }
  for (const auto& w : watchers)
    if (w.process != 0)
      deliver(w.process, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, down_signal{w.ref, why}),
              nullptr);
  std::lock_guard lock{mutex_};
  free_.push_back(id & index_mask);
  if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1)
    empty_.notify_all();
}

caf::strong_actor_ptr process_table::find(std::uint64_t id) {
  auto* s = find_slot(id);
  if (s == nullptr)
    return nullptr;
  std::lock_guard lock{s->mutex};
  return is_current(*s, id) ? s->handle : nullptr;
}

bool process_table::deliver(std::uint64_t id, caf::mailbox_element_ptr message, caf::execution_unit* from) {
  auto to = find(id);
  if (!to)
    return false;
  to->get()->enqueue(std::move(message), from);
  return true;
}

std::uint64_t process_table::resolve(const pid& p) {
  if (!p.is_on(*self_))
    return 0;
  return p.is_named() ? whereis(p.name()) : p.id();
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

result<void> process_table::register_name(std::uint64_t id, std::string name) {
  if (name.empty())
    return error{errc::invalid, "a process cannot be registered under an empty name"};
  {
    std::lock_guard lock{mutex_};
    if (!names_.emplace(name, id).second)
      return error{errc::exists, "the name \"" + name + "\" is taken by another process of this node"};
  }
  auto* s = find_slot(id);
  if (s != nullptr) {
    std::lock_guard lock{s->mutex};
    if (is_current(*s, id) && !s->is_ending && s->name.empty()) {
      s->name = std::move(name);
      return {};
    }
  }
  unregister_name(name);
  return error{errc::not_found, "no such process, or it is registered already: cannot register it as \"" + name + "\""};
}

void process_table::unregister_name(const std::string& name) {
  std::lock_guard lock{mutex_};
  names_.erase(name);
}

std::uint64_t process_table::whereis(const std::string& name) const {
  std::lock_guard lock{mutex_};
  auto i = names_.find(name);
  return i == names_.end() ? 0 : i->second;
}

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

std::vector<std::uint64_t> process_table::ids() {
  std::size_t made = 0;
  {
    std::lock_guard lock{mutex_};
    made = slots_made_;
  }
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 0; i < made; ++i) {
    auto& s = slot_at(i);
    std::lock_guard lock{s.mutex};
    if (s.is_taken)
      all.push_back((s.use << index_bits) | i);
  }
  return all;
}

std::vector<process_info> process_table::list(time_point now) {
  std::vector<process_info> all;
  for (auto id : ids()) {
    auto& s = slot_at(id);
    std::lock_guard lock{s.mutex};
    if (!is_current(s, id))
      continue;
    process_info p;
    p.id = id;
    p.name = s.name;
    if (s.stats == nullptr) {  // Under construction.
      all.push_back(std::move(p));
      continue;
    }
    const auto& t = *s.stats;
    p.parent = t.parent;
    if (t.kind != nullptr)
      p.kind = readable_name(*t.kind);
    p.depth = t.depth;
    p.received = t.received;
    p.shed = t.shed;
    p.handled = t.handled;
    p.busy = duration{t.busy_ns};
    if (auto* current = t.current.load(); current != nullptr) {
      p.current = readable_name(*current);
      p.current_age = now.time_since_epoch() - duration{t.since_ns};
    }
    all.push_back(std::move(p));
  }
  return all;
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
