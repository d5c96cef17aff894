#include "apps/accumulator/standing.hpp"

#include <tuple>

namespace beamline::accumulator {

bool must_give_way(const contender& self, const contender& other) {
  auto are_both_shared = self.of.is_shared && other.of.is_shared;
  if (are_both_shared && self.of.database == other.of.database)
    return false;
  if (self.of.is_shared != other.of.is_shared)
    return other.of.is_shared;
  return std::tie(self.incarnation, self.node) > std::tie(other.incarnation, other.node);
}

}  // namespace beamline::accumulator
