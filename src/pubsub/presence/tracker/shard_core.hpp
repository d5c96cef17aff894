#pragma once

// One shard of a tracker without a process (D244): what comes in are calls of the API, ends of processes, frames of
// peers, links that come up and go down, and time; what goes out is said to a port.
//
//   this node                                       a peer
//     node_up, start   ── announce ──>               the same tracker? ── announce ──> back
//                      ── beat ──>                   behind? ── request ──> at once (D160)
//     every period     ── beat: changes, clocks ──>  merged; who is behind asks the most advanced (D154)
//     request          ── transfer, in parts ──>     merged; a replica that was met is shown now, in one diff (D159)
//     leave            ── permdown ──>               hidden and forgotten at once (D135)
//
// A replica that is met, or met again, is *being met* until its transfer is there, or for two periods: it is known but
// hidden, and an earlier run of it is still shown. Then all that is different is one diff.

#include "actors/peers.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "pubsub/presence/crdt/generations.hpp"
#include "pubsub/presence/crdt/state.hpp"
#include "pubsub/presence/tracker.hpp"
#include "pubsub/presence/tracker/diff_sum.hpp"
#include "pubsub/presence/tracker/ref_source.hpp"
#include "pubsub/presence/tracker/replica_table.hpp"
#include "pubsub/presence/tracker/shard_memory.hpp"
#include "pubsub/presence/tracker/transfers.hpp"
#include "pubsub/presence/tracker/wire.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace beamline::presence {

/// What the core does to the world; the shard process implements it.
class shard_port {
public:
  virtual ~shard_port() = default;
  /// To the shard of the same number there. False: the link took it not.
  virtual bool send(const std::string& node, bytes frame) = 0;
  /// What is listed has changed (D173).
  virtual void changed(const diff& d) = 0;
  virtual void replica_changed(const replica_id& r, std::string_view to, std::string_view why) = 0;
  /// `direction`: "asked", "served" or "merged".
  virtual void transferred(const std::string& node, std::string_view direction, std::size_t octets) = 0;
  /// For people: that peer runs another tracker of this name, and nothing is exchanged with it (D243).
  virtual void mismatch(const std::string& node, const std::string& what) = 0;
  /// For people: something that a peer sent was dropped.
  virtual void complain(const std::string& node, const std::string& what) = 0;
  /// For people: a replica's entries here were not those it has, at the same clock (D163).
  virtual void diverged(const replica_id& r) = 0;
  /// A function of the application threw.
  virtual void callback_failed(std::string_view which, const std::string& what) = 0;
};

/// Not thread-safe, but for its memory, which others may read.
class shard_core {
public:
  struct options {
    tracker_options tracker;
    std::size_t shard = 0;
    replica_id self;
    node_identity_ptr node;
    duration first_beat{};  // After its start (D127).
  };

  /// Goes on from what `memory` has of the run before.
  shard_core(options o, std::shared_ptr<shard_memory> memory, random_source& random, shard_port& port, time_point now);
  /// Publishes what is tracked here, and greets who is linked. Once, before anything else.
  void start(const std::vector<peer_info>& linked, time_point now);

  // -- api calls ------------------------------------------------------------------------------------------

  track_answer handle(const presence::track& m);
  track_answer handle(const presence::update& m);
  void handle(const presence::untrack& m);
  /// untrack_all, and the end of the process.
  void forget_actor(std::uint64_t actor);
  [[nodiscard]] bool has_actor(std::uint64_t actor) const { return memory_->own.has(actor); }
  [[nodiscard]] listing list(const std::string& topic) const;
  [[nodiscard]] listing by_key(const std::string& topic, const std::string& key) const;
  [[nodiscard]] std::uint64_t count(const std::string& topic) const { return memory_->board.count(topic); }
  [[nodiscard]] shard_status status() const;
  void note_callback_failure() { ++counters_.callback_failures; }

  // -- peers and time -------------------------------------------------------------------------------------

