#pragma once

#include "testing/explore/run.hpp"
#include "testing/observer.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline {
struct process_info;
}

namespace beamline::testing {

class world;

/// Writes down what happens in a world, as a story for people: messages when they are handled, telemetry events (with a
/// star), and what the simulated world itself does, starts and ends of nodes among it. Keeps the last lines.
class timeline final : public observer {
public:
  // A longer text of one line is cut.
  static constexpr std::size_t text_max = 400;

  /// Borrows the world, for the time.
  timeline(const world& w, std::size_t lines_max) : world_{w}, lines_max_{lines_max} {}

  /// What is there so far; the timeline is empty afterwards.
  [[nodiscard]] std::vector<timeline_entry> take();

  /// `outbox <12.1>`: what its supervisor calls it, or its registered name, or its class.
  [[nodiscard]] static std::string title_of(const process_info& p);

  [[nodiscard]] bool wants_mail() const override { return true; }
  void on_step(const process& who, const caf::mailbox_element* m) override;
  void on_send(const process* from, const process& to, const caf::mailbox_element& m) override;
  [[nodiscard]] bool wants_events() const override { return true; }
  void on_event(simulated_node& n, const event_view& e) override;
  [[nodiscard]] bool wants_notes() const override { return true; }
  void on_note(const machine* where, std::string_view text) override;

private:
  void add(std::string node, std::string who, std::string text);
  void push(timeline_entry line);
  void keep_timer();

  const world& world_;
  std::size_t lines_max_;
  std::deque<timeline_entry> lines_;
  std::optional<timeline_entry> timer_;  // That is due in this step: a line only if something comes of it.
};

}  // namespace beamline::testing
