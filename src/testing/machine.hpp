#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace beamline::testing {

class simulated_disk;
class simulated_node;
class world;

/// What stays when a node ends and starts again: its name, its disk, its wall clock. Owned by the world, made with the
/// node's first start or when it is first asked for.
class machine {
public:
  machine(world& w, std::string name, std::uint32_t index);
  ~machine();
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Its number in the order of creation, from 0.
  [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
  [[nodiscard]] simulated_disk& disk() noexcept { return *disk_; }
  /// The node that runs on it; null while it is down.
  [[nodiscard]] simulated_node* running() const noexcept { return running_; }
  [[nodiscard]] bool is_up() const noexcept { return running_ != nullptr; }
  /// How often a node was started on it.
  [[nodiscard]] std::uint64_t starts() const noexcept { return starts_; }

  /// Moves its wall clock by `d`, forward or back. Durations, timers and `now()` do not notice.
  void step_clock(duration d) noexcept { clock_offset_ += d; }
  [[nodiscard]] wall_time wall_now() const;

private:
  friend class world;

  const world& world_;
  std::string name_;
  std::uint32_t index_;
  std::unique_ptr<simulated_disk> disk_;
  simulated_node* running_ = nullptr;
  std::uint64_t starts_ = 0;
  duration clock_offset_{};
};

}  // namespace beamline::testing
