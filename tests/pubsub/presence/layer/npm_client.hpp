#pragma once

// The class `Presence` of npm phoenix 1.7, line by line, for the fold of what a browser is sent: what it knows is what
// a user sees.

#include "base/json.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace beamline::presence::test {

class npm_client {
public:
  /// key -> {"metas": [...], ...}
  using state = std::map<std::string, json>;

  /// `presence_state`, with what was queued until it came (D182).
  void sync_state(const json& full) {
    auto joins = json::object();
    auto leaves = json::object();
    for (const auto& [key, presence] : state_)
      if (!full.contains(key))
        leaves[key] = presence;
    for (const auto& [key, presence] : full.items()) {
      auto current = state_.find(key);
      if (current == state_.end()) {
        joins[key] = presence;
        continue;
      }
      auto new_refs = refs(presence);
      auto cur_refs = refs(current->second);
      auto joined = filtered(presence, [&](const std::string& r) { return !has(cur_refs, r); });
      auto left = filtered(current->second, [&](const std::string& r) { return !has(new_refs, r); });
      if (!joined["metas"].empty())
        joins[key] = joined;
      if (!left["metas"].empty())
        leaves[key] = left;
    }
    apply(joins, leaves);
    has_state_ = true;
    for (const auto& d : queued_)
      apply(d.at("joins"), d.at("leaves"));
    queued_.clear();
  }

  /// `presence_diff`.
  void sync_diff(const json& diff) {
    if (has_state_)
      apply(diff.at("joins"), diff.at("leaves"));
    else
      queued_.push_back(diff);
  }

  [[nodiscard]] const state& list() const { return state_; }
  /// The refs of each key, sorted: what it shows, but for the order.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> shown() const {
    std::map<std::string, std::vector<std::string>> all;
    for (const auto& [key, presence] : state_) {
      all[key] = refs(presence);
      std::sort(all[key].begin(), all[key].end());
    }
    return all;
  }
  /// "+key" of a key that was not there, "-key" of one that is not there any more.
  std::vector<std::string> seen;

private:
  void apply(const json& joins, const json& leaves) {
    for (const auto& [key, joined] : joins.items()) {
      auto now = joined;
      if (auto current = state_.find(key); current != state_.end()) {
        auto joined_refs = refs(joined);
        auto kept = filtered(current->second, [&](const std::string& r) { return !has(joined_refs, r); })["metas"];
        for (const auto& m : joined.at("metas"))
          kept.push_back(m);
        now["metas"] = kept;
      } else {
        seen.push_back("+" + key);
      }
      state_[key] = now;
    }
    for (const auto& [key, left] : leaves.items()) {
      auto current = state_.find(key);
      if (current == state_.end())
        continue;
      auto gone = refs(left);
      current->second = filtered(current->second, [&](const std::string& r) { return !has(gone, r); });
      if (current->second["metas"].empty()) {
        state_.erase(current);
        seen.push_back("-" + key);
      }
    }
  }

  static std::vector<std::string> refs(const json& presence) {
    std::vector<std::string> all;
    for (const auto& m : presence.at("metas"))
      all.push_back(m.at("phx_ref").get<std::string>());
    return all;
  }
  template <class Keep>
  static json filtered(json presence, Keep keep) {
    auto metas = json::array();
    for (const auto& m : presence.at("metas"))
      if (keep(m.at("phx_ref").get<std::string>()))
        metas.push_back(m);
    presence["metas"] = metas;
    return presence;
  }
  static bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  }

  state state_;
  std::vector<json> queued_;
  bool has_state_ = false;
};

}  // namespace beamline::presence::test
