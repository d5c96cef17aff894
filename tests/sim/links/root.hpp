#pragma once

#include "actors/process.hpp"
#include "supervision/supervisor.hpp"

#include <functional>
#include <utility>

namespace beamline::linked {

/// The program of a node: it ends when its tree does, and is started again by the cluster.
class root final : public process {
public:
  root(process_context& c, supervision::supervisor_spec tree, std::function<void()> quit)
      : process{c}, tree_{std::move(tree)}, quit_{std::move(quit)} {}

  behavior init() override {
    auto top = spawn_as<supervision::supervisor>({.name = "all", .label = "all"}, std::move(tree_));
    watch(top, [this](const reason&) { quit_(); });
    return handlers();
  }

private:
  supervision::supervisor_spec tree_;
  std::function<void()> quit_;
};

}  // namespace beamline::linked
