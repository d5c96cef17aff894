#include "pubsub/presence/layer/metas_memory.hpp"

#include <algorithm>
#include <string_view>

namespace beamline::presence::layer {

namespace {

std::string_view ref_in(const json& meta) {
  const auto* ref = find_string(meta, "phx_ref");
  return ref != nullptr ? std::string_view{*ref} : std::string_view{};
}

/// The metas of a presence; none if it has none.
const json& metas_of(const json& presence) {
  static const json none = json::array();
  const auto* metas = find_array(presence, "metas");
  return metas != nullptr ? *metas : none;
}

}  // namespace

const metas_memory::metas_by_key& metas_memory::apply(const std::string& topic, const presence_map& joins,
                                                      const presence_map& leaves) {
  auto& keys = topics_[topic];
  for (const auto& [key, presence] : joins) {
    auto& known = keys[key];
    for (const auto& meta : metas_of(presence)) {
      auto same = std::find_if(known.begin(), known.end(), [&](const json& m) { return ref_in(m) == ref_in(meta); });
      if (same != known.end())
        *same = meta;
      else
        known.push_back(meta);
    }
    if (known.empty())
      keys.erase(key);
  }
  for (const auto& [key, presence] : leaves) {
    auto k = keys.find(key);
    if (k == keys.end())
      continue;
    for (const auto& meta : metas_of(presence))
      std::erase_if(k->second, [&](const json& m) { return ref_in(m) == ref_in(meta); });
    if (k->second.empty())
      keys.erase(k);
  }
  if (!keys.empty())
    return keys;
  topics_.erase(topic);
  return nobody_;
}

const metas_memory::metas_by_key& metas_memory::of(const std::string& topic) const {
  auto t = topics_.find(topic);
  return t == topics_.end() ? nobody_ : t->second;
}

}  // namespace beamline::presence::layer
