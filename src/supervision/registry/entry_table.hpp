#pragma once

#include "supervision/registry/entry.hpp"

#include <functional>
#include <map>
#include <unordered_map>

namespace beamline::supervision::detail {

/// The entries of one partition, by key and by owner. Plain data structure: not thread-safe, knows nothing of life
/// and death. Adding and removing cost the logarithm of the entries of that key and owner.
template <class Key, class Value>
class entry_table {
public:
  using entry = registry_entry<Key, Value>;
  using entry_ptr = std::shared_ptr<const entry>;
  using entries = registry_entries<Key, Value>;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool owns(std::uint64_t owner) const { return by_owner_.contains(owner); }
  [[nodiscard]] std::size_t owners() const noexcept { return by_owner_.size(); }

  /// The oldest entry of that key; null when there is none.
  [[nodiscard]] entry_ptr first(const Key& key) const {
    auto i = by_key_.find(key);
    return i == by_key_.end() ? nullptr : i->second.begin()->second;
  }
  void append_of_key(const Key& key, entries& out) const {
    if (auto i = by_key_.find(key); i != by_key_.end())
      append(i->second, out);
  }
  void append_of_owner(std::uint64_t owner, entries& out) const {
    if (auto i = by_owner_.find(owner); i != by_owner_.end())
      append(i->second, out);
  }
  void append_owned(const Key& key, std::uint64_t owner, entries& out) const {
    auto k = by_key_.find(key);
    auto o = by_owner_.find(owner);
    if (k == by_key_.end() || o == by_owner_.end())
      return;
    // A popular key, or an owner of many: the shorter list is searched.
    if (k->second.size() <= o->second.size()) {
      for (const auto& [sequence, e] : k->second)
        if (e->owner.id() == owner)
          out.push_back(e);
    } else {
      for (const auto& [sequence, e] : o->second)
        if (std::equal_to<Key>{}(e->key, key))
          out.push_back(e);
    }
  }
  void append_all(entries& out) const {
    for (const auto& [owner, owned] : by_owner_)
      append(owned, out);
  }
  void append_owners(std::vector<std::uint64_t>& out) const {
    for (const auto& [owner, owned] : by_owner_)
      out.push_back(owner);
  }

  void insert(entry_ptr e) {
    by_key_[e->key].emplace(e->sequence, e);
    auto owner = e->owner.id();
    auto sequence = e->sequence;
    by_owner_[owner].emplace(sequence, std::move(e));
    ++size_;
  }

  /// Puts `e` in the place of the entry with its key, owner and sequence. False: there is none any more.
  bool replace(const entry_ptr& e) {
    auto k = by_key_.find(e->key);
    if (k == by_key_.end())
      return false;
    auto i = k->second.find(e->sequence);
    if (i == k->second.end())
      return false;
    i->second = e;
    by_owner_[e->owner.id()][e->sequence] = e;
    return true;
  }

  /// False: it was not there any more. The caller's `e` keeps the value alive, so nothing of it is destroyed in here.
  bool remove(const entry_ptr& e) {
    auto k = by_key_.find(e->key);
    if (k == by_key_.end() || k->second.erase(e->sequence) == 0)
      return false;
    if (k->second.empty())
      by_key_.erase(k);
    auto o = by_owner_.find(e->owner.id());
    o->second.erase(e->sequence);
    if (o->second.empty())
      by_owner_.erase(o);
    --size_;
    return true;
  }

private:
  using list = std::map<std::uint64_t, entry_ptr>;  // By sequence.

  static void append(const list& from, entries& out) {
    for (const auto& [sequence, e] : from)
      out.push_back(e);
  }

  std::unordered_map<Key, list> by_key_;
  std::map<std::uint64_t, list> by_owner_;
  std::size_t size_ = 0;
};

}  // namespace beamline::supervision::detail
