#pragma once

#include "base/json.hpp"
#include "pubsub/presence/presence.hpp"

#include <map>
#include <string>
#include <vector>

namespace beamline::presence::layer {

/// What handle_metas is told beside the diff: all metas by key, as fetched, kept by the diffs that were published
/// (D180). A value; pure.
class metas_memory {
public:
  using metas_by_key = std::map<std::string, std::vector<json>>;

  /// Joins first: a known ref is replaced, a new one appended. Then leaves, by phx_ref (D181). Keys without metas, and
  /// topics without keys, are forgotten; the reference is valid until the next call.
  const metas_by_key& apply(const std::string& topic, const presence_map& joins, const presence_map& leaves);
  /// Of a topic that nobody ever left or joined: nothing.
  [[nodiscard]] const metas_by_key& of(const std::string& topic) const;

private:
  std::map<std::string, metas_by_key> topics_;
  metas_by_key nobody_;
};

}  // namespace beamline::presence::layer
