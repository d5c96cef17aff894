#pragma once

#include "pubsub/presence/crdt/clock.hpp"
#include "pubsub/presence/crdt/delta.hpp"
#include "pubsub/presence/crdt/entry.hpp"
#include "pubsub/presence/crdt/entry_index.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::presence {

// So many dots of one replica, and octets of their keys and metas, may wait for a predecessor. More are forgotten, and
// come with the transfer that the gap brings about anyway.
inline constexpr std::size_t waiting_dots_max = 100'000;
inline constexpr std::size_t waiting_octets_max = 4U << 20;

/// The presences that one replica knows: an add-wins set with dots, of which every replica writes its own entries only
/// (D137-D150). What it reports and what it lists always agree: folding all diffs from empty gives `online()` (I25).
///
/// A value: pure, and copies share the entries. Costs: a change of n entries O(n log size), with n = 1 for `join` and
/// `leave`; `extract`, `replace` and the merge of a whole state O(what is held of the replicas in question).
///
/// Where this is stricter than the reference, since the model (tests/pubsub/presence/crdt) found holes in its rules:
/// - Changes of one replica take effect in the order in which it made them. What comes after a gap waits until the gap
///   is filled (D157: the clock stays behind, so a transfer is asked for). So what is held of a replica is exactly what
///   that one had at some time: no half of an update, no refs that go back (I31), no ghost that a third replica brings
///   back after its successor came and went. And equal clocks mean equal entries, which is what digests compare (D163).
///   The reference shows what comes after a gap at once, and overwrites it with what fills the gap.
/// - Slots have an owner: actors of one number on two nodes, or in two runs of a node, do not meet.
/// - What is extracted for a replica has nothing of that replica, neither entries nor dots. The reference drops the
///   entries and keeps the dots, which reads as "removed" for whoever is given it next.
class state {
public:
  explicit state(replica_id self);

  [[nodiscard]] const replica_id& self() const noexcept { return *self_; }

  // -- own entries ----------------------------------------------------------------------------------

  /// Replaces the meta if the key is there (D141): then it is an update. A null meta is an empty text.
  diff join(const entry_key& who, meta_text meta);
  /// Of something absent, or of another replica: no change (D140, D147).
  diff leave(const entry_key& who);
  diff leave_actor(std::uint64_t actor);
  [[nodiscard]] std::optional<tracked> find_own(const entry_key& who) const;
  /// By topic and key.
  [[nodiscard]] std::vector<entry_key> of_actor(std::uint64_t actor) const;

  // -- other replicas: nothing of this happens to `self()` ---------------------------------------------

  /// Met, or met again: its held entries are joins (D134).
  diff replica_up(const replica_id& r);
  /// Its entries are held but hidden; they are leaves.
  diff replica_down(const replica_id& r);
  /// Forgotten with all its entries. What was visible of it is in the diff: down first, then this, gives nothing more.
  /// `generations::remove_replica` must follow.
  diff remove_replica(const replica_id& r);
  [[nodiscard]] bool is_known(const replica_id& r) const;
  [[nodiscard]] bool is_up(const replica_id& r) const;

  /// What others say is merged for known replicas only (D143), never against own entries (D145), and reported for those
  /// that are up (D150). What was seen before changes nothing (I27). Changes of replicas that are down go to `hidden`,
  /// if it is there: nobody is told of them, but the dirty list has them.
  diff merge(const delta& d, diff* hidden = nullptr);

  // -- what to tell others -----------------------------------------------------------------------------

  /// Own changes since the last `reset_changes`; what came and went in between leaves only its dots (D158).
  [[nodiscard]] const delta& changes() const noexcept { return changes_; }
  void reset_changes();
  /// All that is held of replicas in `clock`, but for its owner `for_whom` (D156).
  [[nodiscard]] delta extract(const replica_id& for_whom, const clock_map& clock) const;
  /// The context without own changes since the last `reset_changes`: what generations can bring others to.
  [[nodiscard]] clock_map sent_context() const;
  /// Contiguously seen, of those that are up (D149).
  [[nodiscard]] clock_map clocks() const;
  /// The same, of all that are known.
  [[nodiscard]] clock_map context() const;