  void node_up(const peer_info& up, time_point now);
  void node_down(const peer_info& down, time_point now);
  void receive(const node_identity& from, const shard_frame& f, time_point now);
  void tick(time_point now);
  /// When `tick` is to be called next.
  [[nodiscard]] time_point next_due() const;
  /// The last that is sent (D135). From then on nothing is tracked, sent or heard.
  void leave();

private:
  struct peer {
    peer_info info;
    enum class agreement : std::uint8_t { unknown, same, other } is = agreement::unknown;
    replica_id met{};                   // Its run that was greeted.
    std::optional<time_point> asked{};  // When it was last asked to announce itself.
  };
  struct meeting {
    replica_id met;
    std::optional<replica_id> old{};        // An earlier run that is still shown.
    std::optional<std::uint64_t> target{};  // How much of it is known to exist; nothing: no beat has said it yet.
    time_point until{};
  };

  // shard_core.cpp
  void adopt(time_point now);
  [[nodiscard]] std::optional<track_answer> objection_to(const std::string& topic, const std::string& key,
                                                         const pid& who) const;
  [[nodiscard]] std::string name_of(const std::string& topic, const std::string& key, const pid& who) const;
  track_answer put(const entry_key& who, json meta, std::string ref);
  void erase(const entry_key& who);
  void member_changed(const entry_key& who, const meta_text& before, const meta_text& after);
  void count_changed(const std::string& topic);
  void flush_counts();

  // shard_core_board.cpp
  void publish();
  [[nodiscard]] std::uint64_t weight_of(const tracked& t) const;
  void touch(const tracked& t);
  void touch(const diff& d);
  void add_touched(topic_board::topic_update& u, const dot& at, const entry_key& who);
  void rebuild(const std::string& topic);
  void write(const std::string& topic, const topic_board::topic_update& u);
  [[nodiscard]] board_entry as_board_entry(const tracked& t);

  // shard_core_peers.cpp
  void handle(peer& p, const wire_announce& m, time_point now);
  void handle(peer& p, const wire_beat& m, time_point now);
  void handle(peer& p, const wire_request& m, time_point now);
  void handle(peer& p, const wire_transfer& m, time_point now);
  void handle(peer& p, const wire_permdown& m, time_point now);
  void announce(peer& p, bool wants_answer, time_point now);
  void greet(peer& p);
  [[nodiscard]] wire_beat plain_beat() const;
  void send_to_all(const shard_frame& f);
  void beat(time_point now);
  void ask(const transfers_wanted::wish& w);
  void want_transfer(const std::string& node, bool is_segment, time_point now);
  [[nodiscard]] clock_map known_clock() const;
  void compare(const wire_beat& m, const clock_map& clocks, time_point now);

  // shard_core_replicas.cpp
  bool note_alive(const replica_id& r, time_point now);
  void meet(const replica_id& r, const replica_table::heard_of& h, time_point now);
  void resume(const replica_table::past_run& newest, time_point now);
  [[nodiscard]] bool has_caught_up(const meeting& m) const;
  void finish_meeting(const std::string& name);
  void drop_meeting(const std::string& name);
  void merge_in(const delta& d);
  void show(const replica_id& r);
  void hide(const replica_id& r, std::string_view why);
  void forget(const replica_id& r, std::string_view why);
  void check_silence(time_point now);

  options options_;
  std::shared_ptr<shard_memory> memory_;
  shard_port& port_;
  ref_source refs_;
  state state_;
  generations generations_;
  clock_set pending_;
  replica_table replicas_;
  transfers_wanted wanted_;
  transfers_served served_;
  std::map<std::string, peer> peers_;
  std::map<std::string, meeting> meetings_;
  time_point beat_due_;
  int silent_periods_ = 0;
  int periods_ = 0;
  bool is_first_beat_ = true;
  bool has_left_ = false;
  shard_counters counters_;

  // Of one step.
  diff_sum sum_;
  std::map<std::string, topic_board::topic_update> updates_;
  // What of the board may differ from the state now: by topic.
  std::map<std::string, std::map<dot, entry_key>> touched_;
  std::set<std::string> rebuilds_;  // Of the first step only.
  bool is_clock_due_ = false;
  bool are_runs_due_ = false;
  std::map<replica_id, std::shared_ptr<const replica_id>> owners_;  // Known ones, shared by all entries on the board.

  // Of mode `count`.
  std::map<std::string, std::uint64_t> told_counts_;  // Of own members, as published.
  std::set<std::string> counts_due_;                  // Not told to the others yet.
};

}  // namespace beamline::presence
