#pragma once

#include "net/links.hpp"
#include "testing/check/checker.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beamline::linked {

/// When all is quiet both ends of a link agree which connection it is: one of them dialled it, the other did not (I4).
/// That there are never two links with one name at a time is status_pairs' matter; that there is no further connection
/// is part of having settled.
class one_connection final : public testing::checker {
public:
  one_connection() : checker{"one connection for two nodes"} {}

  void at_end(testing::world& w) override {
    std::map<std::pair<std::string, std::string>, std::vector<bool>> ends;  // Whether each was dialled there.
    for (const auto& m : w.machines())
      if (auto* n = m->running())
        for (const auto& s : static_cast<net::links&>(n->env().peers()).stats()) {
          const auto& other = s.peer.identity.name;
          ends[{std::min(n->name(), other), std::max(n->name(), other)}].push_back(s.is_dialled_here);
        }
    for (const auto& [pair, dialled] : ends)
      if (dialled.size() != 2 || dialled[0] == dialled[1])
        fail(pair.first + " and " + pair.second + ": " + std::to_string(dialled.size())
             + " ends of a link, and not exactly one of two was dialled there (I4)");
  }
};

}  // namespace beamline::linked
