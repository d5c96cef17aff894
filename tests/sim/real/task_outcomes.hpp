#pragma once

#include "actors/events.hpp"
#include "sim/real/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <map>
#include <set>
#include <tuple>

namespace beamline::house {

/// Who awaits a task is told its outcome, once (S125, S126), unless it ends first.
class task_outcomes final : public testing::telemetry_checker {
public:
  task_outcomes() : telemetry_checker{"task outcomes"} {}

  void on_start(testing::simulated_node& n) override {
    auto& open = open_[n.incarnation()];
    listen<task_begun>(n, [&open](const task_begun& e) { open[e.client].insert(e.number); });
    listen<task_told>(n, [this, &n, &open](const task_told& e) {
      if (open[e.client].erase(e.number) == 0)
        fail(testing::who(n, e.client) + " is told a second outcome of task " + std::to_string(e.number));
    });
    listen<process_ended>(n, [&open](const process_ended& e) { open.erase(e.id); });
  }

  void on_end(testing::simulated_node& n, testing::node_end how) override {
    telemetry_checker::on_end(n, how);
    open_.erase(n.incarnation());
  }

  void at_end(testing::world&) override {
    for (const auto& [incarnation, clients] : open_)
      for (const auto& [client, tasks] : clients)
        if (!tasks.empty())
          fail("<" + std::to_string(incarnation) + "." + std::to_string(client) + "> was never told of task "
               + std::to_string(*tasks.begin()));
  }

  /// Tasks that wait for their outcome now.
  [[nodiscard]] std::size_t open() const {
    std::size_t sum = 0;
    for (const auto& [incarnation, clients] : open_)
      for (const auto& [client, tasks] : clients)
        sum += tasks.size();
    return sum;
  }

private:
  std::map<std::uint64_t, std::map<std::uint64_t, std::set<std::uint64_t>>> open_;  // By incarnation, by client.
};

}  // namespace beamline::house
