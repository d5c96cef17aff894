#pragma once

// Names and topics of a node's processes, with keys and values of your own types (S135-S145).
//
//   registry<std::string, session_info> sessions{env, {.name = "sessions", .partitions = 8}};
//   ... child_registry("sessions", sessions) ...                         its processes, in a supervisor
//   sessions.register_as(*this, "ann", {...});                           by the owner, in its own turn
//   cast(via{sessions, "ann"}, hello{});                                 by anybody
//   sessions.dispatch("ann", [&](const auto& entries) { for (auto& e : entries) cast(e->owner, hello{}); });
//
// Any thread and any process asks and registers directly, without a message and without waiting for a process; a
// question takes one short shared lock per partition. The processes behind a registry watch the owners and clean up.

#include "actors/names.hpp"
#include "actors/process.hpp"
#include "supervision/registry/state.hpp"

#include <any>
#include <concepts>

namespace beamline::supervision {

/// A handle: copies are the same registry. `Key` needs `std::hash` and `==`, which are used under a lock and must not
/// use the registry. Thread-safe; what changes something for an owner is for that owner's own turn. The node must
/// outlive it.
///
/// An owner is watched, and its entries vanish some time after its death (S137). When a partition's process ends, the
/// living owners of its entries get an exit signal with its reason (S144).
template <class Key, class Value = std::monostate>
class registry {
public:
  using entry = registry_entry<Key, Value>;
  using entry_ptr = std::shared_ptr<const entry>;
  using entries = registry_entries<Key, Value>;

  /// Throws std::invalid_argument, see `check_options`. Nothing can be registered before its processes run.
  registry(environment& env, registry_options o) : state_{std::make_shared<state>(env, std::move(o))} {}

  [[nodiscard]] const registry_options& options() const noexcept { return state_->options; }

  // -- by the owner, in its own turn, from `init` on ------------------------------------------

  /// S136. Unique keys: `already_registered` when a living process has the key, be it itself.
  registration register_as(process& owner, Key key, Value value = {}) const {
    return state_->add({std::move(key), owner.self(), std::move(value), state_->next_number()});
  }
  /// All its entries of that key (S139); how many there were.
  std::size_t unregister(process& owner, const Key& key) const {
    return state_->remove_owned(owner.self(), key, state_->entries_of(owner.self(), key));
  }
  /// Those whose value fulfils the predicate.
  template <std::predicate<const Value&> P>
  std::size_t unregister_match(process& owner, const Key& key, P matches) const {
    auto list = state_->entries_of(owner.self(), key);
    std::erase_if(list, [&](const auto& e) { return !matches(e->value); });
    return state_->remove_owned(owner.self(), key, list);
  }

  struct updated {
    Value now;
    Value before;
  };
  /// Unique keys: replaces its value by `fn(value)`. Nothing when it does not own the key (S140).
  template <class F>
  std::optional<updated> update_value(process& owner, const Key& key, F fn) const {
    state_->require_unique("update_value");
    auto list = state_->entries_of(owner.self(), key);
    if (list.empty())
      return std::nullopt;
    auto made = std::make_shared<entry>(*list.front());
    made->value = fn(list.front()->value);
    if (!state_->shard_of(key, owner.self()).replace(made))
      return std::nullopt;
    return updated{made->value, list.front()->value};
  }

  /// Runs `fn` in a later turn of `by`, when nobody holds that lock any more: first come, first served (S145). The lock
  /// is given back with the guard's last copy, be it by an exception, and when `by` ends; who ended while waiting is
  /// passed over. When a partition's process ends, who holds or waits for its locks goes down with it.
  registration lock(const Key& key, process& by, std::function<void(lock_guard)> fn) const {
    return state_->key_shard(key).queue_up(
        key, {state_->next_number(), by.self().id(), std::make_shared<std::function<void(lock_guard)>>(std::move(fn))});
  }

  /// For `birth::claim`: a process that is registered under a unique key from before its first turn on (S138). The
  /// spawn throws `name_taken` when the key is taken, std::runtime_error when the registry is not running or full.
  [[nodiscard]] std::function<void(std::uint64_t)> claim(Key key, Value value = {}) const {
    state_->require_unique("claim");
    return [me = *this, k = std::move(key), v = std::move(value)](std::uint64_t id) {
      auto done = me.state_->add({k, pid{me.state_->env.self(), id}, v, me.state_->next_number()});
      if (done)
        return;
      auto what = "registry \"" + me.options().name + "\", key " + detail::key_text(k);
      if (done.error().what == registration_error::kind::already_registered)
        throw name_taken{what, done.error().who};
      throw std::runtime_error{what + ": " + to_string(done.error())};
    };
  }

