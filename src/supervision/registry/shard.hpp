#pragma once

#include "actors/process_table.hpp"
#include "actors/signals.hpp"
#include "supervision/registry/entry_table.hpp"
#include "supervision/registry/lock_table.hpp"
#include "supervision/registry/options.hpp"
#include "supervision/registry/partition.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <stdexcept>

namespace beamline::supervision::detail {

/// The data of one partition: entries and locks under one lock, which is never held while anybody's code runs but the
/// key's own hash and comparison, nor while anything is sent or a value is destroyed. Thread-safe.
template <class Key, class Value>
class shard final : public partition_data, public std::enable_shared_from_this<shard<Key, Value>> {
public:
  using table = entry_table<Key, Value>;
  using entry_ptr = typename table::entry_ptr;
  using entries = typename table::entries;

  shard(process_table& processes, const registry_options& o)
      : processes_{processes},
        name_{o.name},
        is_unique_{o.keys == key_rule::unique},
        entries_max_{o.entries_max},
        locks_max_{o.locks_max} {}

  // -- entries -------------------------------------------------------------------------

  registration add(entry_ptr e) {
    entry_ptr replaced;
    auto change = begin_change();
    if (partition_ == 0)
      return registration_error{registration_error::kind::not_running};
    if (is_unique_) {
      auto holder = entries_.first(e->key);
      // The dead block nobody, also before they were cleaned up (S136).
      if (holder && (holder->owner.id() == e->owner.id() || processes_.is_alive(holder->owner.id())))
        return registration_error{registration_error::kind::already_registered, holder->owner};
      if (holder) {
        change.about(holder->owner.id());
        entries_.remove(holder);
        replaced = std::move(holder);
      }
    }
    if (entries_.size() >= entries_max_)
      return registration_error{registration_error::kind::full};
    change.about(e->owner.id());
    entries_.insert(std::move(e));
    return {};
  }

  /// How many of them were still there.
  std::size_t remove(const entries& list) {
    std::size_t removed = 0;
    auto change = begin_change();
    for (const auto& e : list) {
      change.about(e->owner.id());
      removed += entries_.remove(e) ? 1 : 0;
    }
    return removed;
  }

  bool replace(const entry_ptr& e) {
    std::unique_lock lock{mutex_};
    return entries_.replace(e);
  }

  [[nodiscard]] entry_ptr first(const Key& key) const {
    std::shared_lock lock{mutex_};
    return entries_.first(key);
  }
  /// Appends what `ask` finds in the table.
  template <class Ask>
  void read(Ask ask) const {
    std::shared_lock lock{mutex_};
    ask(entries_);
  }

  [[nodiscard]] partition_info info(const node_identity_ptr& node) const {
    std::shared_lock lock{mutex_};
    auto owners = owners_now();
    return {partition_ == 0 ? pid{} : pid{node, partition_}, entries_.size(), owners.size(), locks_.size()};
  }

  // -- locks ---------------------------------------------------------------------------

  registration queue_up(const Key& key, typename lock_table<Key>::ticket t) {
    auto is_held = false;
    {
      auto change = begin_change();
      if (partition_ == 0)
        return registration_error{registration_error::kind::not_running};
      if (locks_.size() >= locks_max_)
        return registration_error{registration_error::kind::full};
      change.about(t.owner);
      is_held = locks_.add(key, t);
    }
    if (is_held)
      hand_over({key, std::move(t)});
    return {};
  }

  void release(const Key& key, std::uint64_t number) {
    if (auto next = release_only(key, number))
      hand_over(std::move(*next));
  }

  // -- for the partition process ---------------------------------------------------------

  std::vector<std::uint64_t> open(std::uint64_t server) override {
    auto left = contents{};
    std::unique_lock lock{mutex_};
    if (partition_ != 0 && processes_.is_alive(partition_))
      throw std::logic_error{"registry \"" + name_ + "\": a partition is served by "
                             + to_string(pid{processes_.identity(), partition_})
                             + " already; start each registry under one supervisor only"};
    partition_ = server;
    return take_everything(left);
  }

  std::vector<std::uint64_t> close(std::uint64_t server) override {
    auto left = contents{};
    std::unique_lock lock{mutex_};
    if (partition_ != server)
      return {};
    partition_ = 0;
    return take_everything(left);
  }

