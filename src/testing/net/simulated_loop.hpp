#pragma once

#include "net/event_loop.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <utility>

namespace beamline::testing {

/// The event loop of a simulated node: what is posted is an event of the node, in order, a moment later.
class simulated_loop final : public net::event_loop {
public:
  explicit simulated_loop(simulated_node& n) : node_{n} {}

  void post(std::function<void()> fn) override {
    if (node_.on().running() != &node_)
      return;  // It is being destroyed, and the loop has ended.
    auto& w = node_.world();
    w.at(w.now(), std::move(fn), node_.incarnation());
  }

private:
  simulated_node& node_;
};

}  // namespace beamline::testing
