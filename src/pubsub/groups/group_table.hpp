#pragma once

#include "actors/peers.hpp"
#include "actors/pid.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::pubsub::groups {

/// Ids of processes of one node, each as often as it is a member.
using member_ids = std::vector<std::uint64_t>;
/// Groups by name, and who is in them.
using memberships = std::map<std::string, member_ids>;

/// Members that came to a group, or left it, together.
struct group_change {
  bool is_join = false;
  std::string group;
  std::vector<pid> members;  // Each as often as it came or left.

  friend bool operator==(const group_change&, const group_change&) = default;
};

/// Who is in which group, as one node knows it: its own members and those its peers told of.
///
/// One writer, the scope process; reads from any thread, under a lock that nobody holds longer than one change takes.
/// Groups exist while they have members (D92). Every change says what it did, so that monitors can be told exactly
/// that.
class group_table {
public:
  explicit group_table(node_identity_ptr self) : self_{std::move(self)} {}

  [[nodiscard]] const node_identity_ptr& self() const noexcept { return self_; }

  // -- own members ----------------------------------------------------------------------------

  /// Each as often as it is in `ids` (D91). Errors: `too_large`, and then nobody joined.
  [[nodiscard]] result<void> join(const std::string& group, const member_ids& ids);
  /// Takes one membership per occurrence; returns those that were there.
  member_ids leave(const std::string& group, const member_ids& ids);
  /// All memberships of a process that has ended (D94).
  memberships forget(std::uint64_t id);
  [[nodiscard]] bool is_member(std::uint64_t id) const;

  /// Own memberships of the groups whose names come after `after`, so many that they take about `octets` to send, one
  /// group at least; true: these were the last.
  [[nodiscard]] std::pair<memberships, bool> part_after(std::string_view after, std::size_t octets) const;

  // -- members of peers -------------------------------------------------------------------------

  /// Told over this connection; without it nobody of them is returned any more, see `linked` below.
  void add_peer(const peer_info& peer);
  /// Changes: only what is different afterwards (D101). Beyond memberships_max of one peer nothing is added; false
  /// then.
  bool add(const std::string& peer_name, const memberships& more, std::vector<group_change>& changes);
  void remove(const std::string& peer_name, const memberships& gone, std::vector<group_change>& changes);
  /// What the peer has in the groups after `after` up to `upto` (empty: to the end), and nothing else.
  bool replace(const std::string& peer_name, std::string_view after, std::string_view upto, const memberships& all,
               std::vector<group_change>& changes);
  /// All of that peer's.
  void clear(const std::string& peer_name, std::vector<group_change>& changes);
  /// After its members: they refer to it.
  void remove_peer(const std::string& peer_name);

  // -- reading ------------------------------------------------------------------------------------

  /// With multiplicity, the own ones first. `linked`: what `peers::list()` says; members of peers that are not there,
  /// or over another connection, are left out: they are as good as gone already (I16).
  [[nodiscard]] std::vector<pid> members(const std::string& group, const std::vector<peer_info>& linked) const;
  [[nodiscard]] std::vector<pid> local_members(const std::string& group) const;
  /// By name.
  [[nodiscard]] std::vector<std::string> names(const std::vector<peer_info>& linked) const;
  [[nodiscard]] std::vector<std::string> local_names() const;

  /// What was told to monitors so far: everybody, whoever is linked.
  [[nodiscard]] std::vector<pid> told_members(const std::string& group) const;
  [[nodiscard]] std::map<std::string, std::vector<pid>> told() const;

private:
  using counts = std::map<std::uint64_t, std::uint32_t>;  // Multiplicity by id.

  struct group {
    counts own;
    std::size_t own_total = 0;               // With multiplicity.
    std::map<std::string, counts> of_peers;  // By name of the node; none is empty.
  };
  struct peer {
    node_identity_ptr identity;
    std::uint64_t connection = 0;
    std::size_t memberships = 0;
    std::set<std::string> groups;
  };
  using group_list = std::map<std::string, group, std::less<>>;

  static void append(std::vector<pid>& out, const node_identity_ptr& node, const counts& c);
  [[nodiscard]] static bool is_linked(const peer& p, const std::vector<peer_info>& linked);
  void erase_if_empty(group_list::iterator g);
  static bool add_to(const std::string& peer_name, peer& p, const std::string& name, group& g, const member_ids& ids,
                     std::vector<group_change>& changes);
  void drop(const std::string& peer_name, peer& p, const std::string& name, std::vector<group_change>& changes);

  node_identity_ptr self_;
  mutable std::shared_mutex mutex_;  // Guards what follows; the writer reads without it.
  group_list groups_;
  std::map<std::string, peer> peers_;
  std::map<std::uint64_t, std::set<std::string>> groups_of_;  // Of own members.
  std::size_t own_memberships_ = 0;
};

}  // namespace beamline::pubsub::groups