  std::vector<owner_change> take_changes(std::size_t count) override {
    std::vector<owner_change> some;
    std::unique_lock lock{mutex_};
    while (some.size() < count && !changed_.empty()) {
      auto owner = *changed_.begin();
      changed_.erase(changed_.begin());
      some.push_back({owner, owns(owner)});
    }
    return some;
  }

  void forget(std::uint64_t owner) override {
    entries gone;
    std::vector<typename lock_table<Key>::ticket> done;
    std::vector<typename lock_table<Key>::grant> next;
    {
      std::unique_lock lock{mutex_};
      entries_.append_of_owner(owner, gone);
      for (const auto& e : gone)
        entries_.remove(e);
      locks_.remove_owner(owner, done, next);
      changed_.erase(owner);
    }
    for (auto& g : next)
      hand_over(std::move(g));
  }

private:
  using grant = typename lock_table<Key>::grant;

  struct contents {
    table entries;
    lock_table<Key> locks;
  };

  /// Holds the lock; afterwards, the lock released, wakes the partition process if owners have come or gone.
  class change_scope {
  public:
    explicit change_scope(shard& s) : shard_{s}, lock_{s.mutex_}, had_changes_{!s.changed_.empty()} {}
    change_scope(const change_scope&) = delete;
    change_scope& operator=(const change_scope&) = delete;
    ~change_scope() {
      for (auto [owner, owned] : touched_)
        if (shard_.owns(owner) != owned)
          shard_.changed_.insert(owner);
      auto wakes = !had_changes_ && !shard_.changed_.empty();
      auto server = shard_.partition_;
      lock_.unlock();
      if (wakes)
        shard_.processes_.tell(server, owners_changed{});
    }
    /// To be said before anything of that owner is changed.
    void about(std::uint64_t owner) {
      if (std::none_of(touched_.begin(), touched_.end(), [&](const auto& t) { return t.owner == owner; }))
        touched_.push_back({owner, shard_.owns(owner)});
    }

  private:
    shard& shard_;
    std::unique_lock<std::shared_mutex> lock_;
    bool had_changes_;
    std::vector<owner_change> touched_;  // With what they had before; one or two.
  };
  [[nodiscard]] change_scope begin_change() { return change_scope{*this}; }

  [[nodiscard]] bool owns(std::uint64_t owner) const { return entries_.owns(owner) || locks_.owns(owner); }

  [[nodiscard]] std::vector<std::uint64_t> owners_now() const {
    std::vector<std::uint64_t> all;
    entries_.append_owners(all);
    locks_.append_owners(all);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  std::vector<std::uint64_t> take_everything(contents& into) {
    auto owners = owners_now();
    std::swap(into.entries, entries_);
    std::swap(into.locks, locks_);
    changed_.clear();
    return owners;
  }

  std::optional<grant> release_only(const Key& key, std::uint64_t number) {
    std::vector<typename lock_table<Key>::ticket> done;
    auto change = begin_change();
    if (auto holder = locks_.holder(key))
      change.about(*holder);
    return locks_.release(key, number, done);
  }

  /// Runs the function of a ticket that holds its lock in a turn of its process; the dead are passed over.
  void hand_over(grant g) {
    while (!processes_.is_alive(g.to.owner)) {
      auto next = release_only(g.key, g.to.number);
      if (!next)
        return;
      g = std::move(*next);
    }
    auto give_back = [me = this->shared_from_this(), key = g.key, number = g.to.number] { me->release(key, number); };
    // When the process ends before its turn, the guard dies with the message.
    processes_.tell(g.to.owner, resume_signal{[run = g.to.run, guard = lock_guard{std::move(give_back)}]() mutable {
                      (*run)(std::move(guard));
                    }});
  }

  process_table& processes_;
  const std::string name_;
  const bool is_unique_;
  const std::size_t entries_max_;
  const std::size_t locks_max_;

  mutable std::shared_mutex mutex_;  // Guards what follows.
  std::uint64_t partition_ = 0;      // Id of the process that serves it; 0: nobody.
  table entries_;
  lock_table<Key> locks_;
  std::set<std::uint64_t> changed_;  // Owners to be watched or not any more.
};

}  // namespace beamline::supervision::detail
