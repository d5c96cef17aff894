#pragma once

#include "base/json.hpp"
#include "pubsub/presence/crdt/entry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

/// What doctest shows of lists of texts.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& all) {
    std::string text;
    for (const auto& t : all)
      text += (text.empty() ? "" : ", ") + t;
    return ("[" + text + "]").c_str();
  }
};

namespace beamline::presence::test {

/// `a@sim/key`: who it is for people, without its number.
inline std::string text_of(const tracked& t) { return t.at.replica.name + "/" + t.key.key; }

inline std::string ref_of(const tracked& t) { return parse_json(*t.meta).value().value("phx_ref", ""); }

/// All diffs that one run of a node was told, folded from the first on (I25).
class told_diffs {
public:
  void add(const diff& d) {
    for (const auto& [topic, changed] : d) {
      if (changed.joins.empty() && changed.leaves.empty())
        wrong.push_back("an empty change of " + topic);
      auto& listed = folded[topic];
      for (const auto& t : changed.leaves) {
        lines.push_back("-" + topic + " " + text_of(t));
        auto at = listed.find(identity(t));
        if (at == listed.end())
          wrong.push_back("a leave of what is not listed: " + lines.back());
        else if (*at->second.meta != *t.meta)
          wrong.push_back("a leave with another meta than the join: " + lines.back());
        listed.erase(identity(t));
      }
      for (const auto& t : changed.joins) {
        lines.push_back("+" + topic + " " + text_of(t));
        if (!listed.emplace(identity(t), t).second)
          wrong.push_back("a join of what is listed: " + lines.back());
      }
    }
    ++diffs;
  }
  [[nodiscard]] std::vector<std::string> take() { return std::exchange(lines, {}); }
  /// By key, owner, process.
  [[nodiscard]] std::vector<std::string> listed(const std::string& topic) const {
    std::vector<std::string> all;
    if (auto at = folded.find(topic); at != folded.end())
      for (const auto& [who, t] : at->second)
        all.push_back(text_of(t) + *t.meta);
    std::sort(all.begin(), all.end());
    return all;
  }

  std::vector<std::string> lines;
  std::vector<std::string> wrong;
  std::size_t diffs = 0;

private:
  using identity_type = std::tuple<std::string, std::uint64_t, std::string>;
  static identity_type identity(const tracked& t) { return {t.at.replica.name, t.key.actor, t.key.key}; }
  std::map<std::string, std::map<identity_type, tracked>> folded;
};

}  // namespace beamline::presence::test
