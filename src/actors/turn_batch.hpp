#pragma once

#include "actors/node.hpp"

#include <caf/execution_unit.hpp>

#include <utility>
#include <vector>

namespace beamline {

/// Casts from a thread of the program's own whose receivers shall not run yet: the messages are in their mailboxes at
/// once, in order with what others send; a process that was idle and is woken by one goes to the scheduler when the
/// batch is destroyed.
///
/// For a thread that has more to do before it sleeps, as one that serves sockets: each wake-up of a worker costs it a
/// call of the system and, with as many threads as cores, mostly the core. Hold it for what is at hand, never across a
/// wait: whoever it has woken runs no earlier, not even for what others send.
///
/// Used and destroyed by one thread at a time, before the node is.
class turn_batch final : private caf::execution_unit {
public:
  explicit turn_batch(node& home) : home_{home} {}
  ~turn_batch() override;
  turn_batch(turn_batch&& other) noexcept : home_{other.home_}, woken_{std::exchange(other.woken_, {})} {}
  turn_batch(const turn_batch&) = delete;
  turn_batch& operator=(const turn_batch&) = delete;
  turn_batch& operator=(turn_batch&&) = delete;

  /// As `node::cast`. What goes to another node, or to a process that is awake, waits for nothing.
  template <class M>
  void cast(const pid& to, M&& m) {
    home_.cast_message(to, share(std::forward<M>(m)), this);
  }
  /// Nobody was woken, or somebody else has the batch now.
  [[nodiscard]] bool empty() const noexcept { return woken_.empty(); }

private:
  void exec_later(caf::resumable* one) override;

  node& home_;
  std::vector<caf::resumable*> woken_;  // Each holds a reference, which the scheduler takes over.
};

}  // namespace beamline
