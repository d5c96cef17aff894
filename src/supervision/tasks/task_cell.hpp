#pragma once

#include "actors/pid.hpp"

#include <mutex>

namespace beamline::supervision::detail {

/// What the owner of a task and the start of that task agree on, whichever comes first: the start runs in the turn of a
/// supervisor, and the owner may have lost interest before. Thread-safe; the lock is held for one spawn at most.
class task_cell {
public:
  /// For the start function: `spawn()` makes the process. Empty: the owner has cancelled the task.
  template <class Spawn>
  pid start(Spawn spawn) {
    std::lock_guard lock{mutex_};
    if (!is_cancelled_)
      who_ = spawn();
    return who_;
  }
  /// For the task, before it runs: links unless the owner has let go of it.
  template <class Link>
  void link(Link link_to_owner) {
    std::lock_guard lock{mutex_};
    if (!is_detached_)
      link_to_owner();
  }

  // -- for the owner; they return the task, if it was spawned ------------------------

  /// It is not linked from now on.
  pid detach() {
    std::lock_guard lock{mutex_};
    is_detached_ = true;
    return who_;
  }
  /// In addition, if it was not spawned yet it never will be.
  pid cancel() {
    std::lock_guard lock{mutex_};
    is_detached_ = is_cancelled_ = true;
    return who_;
  }
  [[nodiscard]] pid who() const {
    std::lock_guard lock{mutex_};
    return who_;
  }

private:
  mutable std::mutex mutex_;
  pid who_;
  bool is_detached_ = false;
  bool is_cancelled_ = false;
};

}  // namespace beamline::supervision::detail
