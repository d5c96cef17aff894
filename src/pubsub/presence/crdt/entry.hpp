#pragma once

#include "pubsub/presence/crdt/dots.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::presence {

/// JSON text of an object, with phx_ref. Shared, as most entries only pass through. Never null in an entry.
using meta_text = std::shared_ptr<const std::string>;

/// Who is present: `actor` names a process of the owner's node; unique together with topic and key (D165), and with the
/// owner: two nodes may have an actor 7 each.
struct entry_key {
  std::string topic;
  std::uint64_t actor = 0;
  std::string key;
  friend auto operator<=>(const entry_key&, const entry_key&) = default;
};

struct tracked {
  entry_key key;
  meta_text meta;
  dot at;
};

/// What became visible and what ceased to be, per topic (D173). An update is a leave and a join of one key. In order of
/// topic, key, actor, replica; topics without changes are not there.
struct topic_diff {
  std::vector<tracked> joins;
  std::vector<tracked> leaves;
};
using diff = std::map<std::string, topic_diff>;

/// An entry as replicas hold it and pass it on: immutable, shared between a state, its copies, deltas and generations;
/// topic and owner are shared by all entries of a state that have the same. No pointer in it is null.
struct held_entry {
  std::shared_ptr<const replica_id> owner;
  std::shared_ptr<const std::string> topic;
  meta_text meta;
  std::string key;
  std::uint64_t actor = 0;
  std::uint64_t counter = 0;  // Of the dot.
};
using entry_ptr = std::shared_ptr<const held_entry>;
/// Of one replica, by counter.
using entry_map = std::map<std::uint64_t, entry_ptr>;

[[nodiscard]] tracked as_tracked(const held_entry& e);
/// By content.
[[nodiscard]] bool operator==(const held_entry& a, const held_entry& b);
/// Of one entry, without its owner; the same on every machine. Summed over entries, it does not depend on their order.
[[nodiscard]] std::uint64_t digest_of(const held_entry& e);

}  // namespace beamline::presence