  // -- by anybody, anywhere --------------------------------------------------------------

  /// Unique keys: the living owner, or nobody.
  [[nodiscard]] pid whereis(const Key& key) const {
    state_->require_unique("whereis");
    auto e = state_->shard_of(key, {}).first(key);
    return e && state_->is_alive(*e) ? e->owner : pid{};
  }
  /// All entries of that key; for a moment those of dead owners, too (S137).
  [[nodiscard]] entries lookup(const Key& key) const {
    return state_->read(state_->shards_of(key),
                        [&](const auto& table, entries& out) { table.append_of_key(key, out); });
  }
  template <std::predicate<const Value&> P>
  [[nodiscard]] entries match(const Key& key, P matches) const {
    auto list = lookup(key);
    std::erase_if(list, [&](const auto& e) { return !matches(e->value); });
    return list;
  }
  template <std::predicate<const Value&> P>
  [[nodiscard]] std::size_t count_match(const Key& key, P matches) const {
    return match(key, std::move(matches)).size();
  }
  /// All entries that fulfil the predicate, which may use the registry.
  template <std::predicate<const entry&> P>
  [[nodiscard]] entries select(P matches) const {
    auto list = state_->read(state_->all_shards(), [](const auto& table, entries& out) { table.append_all(out); });
    std::erase_if(list, [&](const auto& e) { return !matches(*e); });
    return list;
  }
  template <std::predicate<const entry&> P>
  [[nodiscard]] std::size_t count_select(P matches) const {
    return select(std::move(matches)).size();
  }
  [[nodiscard]] std::size_t count() const {
    std::size_t n = 0;
    for (const auto& s : state_->shards)
      s->read([&](const auto& table) { n += table.size(); });
    return n;
  }
  /// Of one owner; a key that it has several times is listed as often.
  [[nodiscard]] std::vector<Key> keys(const pid& owner) const {
    auto list = state_->read(state_->shards_of_owner(owner),
                             [&](const auto& table, entries& out) { table.append_of_owner(owner.id(), out); });
    std::vector<Key> all;
    for (const auto& e : list)
      all.push_back(e->key);
    return all;
  }
  [[nodiscard]] std::vector<Value> values(const Key& key, const pid& owner) const {
    std::vector<Value> all;
    for (const auto& e : state_->entries_of(owner, key))
      all.push_back(e->value);
    return all;
  }

  /// Calls `fn(entries)` here and now with the entries of that key, once for each partition that has some (S141). What
  /// `fn` throws goes to the caller; the partitions behind are not visited then.
  template <std::invocable<const entries&> F>
  void dispatch(const Key& key, F fn) const {
    for (const auto& s : state_->shards_of(key)) {
      auto list = state_->read({&s, 1}, [&](const auto& table, entries& out) { table.append_of_key(key, out); });
      if (!list.empty())
        fn(std::as_const(list));
    }
  }

  // -- metadata (S143), from anywhere -------------------------------------------------------

  /// Nothing when it was not put, or as another type.
  template <class T>
  [[nodiscard]] std::optional<T> meta(const std::string& name) const {
    return state_->meta.template get<T>(name);
  }
  /// `too_large` when it would be one more than meta_max.
  result<void> put_meta(std::string name, std::any value) const {
    return state_->meta.put(std::move(name), std::move(value));
  }
  void delete_meta(const std::string& name) const { state_->meta.erase(name); }

  // -- for its supervisor, and for lists ----------------------------------------------------

  [[nodiscard]] std::vector<partition_info> partitions() const {
    std::vector<partition_info> all;
    for (const auto& s : state_->shards)
      all.push_back(s->info(state_->env.self()));
    return all;
  }
  [[nodiscard]] std::shared_ptr<detail::partition_data> partition(std::size_t i) const { return state_->shards.at(i); }

private:
  using state = detail::registry_state<Key, Value>;

  std::shared_ptr<state> state_;
};

/// A name in a registry as an address: means whoever has the key each time it is used. What is cast to a key that
/// nobody has vanishes, a call is answered `noproc`.
template <class Key, class Value>
class via {
public:
  via(registry<Key, Value> in, std::type_identity_t<Key> key) : in_{std::move(in)}, key_{std::move(key)} {}
  operator pid() const { return in_.whereis(key_); }  // NOLINT: implicit on purpose

private:
  registry<Key, Value> in_;
  Key key_;
};

}  // namespace beamline::supervision
