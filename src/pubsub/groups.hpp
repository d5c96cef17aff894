#pragma once

// Process groups, as Erlang's `pg` means them: names for sets of processes, known on every linked node.
//
//   node.env().provide(scopes);  ... child<groups::scope>("pg", std::string{groups::default_scope}) ...   once per node
//
//   call<void>(groups::scope_on(env()), groups::join{"workers", {self()}}, 5s)
//   for (const auto& worker : groups::get_members(env(), "workers"))
//     cast(worker, job);
//   call<groups::monitored>(groups::scope_on(env()), groups::monitor{"workers", self()}, 5s)   then cast joined and
//   left
//
// A scope is a process per node and an overlay of its own: groups of different scopes never mix (D90). While it does
// not run, reads find nothing and writes fail with `noproc`.
//
// What holds: only processes of this node can join here (D91); a membership is seen here when `join` is answered, and
// on linked nodes soon after (D93); it ends with `leave`, with its process, with the link to its node, and with the
// scope (D94, D97, D100). Members are known of directly linked nodes only (D98). When all is quiet, every node sees the
// union of what those linked with it have, with multiplicity (I14). Reads never return a member of a node for which
// `node_down` was told (I16): they are held against `peers::list()`. Monitors are told in the order of the changes.
//
// A refusal is `crashed` with a custom reason whose text begins with one word: `nolocal: ...`, `badarg: ...`,
// `not_joined: ...` or `system_limit: ...` (limits.hpp).

#include "actors/environment.hpp"
#include "actors/pid.hpp"
#include "pubsub/groups/scope_list.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::pubsub::groups {

inline constexpr std::string_view default_scope = "pg";

/// The scope process of that name on this node.
[[nodiscard]] pid scope_on(const environment& env, std::string_view scope = default_scope);

// -- what a scope answers ---------------------------------------------------------------------------

/// Every process once per occurrence; all of them or, on a refusal, none. Twice is two memberships (D91).
struct join {
  std::string group;
  std::vector<pid> members;
};

/// Takes one membership per occurrence. `not_joined` when none of them was a member.
struct leave {
  std::string group;
  std::vector<pid> members;
};

/// From now on `who`, a process of this node, is cast `joined` and `left` of the group. Answered with `monitored`,
/// whose members are those before the first of these (D99). Ends with `demonitor` and with `who`.
struct monitor {
  std::string group;
  pid who;
};
struct monitored {
  std::uint64_t ref = 0;
  std::vector<pid> members;
};

/// The same for all groups of the scope. Answered with `scope_monitored`.
struct monitor_scope {
  pid who;
};
struct scope_monitored {
  std::uint64_t ref = 0;
  std::map<std::string, std::vector<pid>> members;
};

/// Answered with bool: whether there was such a monitor. What it was to be told is in the mailbox before the answer.
struct demonitor {
  std::uint64_t ref = 0;
};

/// What monitors are cast; members with multiplicity.
struct joined {
  std::uint64_t ref = 0;
  std::string group;
  std::vector<pid> members;
};
struct left {
  std::uint64_t ref = 0;
  std::string group;
  std::vector<pid> members;
};

// -- reading, from any thread, at once ------------------------------------------------------------------
// The node must have been given a scope_list, else std::logic_error.

/// Of this node and all linked ones, with multiplicity, in no order that means anything.
[[nodiscard]] std::vector<pid> get_members(const environment& env, const std::string& group,
                                           std::string_view scope = default_scope);
[[nodiscard]] std::vector<pid> get_local_members(const environment& env, const std::string& group,
                                                 std::string_view scope = default_scope);
/// Groups with members, by name.
[[nodiscard]] std::vector<std::string> which_groups(const environment& env, std::string_view scope = default_scope);
[[nodiscard]] std::vector<std::string> which_local_groups(const environment& env,
                                                          std::string_view scope = default_scope);

}  // namespace beamline::pubsub::groups
