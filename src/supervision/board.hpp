#pragma once

#include "actors/environment.hpp"
#include "supervision/api.hpp"
#include "supervision/supervisor_spec.hpp"

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace beamline::supervision {

/// What a supervisor shows of itself to those who must not wait for it: trees and dashboards read it while the
/// supervisor is busy with a restart storm (S191). Children that have a process are not here, the process table knows
/// them; here stands what no process stands for. One writer, the supervisor; any readers; one short lock each.
class supervisor_board {
public:
  struct empty_slot {
    std::string id;
    std::string kind;
    child_type type = child_type::worker;
    slot_state state = slot_state::stopped;
    std::uint32_t incarnation = 0;
    std::uint64_t position = 0;
  };

  /// A copy of everything, for readers.
  struct snapshot {
    pid supervisor;
    std::string label;
    supervisor_flags flags;
    std::size_t restarts_in_period = 0;  // As of the time it was read.
    std::uint64_t restarts = 0;          // Ever.
    bool is_stopping = false;
    std::vector<empty_slot> empty_slots;  // In start order.
    zombie_list zombies;                  // Oldest first.
  };

  supervisor_board(pid supervisor, std::string label) : supervisor_{std::move(supervisor)}, label_{std::move(label)} {}

  [[nodiscard]] snapshot read(time_point now) const;

  // -- the writer ------------------------------------------------------------------------

  void set_flags(const supervisor_flags& f);
  void note_restart(time_point now);
  void note_stopping();
  void put(empty_slot s);
  void drop(std::uint64_t position);
  void add_zombie(std::uint64_t ref, zombie_info z, time_point since);
  void remove_zombie(std::uint64_t ref);

private:
  struct zombie {
    zombie_info info;
    time_point since;
  };

  const pid supervisor_;
  const std::string label_;
  mutable std::mutex mutex_;
  supervisor_flags flags_{};
  std::deque<time_point> restart_times_;  // Oldest first; those of the last period, at most `intensity + 1`.
  std::uint64_t restarts_ = 0;
  bool is_stopping_ = false;
  std::map<std::uint64_t, empty_slot> empty_slots_;
  std::map<std::uint64_t, zombie> zombies_;
};

/// The boards of all supervisors of one node. Whoever wires the node provides it through the environment; supervisors
/// work without it, too, but are shown as plain processes then. Thread-safe.
class board_registry {
public:
  void add(std::uint64_t supervisor, std::shared_ptr<const supervisor_board> board);
  void remove(std::uint64_t supervisor);

  /// Null: that process is no supervisor.
  [[nodiscard]] std::shared_ptr<const supervisor_board> find(std::uint64_t supervisor) const;
  [[nodiscard]] std::map<std::uint64_t, std::shared_ptr<const supervisor_board>> all() const;

private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<const supervisor_board>> boards_;
};

}  // namespace beamline::supervision
