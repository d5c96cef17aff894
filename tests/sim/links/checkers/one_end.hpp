#pragma once

#include "actors/events.hpp"
#include "actors/process.hpp"
#include "actors/signals.hpp"
#include "net/events.hpp"
#include "sim/links/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <caf/mailbox_element.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace beamline::linked {

/// A watch of a process of another node fires once at most, and exactly once when that process or the connection ends
/// (I8); the loss of a connection is told before the node is told to be down (D52); an end that is told has happened,
/// and nothing of that process comes after it (D61).
class one_end final : public testing::telemetry_checker {
public:
  one_end() : telemetry_checker{"one end per watch"} {}

  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;
  [[nodiscard]] bool wants_mail() const override { return true; }
  void on_step(const process& to, const caf::mailbox_element* m) override;

  /// Whether all watches have fired that must; else `why` says which has not. Those of processes that live go on.
  [[nodiscard]] bool have_all_fired(testing::world& w, std::string& why) const;
  /// How many there are.
  [[nodiscard]] std::size_t open() const;

private:
  struct watch {
    std::string node;
    std::uint64_t run = 0, target = 0;
    std::uint64_t connection = 0;  // Over which it was begun; 0: there was none.
    bool is_lost = false;          // That one has ended since.
    std::string words;
  };
  using process_key = std::pair<std::uint64_t, std::uint64_t>;  // Incarnation, id.

  void over(testing::simulated_node& n, const watch_over& e);

  std::map<process_key, std::map<std::uint64_t, watch>> open_;
  std::set<process_key> ended_;                                                // Processes, of all runs.
  std::map<process_key, std::set<process_key>> told_;                          // By watcher: whose ends.
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> signals_;  // Run, process, number of the watch.
};

}  // namespace beamline::linked