  /// Number of entries and an order-independent digest of one replica's (D163): who has the same clock for it has the
  /// same summary.
  struct summary {
    std::uint64_t entries = 0;
    std::uint64_t digest = 0;
    friend bool operator==(const summary&, const summary&) = default;
  };
  [[nodiscard]] summary summary_of(const replica_id& r) const;
  /// Makes what is held of `of` equal to what the whole state `d` has of it, as its owner extracts it:
  /// `extract({}, {{self(), 0}})` (D163). Nothing, if more is known of it than `d` says. `generations::remove_replica`
  /// must follow.
  diff replace(const replica_id& of, const delta& d);

  // -- reading: all in order of key, actor, replica -------------------------------------------------------

  /// Of replicas that are up.
  [[nodiscard]] std::vector<tracked> online(std::string_view topic) const;
  [[nodiscard]] std::size_t online_count(std::string_view topic) const;
  [[nodiscard]] std::vector<tracked> by_key(std::string_view topic, std::string_view key) const;
  /// Those of replicas that are down as well (D169).
  [[nodiscard]] std::vector<tracked> all(std::string_view topic) const;
  /// What is held of that one, up or down, as leaves.
  [[nodiscard]] diff held_of(const replica_id& r) const;
  /// The entry of that dot, of whatever replica; nothing: it is not held.
  [[nodiscard]] std::optional<tracked> find(const dot& at) const;
  /// In which anything is held, also of replicas that are down.
  [[nodiscard]] std::vector<std::string> topics() const { return index_.topics(); }
  /// Entries that are held.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Dots that wait for a predecessor, of all replicas; 0 when quiet (I32).
  [[nodiscard]] std::size_t cloud_size() const;
  [[nodiscard]] std::size_t cloud_size(const replica_id& r) const;

private:
  /// Changes behind a gap.
  struct waiting_changes {
    std::uint64_t end = 0;
    dot_set seen{};
    entry_map values{};
  };
  struct replica {
    std::shared_ptr<const replica_id> id;
    bool is_up = true;
    std::uint64_t context = 0;  // All up to it was seen.
    std::uint64_t digest = 0;
    entry_map held{};
    std::map<std::uint64_t, waiting_changes> waiting{};  // By their start; they neither touch nor overlap.
  };
  /// Own entries by actor, topic, key: for the end of an actor.
  struct by_actor {
    using is_transparent = void;
    bool operator()(const held_entry* a, const held_entry* b) const;
    bool operator()(const held_entry* a, const entry_key& b) const;
    bool operator()(const entry_key& a, const held_entry* b) const;
    bool operator()(const held_entry* a, std::uint64_t actor) const { return a->actor < actor; }
    bool operator()(std::uint64_t actor, const held_entry* b) const { return actor < b->actor; }
  };

  [[nodiscard]] replica& own() { return replicas_.find(*self_)->second; }
  /// Null: not known, or this one.
  [[nodiscard]] replica* find_other(const replica_id& r);
  [[nodiscard]] const replica* find(const replica_id& r) const;

  std::uint64_t bump();
  void remove_own(const held_entry& e, slot_changes& step);
  void insert(replica& r, entry_ptr e, slot_changes& step);
  entry_map::iterator erase(replica& r, entry_map::iterator at, slot_changes& step);
  /// The same entry with topic and owner as this state shares them.
  [[nodiscard]] entry_ptr adopted(const replica& r, const entry_ptr& e) const;
  void merge_whole(replica& r, const delta& d, slot_changes& step);
  void merge_changes(replica& r, const delta& d, slot_changes& step);
  void apply(replica& r, std::uint64_t end, const dot_set& seen, const entry_map& values, slot_changes& step);
  void apply_waiting(replica& r, slot_changes& step);
  static void wait(replica& r, std::uint64_t start, waiting_changes part);
  void insert_missing(replica& r, entry_map::const_iterator first, entry_map::const_iterator last, slot_changes& step);
  /// Of replicas that are up; of the others to `hidden`.
  [[nodiscard]] diff told(const slot_changes& step, diff* hidden = nullptr) const;
  /// All that is held of `r`, as joins or as leaves.
  [[nodiscard]] diff all_of(const replica& r, std::vector<tracked> topic_diff::*as) const;
  /// Of replicas that are down.
  [[nodiscard]] std::vector<const replica_id*> hidden() const;

  std::shared_ptr<const replica_id> self_;
  std::map<replica_id, replica> replicas_;  // Itself, too.
  entry_index index_;
  std::set<const held_entry*, by_actor> own_entries_;
  std::size_t size_ = 0;
  delta changes_;
};

}  // namespace beamline::presence
