#pragma once

#include <caf/detail/test_actor_clock.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <vector>

namespace beamline::testing {

class simulated_node;
class world;

/// CAF's scheduler module for one simulated node: it runs nothing itself, every ready actor goes to the
/// world's one list. After `die` whatever still becomes ready is kept for `bury`.
class coordinator final : public caf::scheduler::abstract_coordinator {
public:
  coordinator(caf::actor_system& system, world& w, simulated_node& node);

  void enqueue(caf::resumable* job) override;
  caf::detail::test_actor_clock& clock() noexcept override { return clock_; }
  [[nodiscard]] bool detaches_utility_actors() const override { return false; }

  [[nodiscard]] simulated_node& node() const noexcept { return node_; }
  [[nodiscard]] bool is_dead() const noexcept { return is_dead_; }

  /// Takes over jobs that were ready when the node died.
  void die(std::vector<caf::resumable*> ready);
  /// Ends all actors that became ready since; CAF's own helpers too.
  void bury();
  static void terminate(caf::resumable* job, caf::execution_unit& unit);

protected:
  void start() override;
  void stop() override {}

private:
  world& world_;
  simulated_node& node_;
  bool is_dead_ = false;
  std::vector<caf::resumable*> graveyard_;
  caf::detail::test_actor_clock clock_;  // CAF wants one; time itself comes from the world.
};

/// What an actor runs on: work it makes ready goes to the world, too.
class simulated_unit final : public caf::execution_unit {
public:
  explicit simulated_unit(coordinator& c) : caf::execution_unit{&c.system()}, coordinator_{c} {}
  void exec_later(caf::resumable* job) override { coordinator_.enqueue(job); }

private:
  coordinator& coordinator_;
};

}  // namespace beamline::testing
