#pragma once

#include "actors/process.hpp"
#include "sim/toy/messages.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace beamline::toy {

/// A client that does random things at random times, for as long as the gate of `setup` is open.
class load final : public process {
public:
  static constexpr duration pause_max = 70ms;
  static constexpr std::size_t members_max = 3;

  load(process_context& c, std::vector<std::string> nodes) : process{c}, nodes_{std::move(nodes)} {}
  behavior init() override;

private:
  void act();
  void act_later();
  void come_or_go();

  std::vector<std::string> nodes_;  // All of the cluster.
  std::vector<std::string> members_;
};

}  // namespace beamline::toy
