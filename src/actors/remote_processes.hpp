#pragma once

#include "actors/call.hpp"
#include "actors/environment.hpp"
#include "actors/peers.hpp"
#include "actors/pid.hpp"
#include "actors/reason.hpp"
#include "actors/remote_signals.hpp"
#include "actors/timers.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caf {
class actor_system;
}

namespace beamline {

class message_contract;
class process_table;

/// Processes of other nodes, as those of this node see them: casts, exits, monitors and calls that cross, in one stream
/// per sender (D59-D65). One of each per node; thread-safe.
///
///   process            remote_processes          peers, links          remote_processes          process
///   cast, exit    -->  encode                -->  signal ... receive -->  decode             -->  mailbox
///   watch, call   -->  an entry, encode      -->                     -->  watched in the table
///   down, outcome <--  the entry goes        <--                     <--  its end, its answer
///
/// Below it is `peers::signal`; what arrives and which nodes are linked is told by whoever implements `peers`:
///   linked -> receive ... -> unlinked, in this order per connection; `receive` of one peer by one thread at a time.
///
/// Addresses are values: reading one creates nothing (D69). One of an earlier run of a linked node, or of this one, is
/// dead: what is sent to it vanishes, and watching it tells `noproc` (D7). A node that is not linked is not dialled:
/// `noconnection` (D30).
///
/// A full lane (`busy`) loses casts and fails calls at once. Exits, watches, answers and DOWNs wait here until there is
/// room again; while any of them waits nothing overtakes it: casts are lost and calls fail as before (DS5, D61).
///
/// Locks: one, and it is held for no call that leads out: not while signalling, delivering, encoding or logging.
class remote_processes {
public:
  // Watches and calls towards one peer together. One more: the watch fires `noconnection`, the call fails `busy`.
  static constexpr std::size_t entries_per_peer_max = 1U << 18;
  // Of a peer's watches here, and of its calls. It keeps the limit above itself, but gives up entries before we learn
  // of it. One more call fails `busy`; one more watch is a mistake in the protocol and ends the link.
  static constexpr std::size_t served_per_peer_max = 2 * entries_per_peer_max;
  // What waits for room in the lane to one peer. Beyond it an exit or unwatch is lost, a watch fires `noconnection`, an
  // answer becomes `busy`; a DOWN still waits: there are no more than watches.
  static constexpr std::size_t backlog_signals_max = 1U << 16;
  static constexpr std::size_t backlog_octets_max = 16U << 20;
  static constexpr duration backlog_retry = std::chrono::milliseconds{5};

  /// The system is the node's, for the addresses of calls that came from elsewhere.
  remote_processes(environment& env, process_table& table, const message_contract& contract, caf::actor_system& system);
  ~remote_processes();
  remote_processes(const remote_processes&) = delete;
  remote_processes& operator=(const remote_processes&) = delete;

  // -- of the processes here -----------------------------------------------------------------

  /// `encoded`: name on the wire and message. Lost when the node is away or its lane is full, as `cast` says.
  void cast(std::uint64_t from, const pid& to, std::string_view name, std::string_view encoded);
  /// `from` 0: the node itself.
  void exit(std::uint64_t from, const pid& to, const reason& why);
  /// `watcher` is cast exactly one down_signal{ref} (I8), unless it unwatches before.
  void watch(std::uint64_t watcher, std::uint64_t ref, const pid& target);
  void unwatch(std::uint64_t watcher, std::uint64_t ref);
  /// `caller` is cast exactly one call_finished{ref}, unless `forget_call` comes first (it timed out or ended).
  /// `within` travels: a callee does not begin what nobody waits for any more (D86).
  void call(std::uint64_t caller, std::uint64_t ref, const pid& to, const caf::message& m, duration within);
  void forget_call(std::uint64_t caller, std::uint64_t ref);
  /// That process has ended: nothing of it waits any more.
  void forget(std::uint64_t process);

  // -- of the links ---------------------------------------------------------------------------

  /// Before anything of that connection arrives. `disabled`: names of messages that cannot be exchanged with it.
  void linked(const node_identity& peer, std::vector<std::string> disabled);
  /// Everything that waits for it fails: `noconnection` (D64), in the order it was begun. Before node_down is told
  /// (D52).
  void unlinked(const node_identity& peer);
  /// What `peers::signal` was given at the far end. Error: it cannot be read, or breaks the protocol; the link is to be
  /// closed (D68). A message type that this node does not know, a message that cannot be read as what it is called, and
  /// a signal of a later release are dropped and counted, and no error. Nothing happens unless that peer is linked.
  result<void> receive(const node_identity& from, std::string_view encoded);

