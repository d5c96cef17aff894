#pragma once

#include "base/random.hpp"
#include "testing/climate.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace caf {
class resumable;
}

namespace beamline::testing {

class coordinator;

/// Choices of the scheduler that differ from FIFO: step -> which of the ready ones.
using schedule_script = std::map<std::uint64_t, std::uint32_t>;

/// An actor that has something to do.
struct ready_job {
  coordinator* owner;
  caf::resumable* job;
  std::uint64_t incarnation;  // Of its node.
  std::uint64_t actor;        // Its CAF id.
};

/// Says which of the ready actors runs next. Pure: the same calls give the same answers.
class chooser {
public:
  chooser(std::uint64_t seed, const climate& c, std::optional<schedule_script> script, bool is_recorded);

  /// One of `able` (places in `ready`, not empty, oldest first): a place in `able`. `step` counts them.
  std::size_t choose(const std::vector<ready_job>& ready, std::span<const std::size_t> able, std::uint64_t step);

  [[nodiscard]] const schedule_script& choices() const noexcept { return choices_; }

private:
  using actor_key = std::pair<std::uint64_t, std::uint64_t>;  // Incarnation, CAF id.

  std::size_t by_priority(const std::vector<ready_job>& ready, std::span<const std::size_t> able, std::uint64_t step);
  [[nodiscard]] std::uint64_t priority(const ready_job& j) const;

  schedule choice_;
  seeded_random random_;
  std::uint64_t priority_seed_;
  std::set<std::uint64_t> demotions_;           // Steps at which the winner is demoted.
  std::map<actor_key, std::uint64_t> demoted_;  // To lower and lower priorities.
  std::uint64_t next_low_;
  std::optional<schedule_script> script_;
  bool is_recorded_;
  schedule_script choices_;
};

}  // namespace beamline::testing
