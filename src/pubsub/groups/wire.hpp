#pragma once

// What the scopes of two nodes tell each other: one kind octet, then the message. Everything goes by the lane
// `presence` and in order, but for `goodbye`, see group_core.hpp.
//
//   discover   here is a scope, tell it your memberships
//   sync       the sender's memberships in a range of groups, all of them; the first of a sequence says so
//   update     memberships that came or went since
//   goodbye    that scope has ended
//
// Members are ids: a node speaks for its own processes only.

#include "actors/message_codec.hpp"
#include "pubsub/groups/group_table.hpp"

#include <cstdint>
#include <string>
#include <variant>

namespace beamline::pubsub::groups {

/// Version 2 and later may append fields, which this one skips (PG21).
struct wire_discover {
  std::uint64_t scope = 0;  // Which run of the scope; grows from run to run of one node.
  BEAMLINE_MESSAGE(wire_discover, "pg.discover", 1, scope)
};

struct wire_sync {
  std::uint64_t scope = 0;
  std::uint64_t sequence = 0;  // Of `sync` and `update` together, per receiver and connection.
  bool is_first = false;
  std::string after;  // The range begins behind this name ...
  std::string upto;   // ... and ends with this; empty: with the last of all.
  memberships members;
  BEAMLINE_MESSAGE(wire_sync, "pg.sync", 1, scope, sequence, is_first, after, upto, members)
};

struct wire_update {
  std::uint64_t scope = 0;
  std::uint64_t sequence = 0;
  bool is_join = false;
  memberships members;
  BEAMLINE_MESSAGE(wire_update, "pg.update", 1, scope, sequence, is_join, members)
};

struct wire_goodbye {
  std::uint64_t scope = 0;
  BEAMLINE_MESSAGE(wire_goodbye, "pg.goodbye", 1, scope)
};

using wire_group_message = std::variant<wire_discover, wire_sync, wire_update, wire_goodbye>;

[[nodiscard]] bytes encode_group_message(const wire_group_message& m);
/// Errors: `invalid`, `too_large`; `unsupported` for a kind of a newer release.
[[nodiscard]] result<wire_group_message> decode_group_message(std::string_view octets);

}  // namespace beamline::pubsub::groups
