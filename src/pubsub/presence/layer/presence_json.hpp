#pragma once

#include "pubsub/presence/layer/topic_ledger.hpp"
#include "pubsub/presence/presence.hpp"

#include <string>
#include <vector>

namespace beamline::presence::layer {

// What the npm class `Presence` reads. Keys are plain data, `__proto__`, too; metas of a key stay in their order.
// Metas are JSON that the tracker wrote; other text throws std::logic_error.

/// {key: {"metas": [...]}}
[[nodiscard]] presence_map to_presences(const std::vector<meta_change>& metas);
/// An object of them.
[[nodiscard]] json to_object(const presence_map& presences);
/// {"joins": {...}, "leaves": {...}}, both always there: the client throws of one that is missing.
[[nodiscard]] presence_diff to_diff(const std::string& topic, const presence_map& joins, const presence_map& leaves);

/// `fetched`, but as `asked` where fetch did not keep what it must (D177): keys, "metas", and their refs in order. Keys
/// that nobody asked for are dropped. `is_intact` becomes false when something of that was mended.
[[nodiscard]] presence_map keep_promises(const presence_map& asked, presence_map fetched, bool& is_intact);

}  // namespace beamline::presence::layer
