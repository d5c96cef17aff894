#pragma once

#include "testing/check/checker.hpp"

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace beamline::testing {

/// After the end of a node nothing of it is left (I24, I32): no object of a process, no timer or frame of that
/// incarnation. And one that was stopped in order (`world::stop_node`) had ended all its processes by itself, with
/// their names free, before that.
///
/// Looked at when the next node starts, and at the end.
class all_gone final : public checker {
public:
  all_gone() : checker{"all gone"} {}

  void on_start(simulated_node& n) override;
  void on_end(simulated_node& n, node_end how) override;
  void at_end(world& w) override { look(w); }

private:
  struct past_node {
    std::string name;
    std::uint64_t incarnation = 0;
    struct past_process {
      std::string what;
      caf::weak_actor_ptr object;
    };
    std::vector<past_process> processes{};  // That it had at its end.
  };

  void look(world& w);

  std::vector<past_node> ended_;
};

}  // namespace beamline::testing
