#pragma once

#include "pubsub/presence/crdt/entry.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::presence {

/// Entries by topic, then key, actor, owner: their *slot*, in which there is one at most.
///
/// Owns no entry: each must outlive its time in the index. A copy refers to the same entries.
class entry_index {
public:
  struct slot {
    std::string_view key;
    std::uint64_t actor;
    const replica_id* owner;
  };
  struct by_slot {
    using is_transparent = void;
    bool operator()(const held_entry* a, const held_entry* b) const { return is_less(slot_of(*a), slot_of(*b)); }
    bool operator()(const held_entry* a, const slot& b) const { return is_less(slot_of(*a), b); }
    bool operator()(const slot& a, const held_entry* b) const { return is_less(a, slot_of(*b)); }
    static slot slot_of(const held_entry& e) { return {e.key, e.actor, e.owner.get()}; }
    static bool is_less(const slot& a, const slot& b);
  };
  using entry_set = std::set<const held_entry*, by_slot>;

  /// Its slot must be empty.
  void insert(const held_entry& e);
  void erase(const held_entry& e);

  /// Who is in the slot of `like`; null: nobody.
  [[nodiscard]] const held_entry* find(const held_entry& like) const;
  [[nodiscard]] const entry_set& in(std::string_view topic) const;
  [[nodiscard]] std::vector<const held_entry*> under(std::string_view topic, std::string_view key) const;

  /// The name that entries of that topic share; null: there are none.
  [[nodiscard]] std::shared_ptr<const std::string> name_of(std::string_view topic) const;
  [[nodiscard]] std::vector<std::string> topics() const;

private:
  struct topic_entries {
    std::shared_ptr<const std::string> name;
    entry_set entries;
  };
  std::map<std::string_view, topic_entries> topics_;  // The keys are views of the names.
};

/// What a step changes, slot by slot: who was there before it, to be compared with who is there after it.
class slot_changes {
public:
  /// To be called before the slot of `like` changes; `like` must live until the end of the step.
  void note(const entry_index& index, const held_entry& like) { before_.try_emplace(&like, index.find(like)); }
  /// Keeps what was removed until the end of the step.
  void keep(entry_ptr e) { kept_.push_back(std::move(e)); }

  struct change {
    const held_entry* before;
    const held_entry* after;
  };
  /// Slots in which something else is now, by topic, key, actor, owner.
  [[nodiscard]] std::vector<change> against(const entry_index& index) const;

private:
  struct by_topic_and_slot {
    bool operator()(const held_entry* a, const held_entry* b) const;
  };
  std::map<const held_entry*, const held_entry*, by_topic_and_slot> before_;
  std::vector<entry_ptr> kept_;
};

}  // namespace beamline::presence
