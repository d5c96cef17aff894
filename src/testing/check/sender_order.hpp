#pragma once

#include "testing/check/telemetry_checker.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>

namespace beamline::testing {

/// Between two processes of a node messages are handled in the order they were sent, without a gap (I7; D59, D61).
///
/// Messages are all that goes into a mailbox: casts, calls, replies, exit signals, and the news of a death, which is a
/// message of the one who died (S10). What exactly holds:
///   - a message is handled only when all that the same sender sent before to this receiver has been;
///   - kills, and whatever else is urgent, overtake;
///   - when the receiver ends, what it had not handled is gone: a suffix. Its successor is another process, also at
///     the same stable address;
///   - what a full mailbox refuses was never sent, and may leave a gap;
///   - messages that no process sends (timers, ports, tests) have no order among each other that anybody may rely on,
///   and
///     what was parked at a stable address is handed over without passing here; both are left out.
class sender_order final : public telemetry_checker {
public:
  sender_order() : telemetry_checker{"sender order"} {}

  [[nodiscard]] bool wants_mail() const override { return true; }
  void on_start(simulated_node& n) override;
  void on_end(simulated_node& n, node_end how) override;
  void on_send(const process* from, const process& to, const caf::mailbox_element& m) override;
  void on_step(const process& receiver, const caf::mailbox_element* m) override;

private:
  struct address {
    std::uint64_t incarnation = 0;  // Of the node.
    std::uint64_t process = 0;
    friend auto operator<=>(const address&, const address&) = default;
  };
  // What one process has sent to another; gone when nothing of it waits.
  struct line {
    std::uint64_t sent = 0;
    std::uint64_t handled = 0;
  };
  struct waiting {
    address from;
    std::uint64_t number = 0;
    const std::type_info* type = nullptr;
  };
  struct inbox {
    std::unordered_map<const caf::mailbox_element*, waiting> mail;  // Searched only.
    std::map<address, line> lines;
  };

  [[nodiscard]] static address address_of(const process& p);
  void report(const process& receiver, const inbox& all, const waiting& early);

  std::map<address, inbox> inboxes_;  // Of those for whom something waits.
};

}  // namespace beamline::testing
