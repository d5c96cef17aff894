#pragma once

#include "testing/check/checker.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace beamline::testing {

class simulated_node;

/// At the end all nodes that run say the same (I14, I22, I24): members of a group, entries of presence, topics.
///
///   c.check<converges>("presence converges", [](simulated_node& n) { return entries_of(n); });
///
/// A view is a map of keys to values in words; the evidence says which node lacks, has beyond, or has otherwise.
class converges final : public checker {
public:
  using view = std::map<std::string, std::string>;

  converges(std::string invariant, std::function<view(simulated_node&)> read)
      : checker{std::move(invariant)}, read_{std::move(read)} {}

  void at_end(world& w) override;

private:
  std::function<view(simulated_node&)> read_;
};

}  // namespace beamline::testing
