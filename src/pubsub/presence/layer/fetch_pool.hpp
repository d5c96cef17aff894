#pragma once

#include "actors/process_access.hpp"
#include "base/time.hpp"
#include "pubsub/presence/presence.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beamline::presence::layer {

/// Runs the application's fetch, in processes of their own, each for all that one diff or one list asks (D177, D178).
/// Belongs to a process and is used in its turns; must not outlive it.
class fetch_pool {
public:
  // So many run at once; others wait for their turn.
  static constexpr std::size_t running_max = 32;
  // So many wait; one more fails at once.
  static constexpr std::size_t waiting_max = 10'000;

  struct options {
    pid tasks;  // Their supervisor.
    fetch_function fetch{};
    duration time{};  // Of one, waiting included; what takes longer has failed, and is killed.
    bool is_blocking = false;
  };
  /// `presences` are as fetched, or, as far as that failed, as they were asked; then `why` says what was wrong.
  using done_function = std::function<void(std::vector<presence_map> presences, const std::string& why)>;

  fetch_pool(process& owner, options o) : owner_{owner}, options_{std::move(o)} {}

  /// Calls `done` once, in this turn or a later one.
  void run(std::string topic, std::vector<presence_map> asked, done_function done);
  [[nodiscard]] std::size_t running() const noexcept { return running_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

private:
  struct job {
    std::string topic;
    std::vector<presence_map> asked;
    done_function done;
    time_point end{};
    process::timer_ref timer = 0;  // While it waits.
  };
  using job_ptr = std::shared_ptr<job>;

  void start(const job_ptr& j);
  void finish(const job_ptr& j, std::vector<presence_map> fetched);
  static void fail(const job_ptr& j, const std::string& why);
  void free_slot();

  process_access owner_;
  options options_;
  std::deque<job_ptr> waiting_;
  std::size_t running_ = 0;
};

}  // namespace beamline::presence::layer
