#pragma once

// What one topic's subscribers know, and what they have yet to be told.
//
//   tracker  ── join, leave ──>  present         who is there now
//                                pending         of which (key, ref) they know something else
//   publisher ── take ────────>  in flight       taken, and not published yet; `recall` makes it pending again
//             ── published ───>  they know it
//
// A (key, ref) is a meta of one key: refs are new at each track and update. What joined and left again between two
// `take`s is not told at all, unless somebody was given the list meanwhile (`expose`): who saw a ref in a list must
// hear that it left (D182, D183). What left and came back under the same ref - a replica that was away, a shard that
// was restarted - is told as nothing, since a client applies joins before leaves and would drop it for good.

#include "pubsub/presence/crdt/state.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::presence::layer {

/// A meta that subscribers are to add or to remove.
struct meta_change {
  std::string key;
  std::string ref;
  meta_text meta;
};

/// What goes out as one diff: grouped by key, joins of a key as they were tracked.
struct change_set {
  std::vector<meta_change> joins;
  std::vector<meta_change> leaves;
  [[nodiscard]] std::size_t size() const noexcept { return joins.size() + leaves.size(); }
  [[nodiscard]] bool empty() const noexcept { return joins.empty() && leaves.empty(); }
};

/// A value; pure. Memory: an entry for each meta that is present, and one for each whose change was not published yet.
class topic_ledger {
public:
  /// `version`: greater than any of an earlier ledger of that topic.
  explicit topic_ledger(std::uint64_t version = 0) : version_{version} {}

  // -- what the tracker says -------------------------------------------------------------------------

  /// Of a meta that is there already, and the same: nothing.
  void join(const std::string& key, const std::string& ref, meta_text meta);
  /// Of one that is not there: nothing.
  void leave(const std::string& key, const std::string& ref);
  /// What the tracker lists, where it may have forgotten to say what left: after it was started anew.
  void replace(const std::vector<meta_change>& listed);
  /// How often it was told something.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

  // -- who is there ------------------------------------------------------------------------------------

  /// By key, the metas of a key as they were tracked.
  [[nodiscard]] std::vector<meta_change> present() const;
  [[nodiscard]] std::vector<meta_change> present(const std::string& key) const;
  /// Somebody was given that.
  void expose() noexcept { exposed_at_ = version_; }
  /// Distinct keys; with a field (quoted, see `field_text`): its distinct values, a meta without it counting by its
  /// key.
  [[nodiscard]] std::uint64_t count(const std::string& quoted_field = {});
  /// Nobody asks for that count any more.
  void forget_count(const std::string& quoted_field) { values_.erase(quoted_field); }

  // -- what subscribers are told -----------------------------------------------------------------------

  [[nodiscard]] bool is_dirty() const noexcept { return !pending_.empty(); }
  /// The next of what is pending, in order of key, about `changes_max` and never part of a key: a key whose meta was
  /// updated must not vanish between two diffs. Empty, and then not in flight, when all that was to be told had been
  /// undone.
  struct flight {
    std::uint64_t id = 0;
    change_set changes;
  };
  [[nodiscard]] flight take(std::size_t changes_max);
  /// Subscribers have that one. Unknown ones are ignored.
  void published(std::uint64_t id);
  /// Who took them is gone, and nobody knows whether they were published: all of it is told again.
  void recall();
  /// What subscribers have: by key, as they were told.
  [[nodiscard]] std::vector<meta_change> told() const;

  /// Nobody is there, and nothing is to be told.
  [[nodiscard]] bool is_idle() const noexcept { return keys_.empty() && pending_.empty() && flights_.empty(); }

private:
  struct entry {
    meta_text meta;
    std::uint64_t order = 0;  // Of its join.
  };
  // A (key, ref) whose change is not published.
  struct touch {
    meta_text before;        // What subscribers know; null: nothing.
    meta_text last;          // What it was when it was there last.
    std::uint64_t at = 0;    // The version of its last change.
    bool must_tell = false;  // Whatever they know: somebody may know something else.
  };
  struct flown {
    std::uint64_t id;
    std::map<std::string, std::map<std::string, touch>> touched;
  };
  using refs = std::map<std::string, entry>;
  using values = std::map<std::string, std::uint64_t, std::less<>>;

  touch& note(const std::string& key, const std::string& ref, const meta_text& before);
  void forget_touch(const std::string& key, const std::string& ref);
  void count_value(const std::string& key, const meta_text& meta, bool is_join);
  [[nodiscard]] const entry* find(const std::string& key, const std::string& ref) const;

  std::map<std::string, refs> keys_;
  std::map<std::string, std::map<std::string, touch>> pending_;
  std::deque<flown> flights_;
  std::map<std::string, values> values_;  // By quoted field: how many metas have which value.
  std::uint64_t version_;
  std::uint64_t exposed_at_ = 0;
  std::uint64_t last_flight_ = 0;
};

}  // namespace beamline::presence::layer
