#pragma once

// Who is present in which topic, on all nodes that run the same tracker: Phoenix.Tracker's semantics (D124-D175).
//
//   trackers list;  node.env().provide(list);                                               once per node
//   ... presence::child_tracker({.name = "presence"}) ...                                   in its tree
//
//   auto shard = presence::shard_of(env(), "presence", topic);
//   call<track_answer>(shard, track{topic, visitor, json{{"tab", 1}}, self()}, 5s)
//   call<listing>(shard, list_topic{topic}, 5s)                 presence::dirty_list(env(), "presence", topic)  at once
//
// An entry is (topic, process, key) with a meta; it ends with `untrack`, with its process (D170), and with its node,
// after a grace (D132-D134). Only processes of this node are tracked here (D147: `not_owner`). A shard that crashes
// takes no tracked process along and loses none (D171). A tracker that ends in order, or for good, forgets all that was
// tracked here: who wants to be in it when it is started anew watches it, its shard or `presence_on`, and tracks itself
// again; channels do so by themselves.
//
// Mode `members` lists everybody. Mode `count` knows, and sends, only how many each node has per topic: for huge topics
// (D241); there `key` and meta are kept, and listed, on the own node only, and N joins in one period cost one message.
//
// What other nodes see, at the defaults (D129, D132, D160; period = broadcast_period):
//   track, update, untrack, end of a process    within 1.5 s; here at once
//   a node that dies, or is cut off             its entries leave 5 s after its node_down; unset: 13.5 to 31.5 s later
//   it is back within that time                 nothing at all
//   it is back later                            its entries join two round trips after node_up, in one diff with all
//                                               that changed meanwhile; at the latest two periods and two round trips
//   the shard crashes, here or there            nothing at all
//   a node that leaves gracefully               at once
//
// Needs of the node: `trackers`, a supervision::partition_directory, and use_peers for more than itself.

