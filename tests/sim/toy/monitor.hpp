#pragma once

#include "actors/process.hpp"
#include "sim/toy/messages.hpp"

#include <map>
#include <string>

namespace beamline::toy {

/// Knows who is linked, and tells those who follow it: each node comes up and goes down in turn, and everything a node
/// sent comes before the news that it is down.
class monitor final : public process {
public:
  using process::process;
  behavior init() override;

private:
  void handle_follow(const pid& who);
  void tell_up(const node_identity& peer);
  void handle_down(const node_identity& peer);

  std::map<std::string, node_identity> up_;  // By name.
  std::map<pid, watch_ref> followers_;       // As many as there are processes that follow; who ended is taken out.
};

}  // namespace beamline::toy
