#pragma once

#include "actors/environment.hpp"
#include "base/random.hpp"
#include "supervision/registry/metadata.hpp"
#include "supervision/registry/shard.hpp"

#include <span>

namespace beamline::supervision::detail {

/// What all handles of one registry share: its partitions, and where in them a key or an owner is found. Thread-safe.
template <class Key, class Value>
class registry_state {
public:
  using entry = registry_entry<Key, Value>;
  using entries = registry_entries<Key, Value>;
  using partition = shard<Key, Value>;
  using partition_ptr = std::shared_ptr<partition>;

  registry_state(environment& e, registry_options o) : env{e}, options{std::move(o)}, meta{options.name} {
    if (auto ok = check_options(options); !ok)
      throw std::invalid_argument{ok.error().message};
    for (std::size_t i = 0; i < options.partitions; ++i)
      shards.push_back(std::make_shared<partition>(env.processes(), options));
  }

  [[nodiscard]] std::uint64_t next_number() { return ++last_number_; }

  // -- where ---------------------------------------------------------------------------

  /// Of that key's locks, and of its entries unless they are kept by owner.
  [[nodiscard]] partition& key_shard(const Key& key) const { return *shards[index_of(std::hash<Key>{}(key))]; }
  [[nodiscard]] partition& shard_of(const Key& key, const pid& owner) const {
    return is_by_owner() ? *shards[index_of(owner.id())] : key_shard(key);
  }
  [[nodiscard]] std::span<const partition_ptr> all_shards() const { return shards; }
  [[nodiscard]] std::span<const partition_ptr> shards_of(const Key& key) const {
    return is_by_owner() ? all_shards() : all_shards().subspan(index_of(std::hash<Key>{}(key)), 1);
  }
  [[nodiscard]] std::span<const partition_ptr> shards_of_owner(const pid& owner) const {
    // Ids are those of this node: a process of another one has nothing in here.
    if (!owner.is_on(*env.self()))
      return {};
    return is_by_owner() ? all_shards().subspan(index_of(owner.id()), 1) : all_shards();
  }

  // -- what ----------------------------------------------------------------------------

  /// What `ask` appends from each of them, in the order of registration.
  template <class Ask>
  [[nodiscard]] static entries read(std::span<const partition_ptr> from, Ask ask) {
    entries list;
    for (const auto& s : from)
      s->read([&](const auto& table) { ask(table, list); });
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a->sequence < b->sequence; });
    return list;
  }
  [[nodiscard]] entries entries_of(const pid& owner, const Key& key) const {
    entries list;
    if (owner.is_on(*env.self()))
      shard_of(key, owner).read([&](const auto& table) { table.append_owned(key, owner.id(), list); });
    return list;
  }
  [[nodiscard]] bool is_alive(const entry& e) const { return env.processes().is_alive(e.owner.id()); }

  // -- changes, told to the listeners ------------------------------------------------------

  [[nodiscard]] registration add(entry e) const {
    auto made = std::make_shared<const entry>(std::move(e));
    auto outcome = shard_of(made->key, made->owner).add(made);
    if (outcome && !options.listeners.empty())
      tell_listeners(key_registered<Key, Value>{options.name, made->key, made->owner, made->value});
    return outcome;
  }
  std::size_t remove_owned(const pid& owner, const Key& key, const entries& list) const {
    if (list.empty())
      return 0;
    auto removed = shard_of(key, owner).remove(list);
    if (removed > 0)
      tell_listeners(key_unregistered<Key>{options.name, key, owner});
    return removed;
  }

  void require_unique(const char* what) const {
    if (options.keys != key_rule::unique)
      throw std::logic_error{"registry \"" + options.name + "\": " + what
                             + " needs unique keys, but several may share a key here; use lookup"};
  }

  environment& env;
  const registry_options options;
  std::vector<partition_ptr> shards;
  metadata meta;

private:
  [[nodiscard]] bool is_by_owner() const noexcept { return options.partitioned == partition_rule::by_owner; }
  [[nodiscard]] std::size_t index_of(std::uint64_t hash) const { return mix64(hash) % shards.size(); }

  template <class M>
  void tell_listeners(const M& m) const {
    for (const auto& name : options.listeners)
      env.processes().tell(env.processes().whereis(name), m);
  }

  std::atomic<std::uint64_t> last_number_{0};
};

}  // namespace beamline::supervision::detail