#include "actors/environment.hpp"
#include "actors/pid.hpp"
#include "actors/process.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "pubsub/presence/crdt/clock.hpp"
#include "pubsub/presence/crdt/entry.hpp"
#include "pubsub/presence/tracker/trackers.hpp"
#include "supervision/child_spec.hpp"

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::presence {

/// For functions of the application that run in a shard.
class shard_view {
public:
  virtual ~shard_view() = default;
  [[nodiscard]] virtual std::size_t index() const = 0;  // Which shard it is.
  [[nodiscard]] virtual std::vector<tracked> list(const std::string& topic) const = 0;
  [[nodiscard]] virtual std::uint64_t count(const std::string& topic) const = 0;
};

struct tracker_options {
  std::string name = "presence";  // 1 to 48 octets.
  tracker_mode mode = tracker_mode::members;
  // The same on all nodes; another number is told loudly, and such peers exchange nothing (D243).
  std::size_t shards = 1;
  duration broadcast_period = std::chrono::milliseconds{1500};
  int silent_periods_max = 10;  // So many periods without a change pass without a beat (D128).
  duration down_period = std::chrono::seconds{30};
  duration permdown_period = std::chrono::minutes{20};
  int clock_sample_periods = 2;
  std::vector<std::size_t> delta_sizes_max{100, 1'000, 10'000};
  // After a node_down its entries are hidden so much later; unset: when nothing was heard for down_period (D133).
  std::optional<duration> nodedown_grace = std::chrono::seconds{5};
  bool leaves_on_shutdown = false;  // D135.
  // Own entries of one shard; one more is answered `system_limit`.
  std::size_t entries_max = 1'000'000;
  // Told of every change on this node, in the shard's turn, batched as it came (D173): folded from the first one on
  // they are what is listed, also when the shard is restarted. In mode `count` an entry without key and process stands
  // for a node, and its meta is how many it has. What it throws is counted.
  std::function<void(const diff&)> on_diff{};
  // Handed every `tracker_info` that a shard is cast (D175). What it throws is counted.
  std::function<void(const std::any& what, const shard_view& here)> on_info{};
};

/// What is wrong with them, with the values (D126, SH1, SH2).
[[nodiscard]] result<void> check_tracker_options(const tracker_options& o);

inline constexpr std::size_t presence_key_octets_max = 255;
inline constexpr std::size_t meta_octets_max = 16 * 1024;

// -- what a shard answers -------------------------------------------------------------------------------

struct track {
  std::string topic;
  std::string key;
  json meta;  // An object; phx_ref is added.
  pid who;
};
struct update {
  std::string topic;
  std::string key;
  std::function<json(const json& old)> change;  // Fast: it runs in the shard. A throw is answered, and changes nothing.
  pid who;
};
struct untrack {
  std::string topic;
  std::string key;
  pid who;
};
/// From all topics of that shard; `untrack_everywhere` reaches all shards.
struct untrack_all {
  pid who;
};

/// The ref, or what was wrong.
struct track_answer {
  enum class kind : std::uint8_t { ok, already_tracked, nopresence, not_owner, invalid, system_limit };
  kind what = kind::ok;
  std::string ref{};
  std::string detail{};  // Of an error: names topic, key, process, limit.
  [[nodiscard]] bool ok() const noexcept { return what == kind::ok; }
};

struct list_topic {
  std::string topic;
};
struct get_by_key {
  std::string topic;
  std::string key;
};
/// Answered after all that came before (D169).
struct listing {
  std::vector<tracked> entries;  // By key, then as tracked.
};
/// Of a tracker in mode `count`, and of one in mode `members` the number of its entries.
struct count_topic {
  std::string topic;
};
struct topic_count {
  std::uint64_t count = 0;
};
/// Says goodbye to the other replicas, and is the last that the shard sends (D135): they hide and forget its entries at
/// once. From then on it tracks nobody, and hears nobody.
struct leave_gracefully {};
/// For tracker_options::on_info.
struct tracker_info {
  std::any what;
};

/// What a shard has done since it was started.
struct shard_counters {
  std::uint64_t changed_beats = 0;
  std::uint64_t empty_beats = 0;
  std::uint64_t requests = 0;  // For transfers.
  std::uint64_t transfers_served = 0;
  std::uint64_t transfers_merged = 0;
  std::uint64_t shown_early = 0;  // Replicas that were shown before all of their transfer was there (D159).
  std::uint64_t diffs = 0;
  std::uint64_t board_writes = 0;  // Entries put where `dirty_list` reads them, or taken off.
  std::uint64_t divergences = 0;   // At equal clocks (D163).
  std::uint64_t callback_failures = 0;
};
/// Answered with shard_status.
struct get_shard_status {};
struct shard_status {
  struct replica {
    replica_id id;
    bool is_up = false;
    bool is_being_met = false;  // Heard, and shown as soon as its transfer is there.
  };
  replica_id self;
  std::vector<replica> replicas;  // Of other nodes, by name.
  std::size_t own = 0;            // Entries tracked here.
  std::size_t entries = 0;        // Of all replicas, those that are down included; of mode `count` numbers per topic.
  std::size_t clouds = 0;
  clock_map clocks;
  shard_counters counters;
};

// -- from any thread, at once -----------------------------------------------------------------------------

/// Who answers for a topic, by name: while it is being restarted calls and casts wait for it. Throws std::logic_error
/// when no such tracker runs.
[[nodiscard]] pid shard_of(const environment& env, std::string_view tracker, std::string_view topic);
[[nodiscard]] std::vector<pid> shards_of(const environment& env, std::string_view tracker);
/// What was last published of a topic: entries of replicas that are down as well (D169). No waiting, no locks held
/// long.
[[nodiscard]] std::vector<tracked> dirty_list(const environment& env, std::string_view tracker, std::string_view topic);
/// What count_topic was when it was last published: without replicas that are down.
[[nodiscard]] std::uint64_t dirty_count(const environment& env, std::string_view tracker, std::string_view topic);

/// From all topics of all shards: casts `untrack_all` in the name of `from`.
void untrack_everywhere(process& from, std::string_view tracker, const pid& who);

/// A supervisor of the registrations and a partition supervisor of the shards. Throws std::invalid_argument with what
/// `check_tracker_options` says.
[[nodiscard]] supervision::child_spec child_tracker(tracker_options o);

}  // namespace beamline::presence
