#pragma once

// Phoenix.Presence over a tracker: lists by key, with what the application adds (`fetch`), and diffs that the npm class
// `Presence` understands (D176-D186; liveview-protocol.md section 16).
//
//   presence::child_presence({.tracker = {.name = "presence"}, .pubsub = "main", .fetch = ...})        in the tree
//   presence_state of a topic: call<json>(presence::presence_on(env(), "presence"), state_of{topic}, 5s)
//   diffs: whoever is subscribed to the topic gets presence_diff, on every node from its own copy (D178)
//
// What holds, on each node: presence_state and the presence_diffs since, folded as the npm client does it, give the
// list (I25), whatever is killed here meanwhile. Diffs of one topic are published in the order of the changes, however
// long their fetches take (I33). A change is published `batch` after the first one that goes out with it, and no later
// than twice fetch_time after that; it waits for diffs of its own topic only. N joins cost N: a meta that joins or
// leaves is in one diff, which is made once for all subscribers.
//
//   shards ── what changed ──> ledger <── takes, publishes ── publisher ── presence_diff ──> subscribers
//                              (not a process: outlives both)   └─ fetch, in tasks
//
// A publisher that crashes loses nothing: what it had taken and not confirmed is published by the next one, a second
// time at worst, which changes nothing for a client. Nobody is sent a new presence_state for it. While the PubSub
// system is being restarted nothing is published; who stayed subscribed is told all of it afterwards.

#include "pubsub/presence/tracker.hpp"
#include "pubsub/system.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace beamline::supervision {
class task_context;
}

namespace beamline::presence {

/// By key: all metas, as in {"metas": [...]}, and whatever fetch adds beside "metas".
using presence_map = std::map<std::string, json>;

/// What fetch may be instead of a function that returns: it calls `done`, once, in this or a later turn of `in`, the
/// process that was made for it.
using fetch_function = std::function<void(supervision::task_context& in, const std::string& topic, presence_map,
                                          std::function<void(presence_map)> done)>;

/// Broadcast locally to the topic (D178): the payload of `presence_diff`, {"joins": {...}, "leaves": {...}}; made once
/// for all subscribers.
struct presence_diff {
  std::string topic;
  std::shared_ptr<const json> payload;
  std::shared_ptr<const std::string> text;  // The same as JSON text.
};

struct presence_options {
  tracker_options tracker{};
  std::string pubsub{pubsub::default_system};
  // Adds what the application knows, in a process of its own; must keep keys, "metas" and their phx_refs. Called once
  // for a list, and for a diff once with what joined and once with what left, empty maps as well (D177). What it throws
  // or breaks, or a fetch that takes longer than fetch_time, is counted, and the diff or list goes out as it was
  // (D179).
  std::function<presence_map(const std::string& topic, presence_map)> fetch{};
  // Instead of `fetch`: for what is answered later, by the store.
  fetch_function fetch_later{};
  duration fetch_time = std::chrono::seconds{5};
  // fetch waits for something: each runs on a thread of its own.
  bool fetch_blocks = false;
  std::string dispatcher{};  // Of the pubsub system; empty: the default (D178).
  // After every diff: what changed, and all metas by key (D180). In the publisher's turn. What it throws is counted.
  std::function<void(const std::string& topic, const presence_diff&, const std::map<std::string, std::vector<json>>&)>
      handle_metas{};
  // Changes of one topic within this time go out as one diff: N joins cost N, not N² messages.
  duration batch = std::chrono::milliseconds{50};
};

/// What is wrong with them, with the values.
[[nodiscard]] result<void> check_presence_options(const presence_options& o);

/// Who answers what follows on this node, over restarts: a stable address.
[[nodiscard]] pid presence_on(const environment& env, std::string_view name);

/// Answered with json: what `presence_state` sends, {key: {"metas": [...], ...}, ...} (D176, D177); all that was
/// tracked here before the question is in it. Subscribe before you ask (D183); that, and every diff since, in any order
/// of arrival that the client allows, gives who is there (D182).
struct state_of {
  std::string topic;
};
/// Answered with json: {"metas": [...], ...}; null if nobody is there under it, and then fetch is not called (D177).
struct state_of_key {
  std::string topic;
  std::string key;
};

/// The supervisor of the fetches that run now: it answers supervision::which_children and count_children (D178).
[[nodiscard]] pid fetchers_on(const environment& env, std::string_view name);

/// A supervisor of the tracker, the fetches and the publisher. The node must run the pubsub system before it. Throws
/// std::invalid_argument with what `check_presence_options` says.
[[nodiscard]] supervision::child_spec child_presence(presence_options o);

// -- for views: how many are there --------------------------------------------------------------------------

inline constexpr duration count_interval_min = std::chrono::milliseconds{10};
// Of one presence on one node; one more is refused: `system_limit`.
inline constexpr std::size_t count_watches_max = 200'000;

struct count_watch_options {
  // It is told at most once in this time; after the last change the right number within twice this time.
  duration at_most_every = std::chrono::milliseconds{250};
  // Counts distinct values of this field of the metas, so that several tabs of one person count once (D184), a meta
  // without the field by its key. Empty: distinct keys. Not for trackers in mode `count`, which count entries.
  std::string distinct_by{};
};
struct count_changed {
  std::string topic;
  std::uint64_t count = 0;
};
/// From now on `who`, a process of this node, is cast `count_changed`: the present count at once, then what it becomes.
/// Ends with `unwatch_count` and with `who`; survives whatever of the presence is restarted. Another one of that
/// process for that topic replaces the first. Answered with nothing, or `crashed` with a text that begins with
/// `badarg:`, `nolocal:` or `system_limit:`; a cast will do.
///
///   cast(presence_on(env(), "presence"), watch_count{topic, self()});    handlers([](const count_changed& m) {...})
struct watch_count {
  std::string topic;
  pid who;
  count_watch_options options{};
};
struct unwatch_count {
  std::string topic;
  pid who;
};

// -- to look at ---------------------------------------------------------------------------------------------

/// Answered with presence_counters. Since the publisher was started last.
struct get_presence_counters {};
struct presence_counters {
  std::uint64_t diffs = 0;  // Published.
  std::uint64_t joins = 0;  // Metas in them.
  std::uint64_t leaves = 0;
  std::uint64_t fetch_failures = 0;  // Diffs and lists that went out as they were tracked.
  std::uint64_t metas_failures = 0;  // handle_metas threw.
  std::uint64_t refused = 0;         // Diffs that the pubsub system did not take.
  std::uint64_t counts_told = 0;
  std::uint64_t topics = 0;  // With somebody in them, or something to tell.
  std::uint64_t count_watches = 0;
  std::uint64_t fetches = 0;  // Running, and waiting.
};

}  // namespace beamline::presence