  // -- of the processes that serve others -------------------------------------------------------

  /// A call of another node that was parked at a name has got to its owner. False: nobody waits for it any more.
  [[nodiscard]] bool note_taken(std::uint64_t ref, std::uint64_t callee);
  /// That message is a call of another node whose time is up; it has been counted and is to be dropped.
  [[nodiscard]] bool is_overdue(const caf::mailbox_element& m) {
    return m.sender != nullptr && m.sender == gate_ && m.mid.is_request()
        && drop_if_overdue(m.mid.request_id().integer_value());
  }
  /// The answer of a process here to a call of another node.
  void answer(caf::mailbox_element& m);

  /// What waits for other nodes, and what they wait for here; both are 0 when all is quiet (I12).
  struct counters {
    std::size_t waits = 0;   // Watches and calls of processes here.
    std::size_t served = 0;  // Watches and calls of others.
    std::size_t backlog = 0;
  };
  [[nodiscard]] counters count() const;

  /// Nothing is sent from now on: the node goes.
  void close();

private:
  // Of one watch or call: its process and its number, both of the node that makes it.
  struct key {
    std::uint64_t process = 0;
    std::uint64_t ref = 0;
    friend auto operator<=>(const key&, const key&) = default;
  };
  enum class kind : std::uint8_t { watch, call };

  struct delayed {
    std::uint64_t flow;
    bytes encoded;
  };

  /// One connection. What belongs to an earlier one of the same peer has another object, which is not up.
  struct link {
    node_identity_ptr peer;
    std::set<std::string, std::less<>> disabled;
    bool is_up = true;
    std::map<key, kind> waits;             // Of processes here.
    std::map<key, std::uint64_t> watched;  // Of the peer's: our number of each watch.
    std::set<std::uint64_t> calls;         // Our numbers of the calls of the peer's.
    std::deque<delayed> backlog;
    std::size_t backlog_octets = 0;
    timer_id retry;
    std::uint64_t dropped = 0, overdue = 0;  // So far.
  };
  using link_ptr = std::shared_ptr<link>;

  /// Somebody on another node who watches a process here, or has called it.
  struct service {
    link_ptr from;
    kind what;
    key far;
    std::uint64_t target = 0;  // 0: not known yet, it is parked at a name.
    time_point deadline{};
  };

  /// Where something for `to` goes, or why it cannot.
  struct way {
    link_ptr over;  // Null: see `why`.
    call_error::kind why = call_error::kind::noconnection;
  };
  enum class urgency : std::uint8_t { droppable, kept, answer };

  // What leaves.
  [[nodiscard]] way find_way(const pid& to) const;
  [[nodiscard]] way begin(key k, kind what, const pid& to);
  [[nodiscard]] bool take_wait(const link_ptr& l, key k, kind what);
  result<void> pass(const link_ptr& l, std::uint64_t flow, const remote::signal& s, urgency u);
  result<void> delay(const link_ptr& l, std::uint64_t flow, bytes encoded, urgency u);
  void retry_later(const link_ptr& l);
  void drain(const link_ptr& l);
  void finish(key caller, call_result r);
  void tell_down(key watcher, const reason& why);
  void note_drop(const link_ptr& l, std::string_view what, std::string_view why);

  // What arrives.
  struct receiver;
  [[nodiscard]] link_ptr link_of(const node_identity& peer) const;
  [[nodiscard]] std::uint64_t resolve(const remote::address& a) const;
  [[nodiscard]] result<caf::message> read(const link_ptr& l, const remote::content& c);
  [[nodiscard]] std::optional<service> take_service(std::uint64_t ref);
  void fail(const service& s, const call_error& why);
  void note_end(std::uint64_t target, std::uint64_t ref, const reason& why);
  [[nodiscard]] bool drop_if_overdue(std::uint64_t ref);

  environment& env_;
  process_table& table_;
  const message_contract& contract_;
  caf::strong_actor_ptr gate_;  // The sender of calls that came from elsewhere.
  mutable std::mutex mutex_;    // Guards what follows, and what is in the links.
  std::map<std::string, link_ptr, std::less<>> links_;
  std::unordered_map<std::uint64_t, service> services_;  // By our number; looked up only.
  bool is_closed_ = false;
};

}  // namespace beamline
