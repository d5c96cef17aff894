#pragma once

#include "actors/process_table.hpp"

#include <caf/monitorable_actor.hpp>

namespace beamline::detail {

/// Where the replies to the calls of one process go: it passes them on to the process by its id.
///
/// Calls name the gate and not the process itself as their sender, because a message holds its sender: a caller that
/// has ended would exist, with all that it owns, until the last callee has looked at its call. Made with the first
/// call. The calls of other nodes share one, whose owner is `process_table::outside`.
class reply_gate : public caf::monitorable_actor {
public:
  reply_gate(caf::actor_config& c, process_table& table, std::uint64_t owner)
      : caf::monitorable_actor{c}, table_{table}, owner_{owner} {}

  void enqueue(caf::mailbox_element_ptr m, caf::execution_unit* from) override {
    m->sender = nullptr;  // For the same reason: a reply must not hold the callee.
    table_.deliver(owner_, std::move(m), from);
  }

  [[nodiscard]] std::uint64_t owner() const noexcept { return owner_; }
  [[nodiscard]] bool is_of_other_nodes() const noexcept { return owner_ == process_table::outside; }

private:
  process_table& table_;
  std::uint64_t owner_;
};

}  // namespace beamline::detail
