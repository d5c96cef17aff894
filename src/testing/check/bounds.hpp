#pragma once

#include "testing/check/checker.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::testing {

class simulated_node;
class world;

/// What a node of a test may grow to. Far below what production allows: a test that needs more says so, one that leaks
/// is found within seconds of virtual time.
struct bound_limits {
  std::uint64_t processes_max = 2'000;
  std::uint64_t mailbox_max = 2'000;   // Messages waiting for one process.
  std::uint64_t pending_max = 2'000;   // Timers, calls and watches of one process together.
  std::uint64_t watchers_max = 2'000;  // Of one process, calls under way to it included.
  std::uint64_t events_max = 5'000;    // Timers and other events of one node that are still to come.
  std::uint64_t octets_unsynced_max = 16U << 20;
  std::uint64_t every = 1'000;  // Steps between two looks.
};

/// Nothing grows without a bound (I41, I12): looks at all nodes every so many steps, and at the end.
class bounds final : public checker {
public:
  explicit bounds(bound_limits limits = {}) : checker{"bounds"}, limits_{limits} {}

  /// Something of the program's own, the length of its outbox, say.
  bounds& also(std::string what, std::uint64_t max, std::function<std::uint64_t(simulated_node&)> read) {
    probes_.push_back({std::move(what), max, std::move(read)});
    return *this;
  }

  [[nodiscard]] bool wants_mail() const override { return true; }
  void on_start(simulated_node& n) override;
  void on_step(const process& who, const caf::mailbox_element* m) override;
  void at_end(world& w) override { look(w); }

private:
  struct probe {
    std::string what;
    std::uint64_t max;
    std::function<std::uint64_t(simulated_node&)> read;
  };

  void look(world& w);
  void look(simulated_node& n);
  void require(simulated_node& n, const std::string& what, std::uint64_t value, std::uint64_t max);

  bound_limits limits_;
  std::vector<probe> probes_;
  world* world_ = nullptr;  // Since the first node started.
  std::uint64_t steps_ = 0;
};

}  // namespace beamline::testing
