#pragma once

// How the scopes of one name on several nodes agree on their members (D95-D101), without a process: what comes in is
// said by calls, what goes out by a port.
//
//   this node                                   a peer
//     node_up        ── discover ──>             unknown scope? ── discover ──> back, so that both know each other
//                    <── sync, sync ... ──       all its memberships, in ranges of groups, each about sync_octets long
//     join, leave    ── update ──>               to whom the group was synced already; the others get it with the sync
//     scope ends     ── goodbye ──>              all members of that run of it leave
//
// Messages to one peer are numbered. One that comes twice is ignored, a gap makes the receiver ask anew (`discover`),
// so nothing has to be perfect below: a message the link has no room for is followed by a new sync, of which monitors
// see only the differences.
//
// All goes by the lane `presence`: membership must not end a link by an overflow (`control`), nor wait with calls
// (`rpc`), nor be dropped unseen (`broadcast`); here it is refused when the lane is full, and sent again as a sync.
// Only `goodbye` goes by `control`: it cannot be repeated, and may overtake what the scope said before.

#include "actors/peers.hpp"
#include "base/time.hpp"
#include "pubsub/groups/group_table.hpp"
#include "pubsub/groups/wire.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beamline::pubsub::groups {

// A sync or an update is split into messages of about this size, so that they share the link with others.
inline constexpr std::size_t sync_octets = 64U << 10;
// So many of them to one peer before others get a turn.
inline constexpr std::size_t sync_parts_per_turn = 8;
// After the link had no room.
inline constexpr duration sync_retry = std::chrono::milliseconds{100};

/// What the core does to the world; the scope process implements it.
class group_port {
public:
  virtual ~group_port() = default;
  /// False: the link took it not.
  virtual bool send(const std::string& node, lane where, const wire_group_message& m) = 0;
  /// The monitors are to be told.
  virtual void changed(const group_change& c) = 0;
  /// Calls group_core::flush, not before this call has returned.
  virtual void flush_after(duration d) = 0;
  /// For people: something that a peer said was dropped.
  virtual void complain(const std::string& node, const std::string& what) = 0;
};

/// Not thread-safe, but for its table, which others may read.
class group_core {
public:
  /// `scope`: which run of the scope this is; greater than that of every earlier one of this node.
  group_core(std::uint64_t scope, std::shared_ptr<group_table> table, group_port& port)
      : scope_{scope}, table_{std::move(table)}, port_{port} {}

  // -- own members; the errors begin with the word that callers may tell them apart by -----------

  /// Errors: `system_limit: ...`
  result<void> join(const std::string& group, const member_ids& ids);
  /// False: none of them was a member (`not_joined`).
  bool leave(const std::string& group, const member_ids& ids);
  void member_ended(std::uint64_t id);

  // -- peers --------------------------------------------------------------------------------------

  void node_up(const peer_info& peer);
  void node_down(const peer_info& peer);
  void receive(const node_identity& from, const wire_group_message& m);
  void flush();
  /// Tells all peers that it ends.
  void goodbye();

  [[nodiscard]] const group_table& table() const noexcept { return *table_; }

private:
  struct peer {
    peer_info info;
    // What is known of its scope.
    std::uint64_t scope = 0;     // Its run; 0: none that lives.
    std::uint64_t ended = 0;     // The newest run of which it is known that it has ended.
    std::uint64_t heard = 0;     // The number of its last message; 0: none since the last `discover`.
    bool is_asked = false;       // It was sent a `discover` that it has not answered yet.
    bool owes_discover = false;  // It is to be sent one.
    // What it knows of this one.
    enum class knows : std::uint8_t { nothing, part, all } what = knows::nothing;
    bool wants_sync = false;  // From the beginning.
    std::string upto;         // With `part`: it knows the groups up to this one.
    std::uint64_t sent = 0;   // The number of the last message to it.
  };
  using peer_list = std::map<std::string, peer>;

  void handle(peer& p, const wire_discover& m);
  void handle(peer& p, const wire_sync& m);
  void handle(peer& p, const wire_update& m);
  void handle(peer& p, const wire_goodbye& m);
  /// The scope of that peer which is spoken of is the one that is known, or becomes it; false: it is an earlier one.
  bool meet(peer& p, std::uint64_t scope);
  bool is_next(peer& p, std::uint64_t sequence, bool may_skip);
  void ask(peer& p);
  void forget_scope(peer& p);

  void push(bool is_join, const memberships& m);
  void push_to(peer& p, bool is_join, const memberships& m);
  bool sync(peer& p);
  void want_flush(duration d);
  void tell(std::vector<group_change> changes);

  std::uint64_t scope_;
  std::shared_ptr<group_table> table_;
  group_port& port_;
  peer_list peers_;
  bool is_flush_due_ = false;
};

}  // namespace beamline::pubsub::groups
