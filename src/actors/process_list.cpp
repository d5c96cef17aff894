// What a process table shows of its processes.

#include "actors/process_table.hpp"

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <iterator>
#include <unordered_map>

namespace beamline {

namespace {

// Rough cost of what an idle process has in the mailbox or waits for, beside its own object.
constexpr std::size_t mailbox_element_bytes = 160;
constexpr std::size_t pending_entry_bytes = 128;
constexpr std::size_t actor_storage_bytes = 64;

}  // namespace

std::string readable_name(const std::type_info& type) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text{abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                   &std::free};
  return status == 0 ? text.get() : type.name();
}

std::string handler_name(const std::type_info* type) {
  if (type == nullptr)
    return {};
  return *type == typeid(process_init) ? "init" : readable_name(*type);
}

std::string_view to_string(process_state s) noexcept {
  switch (s) {
    case process_state::starting: return "starting";
    case process_state::idle: return "idle";
    case process_state::waiting: return "waiting";
    case process_state::runnable: return "runnable";
    case process_state::running: return "running";
    case process_state::zombie: return "zombie";
  }
  return "unknown";
}

/// Makes each name readable once: a node has many processes and few classes of them.
class process_table::type_names {
public:
  const std::string& of(const std::type_info* t) {
    auto& name = names_[t];  // Looked up only, so the order of addresses is never seen.
    if (name.empty() && t != nullptr)
      name = handler_name(t);
    return name;
  }

private:
  std::unordered_map<const std::type_info*, std::string> names_;
};

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

std::vector<caf::strong_actor_ptr> process_table::handles() {
  std::vector<caf::strong_actor_ptr> all;
  for (auto id : ids())
    if (auto h = find(id))
      all.push_back(std::move(h));
  std::lock_guard lock{mutex_};
  for (const auto& [id, z] : zombies_)
    all.push_back(z.handle);
  return all;
}

void process_table::read(const process_stats& t, time_point now, process_info& into, raw_types& types) {
  into.parent = t.parent;
  into.label = t.label;
  into.incarnation = t.incarnation;
  into.born = t.born;
  into.position = t.position;
  into.age = now - t.started_at;
  into.depth = t.depth;
  into.received = t.received;
  into.shed = t.shed;
  into.handled = t.handled;
  into.busy = duration{t.busy_ns};
  into.pending = t.pending;
  into.calls = t.calls;
  into.traps_exits = t.traps_exits;
  into.is_asked_to_stop = t.stop_signals > 0;
  types = {t.kind, t.current, t.last};
  if (types.current != nullptr) {
    into.current_age = now.time_since_epoch() - duration{t.since_ns};
    into.state = process_state::running;
  } else if (into.depth > 0) {
    into.state = process_state::runnable;
  } else {
    into.state = into.calls > 0 ? process_state::waiting : process_state::idle;
  }
  into.memory_bytes = sizeof(slot) + actor_storage_bytes + t.object_bytes
                    + static_cast<std::size_t>(std::max<std::int64_t>(into.depth, 0)) * mailbox_element_bytes
                    + into.pending * pending_entry_bytes;
}

bool process_table::read_slot(std::uint64_t id, time_point now, process_info& into, raw_types& types) {
  auto* s = find_slot(id);
  if (s == nullptr)
    return false;
  {
    std::lock_guard lock{s->mutex};
    // While it is being given up it is in both places; it is a zombie already.
    if (!is_current(*s, id) || (s->stats != nullptr && s->stats->is_fenced))
      return false;
    into.id = id;
    into.name = s->name;
    into.links = s->links ? s->links->size() : 0;
    into.watchers = s->watchers.size() - s->watchers_forgotten;
    if (s->stats != nullptr)  // Else it is under construction.
      read(*s->stats, now, into, types);
  }
  return true;
}

bool process_table::read_zombie(std::uint64_t id, time_point now, process_info& into, raw_types& types) {
  std::lock_guard lock{mutex_};
  auto z = zombies_.find(id);
  if (z == zombies_.end())
    return false;
  into.id = id;
  read(*z->second.stats, now, into, types);
  into.state = process_state::zombie;
  into.zombie_for = now - z->second.since;
  return true;
}

std::optional<process_info> process_table::info(std::uint64_t id, time_point now, type_names& names) {
  process_info p;
  raw_types types;
  if (!read_slot(id, now, p, types) && !read_zombie(id, now, p, types))
    return std::nullopt;
  p.kind = names.of(types.kind);
  p.current = names.of(types.current);
  p.last = names.of(types.last);
  return p;
}

std::optional<process_info> process_table::info(std::uint64_t id, time_point now) {
  type_names names;
  return info(id, now, names);
}

std::vector<process_info> process_table::list(time_point now) {
  auto all_ids = ids();
  {
    std::lock_guard lock{mutex_};
    for (const auto& [id, z] : zombies_)
      all_ids.push_back(id);
  }
  std::sort(all_ids.begin(), all_ids.end());
  all_ids.erase(std::unique(all_ids.begin(), all_ids.end()), all_ids.end());
  std::vector<process_info> all;
  all.reserve(all_ids.size());
  type_names names;
  for (auto id : all_ids)
    if (auto p = info(id, now, names))
      all.push_back(std::move(*p));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.born < b.born; });
  return all;
}

std::vector<std::uint64_t> process_table::links_of(std::uint64_t id, std::size_t at_most) {
  std::vector<std::uint64_t> all;
  if (auto* s = find_slot(id)) {
    std::lock_guard lock{s->mutex};
    if (is_current(*s, id) && s->links)
      std::copy_n(s->links->begin(), std::min(at_most, s->links->size()), std::back_inserter(all));
  }
  return all;
}

process_relations process_table::relations(std::uint64_t id) {
  process_relations r;
  if (auto* s = find_slot(id)) {
    std::lock_guard lock{s->mutex};
    if (!is_current(*s, id))
      return r;
    if (s->links)
      r.links.assign(s->links->begin(), s->links->end());
    for (const auto& w : s->watchers)
      if (w.process != 0)
        r.watched_by.push_back(w.process);
  }
  for (auto other : ids()) {
    auto& s = slot_at(other);
    std::lock_guard lock{s.mutex};
    if (is_current(s, other)
        && std::any_of(s.watchers.begin(), s.watchers.end(), [&](const auto& w) { return w.process == id; }))
      r.watches.push_back(other);
  }
  auto parent_of = [this](std::uint64_t child) -> std::uint64_t {
    auto* s = find_slot(child);
    if (s == nullptr)
      return 0;
    std::lock_guard lock{s->mutex};
    return is_current(*s, child) && s->stats != nullptr ? s->stats->parent : 0;
  };
  for (auto p = parent_of(id); p != 0; p = parent_of(p))
    r.ancestors.push_back(p);
  return r;
}

}  // namespace beamline
