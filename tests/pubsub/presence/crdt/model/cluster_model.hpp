#pragma once

// A small cluster around the presence CRDT: replicas that tell each other what changed, over a network that loses,
// repeats and reorders everything, with splits, crashes and restarts. The rules of the tracker (D127-D135, D154-D156)
// in their shortest form; what the state does is checked after every step against plain sets.
//
// What must hold, by the name that a violation has:
//
//   I22 converged    when quiet, everybody lists what everybody linked to it has
//   I23 own listed   own entries are listed at home, always
//   I24 ghosts       nobody lists what nobody has, when quiet
//   I25 fold         the fold of the diffs is the list; no join of somebody listed, no leave of somebody not listed
//   I26 own removed  no merge removes own entries
//   I27 prefix       what is held of a replica is what that one had at that clock, whatever came in whatever order
//   I28 clocks       no clock goes back, no dot means two things
//   I29 stale        what an earlier run of a node says changes nothing
//   I31 order        updates of an entry are seen in their order
//   I32 memory       when quiet, only replicas that live are known, and nothing waits
//   I44 transfers    when quiet nobody asks for a transfer, also while some cannot reach each other

#include "base/random.hpp"
#include "pubsub/presence/crdt/generations.hpp"
#include "pubsub/presence/crdt/state.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace beamline::presence::test {

/// Mistakes in the rules around the state, for the proof that each check can fail.
enum class mistake : std::uint8_t {
  none,
  forgets_removals,      // Deltas go without the dots of what was removed.
  ignores_gaps,          // Deltas pretend to follow whatever was seen.
  hides_a_diff,          // A diff of a merge is not told.
  leaves_by_itself,      // An own entry goes that nobody untracked.
  reuses_versions,       // A node that is restarted takes its old version again.
  removes_own,           // A merge removes an own entry.
  tells_old_refs,        // Who is back up is told of with a ref from before.
  believes_old_runs,     // Messages of an earlier run are taken.
  keeps_old_runs,        // The entries of an earlier run stay when the next is met.
  believes_everybody,    // Replicas that only others know are taken for up.
  never_forgets,         // Replicas that are gone stay.
  never_transfers,       // Nothing lost is asked for.
  asks_for_the_unknown,  // Clocks of replicas that are not up here are a reason to ask (D155).
};

class violation : public std::runtime_error {
public:
  violation(std::string which, const std::string& what) : std::runtime_error{which + ": " + what}, name{which} {}
  std::string name;
};

class cluster_model {
public:
  struct options {
    int steps = 28;
    mistake bug = mistake::none;
  };

  cluster_model(std::uint64_t seed, options o);
  /// Random steps, then quiet. Throws `violation`.
  void run();

  struct counts {
    std::uint64_t merges = 0;
    std::uint64_t transfers = 0;
    std::uint64_t whole_transfers = 0;
    std::uint64_t waits = 0;
    std::uint64_t restarts = 0;
    std::uint64_t removed = 0;
  };
  /// Whether the histories are worth their name.
  [[nodiscard]] const counts& seen() const noexcept { return seen_; }

private:
  struct peer {
    std::uint64_t version = 0;
    bool is_up = true;
    int silent = 0;
  };
  /// Topic, key, actor and owner, as one number.
  using place = std::uint64_t;
  struct node {
    std::string name;
    std::uint64_t version = 0;
    bool is_running = false;
    std::optional<state> held{};
    std::optional<generations> recent{};
    clock_set heard{};
    std::map<std::string, peer> peers{};
    std::map<std::string, std::uint64_t> newest{};  // Version, of every name ever heard.
    int ticks = 0;
    // What it should be.
    std::map<entry_key, std::string> own{};
    std::map<place, std::uint64_t> folded{};     // Counters.
    std::map<place, std::uint64_t> last_seen{};  // The same, of those that left as well.
    clock_map context{};
  };
  struct frame {
    enum class kind : std::uint8_t { beat, request, transfer } what = kind::beat;
    replica_id from{};
    delta news{};
    clock_map clocks{};
  };
  /// On its way to one of them.
  struct letter {
    std::shared_ptr<const frame> content;
    std::size_t to = 0;
  };

  // -- what happens ---------------------------------------------------------------------------------
  void start(node& n);
  void step();
  void change_own(node& n);
  void tick(node& n);
  void ask(node& n);
  void look_for_downs(node& n);
  void send(node& from, std::size_t to, frame f);
  void send(node& from, std::size_t to, std::shared_ptr<const frame> f);
  void deliver_some();
  void deliver(const letter& l);
  void receive(node& n, const frame& f);
  /// False: it is of an earlier run.
  bool meet(node& n, const replica_id& from, bool is_beat);
  void forget(node& n, const replica_id& r);
  void receive_news(node& n, const frame& f);
  void take_news(node& n, const delta& news);
  [[nodiscard]] static std::pair<std::size_t, std::size_t> link(std::size_t a, std::size_t b) {
    return {std::min(a, b), std::max(a, b)};
  }
  [[nodiscard]] bool are_linked(std::size_t a, std::size_t b) const { return !cuts_.contains(link(a, b)); }
  [[nodiscard]] std::size_t index_of(const node& n) const { return static_cast<std::size_t>(&n - nodes_.data()); }
  [[nodiscard]] bool is(mistake bug) const { return options_.bug == bug; }

  [[nodiscard]] static place place_of(const entry_key& key, const replica_id& owner);
  [[nodiscard]] static place place_of(const tracked& t) { return place_of(t.key, t.at.replica); }
  [[nodiscard]] static std::string name_of(place p);

  // -- what must hold ---------------------------------------------------------------------------------
  void told(node& n, const diff& d);
  void check(node& n);
  void check_lists(node& n);
  void check_prefix(node& n);
  void note_history(node& n);
  void settle();
  void round();
  void check_quiet();
  void check_quiet(node& n);

  options options_;
  seeded_random chance_;
  std::vector<node> nodes_;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;
  std::vector<letter> under_way_;
  bool is_calm_ = false;
  std::uint64_t requests_ = 0;
  std::uint64_t checks_ = 0;
  std::uint64_t next_meta_ = 0;
  std::map<std::pair<place, std::uint64_t>, std::string> metas_;  // Of every dot.
  // Of every replica, after each of its changes: what it had.
  std::map<replica_id, std::map<std::uint64_t, state::summary>> history_;
  counts seen_;
};

}  // namespace beamline::presence::test
