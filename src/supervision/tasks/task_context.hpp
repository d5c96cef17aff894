#pragma once

#include "actors/process.hpp"
#include "supervision/tasks/task_cell.hpp"
#include "supervision/tasks/task_outcome.hpp"

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace beamline::supervision {

class task_context;

namespace detail {

/// What a task is born with, beside its function.
struct task_start {
  std::string label;
  std::string function;      // For logs.
  std::vector<pid> callers;  // Who asked for it first, then who asked for that one, ... (S132).
  // Below: only of tasks that somebody waits for: the owner, or the coordinator of a stream.
  pid waiter{};
  std::function<void(raw_value)> deliver{};  // Hands it the value.
  process::watch_ref down_ref = 0;           // The owner's watch, to be installed on the task.
  std::shared_ptr<task_cell> cell{};
  bool is_linked = false;
};

/// Thrown by `task_context::fail`, caught where the function was called.
struct task_failed {
  reason why;
};

/// What all copies of one task_promise share.
class task_promise_state {
public:
  explicit task_promise_state(task_context& t);
  ~task_promise_state();
  task_promise_state(const task_promise_state&) = delete;
  task_promise_state& operator=(const task_promise_state&) = delete;

  void set(raw_value v);
  void fail(const reason& why);

private:
  task_context& task_;
  process_table& table_;
  std::uint64_t id_;
  bool is_answered_ = false;
};

/// Who asks for a task: `owner`, and its own callers when it is a task itself.
[[nodiscard]] std::vector<pid> callers_of(process& owner);

}  // namespace detail

/// A running task, as its function sees it: a process with all of a process' tools, which may start tasks in its turn.
/// It handles no messages but those of calls, timers, watches and the like that it made itself.
///
/// A function that takes long should look at `is_asked_to_stop()` from time to time: nothing can interrupt it (M9).
class task_context : public process {
public:
  task_context(process_context& c, detail::task_start s);

  [[nodiscard]] const std::string& label() const noexcept { return start_.label; }
  /// Who asked for it; empty for a task that its supervisor started by itself.
  [[nodiscard]] pid owner() const { return start_.callers.empty() ? pid{} : start_.callers.front(); }
  /// Its owner, then, when that is a task, its owner, and so on: the newest `callers_max` (S132).
  [[nodiscard]] const std::vector<pid>& callers() const noexcept { return start_.callers; }
  static constexpr std::size_t callers_max = 32;
  /// Its supervisor, then that one's, up to the node (S132).
  [[nodiscard]] std::vector<pid> ancestors() const;

  /// Ends the task with that reason instead of a value. Only in the task's function itself, not in what it left for
  /// later turns: there, `task_promise::fail`. A normal reason is an end without a value.
  [[noreturn]] void fail(reason why) const { throw detail::task_failed{std::move(why)}; }

  using process::call;
  using process::cancel;
  using process::cast;
  using process::exit;
  using process::is_asked_to_stop;
  using process::link;
  using process::now;
  using process::resume_with;
  using process::run_after;
  using process::spawn;
  using process::spawn_as;
  using process::stop_process;
  using process::trap_exits;
  using process::unlink;
  using process::unwatch;
  using process::watch;

protected:
  /// Calls the function.
  virtual void run() = 0;
  /// The value is there: the owner gets it, and the task ends.
  void deliver(detail::raw_value v);

private:
  friend class detail::task_promise_state;

  behavior init() final;
  void terminate(const reason& why) final;
  void start();

  detail::task_start start_;
};

/// The value of a task that has it later: its function takes one of these as its last parameter and returns. Copies are
/// one promise, the first answer counts. To be used in the task's own turns; dropping the last copy without an answer
/// fails the task.
template <class R>
class task_promise {
public:
  explicit task_promise(std::shared_ptr<detail::task_promise_state> s) : state_{std::move(s)} {}

  template <class Value>
  void set(Value&& v) const {
    state_->set(std::make_shared<detail::task_value<R>>(std::forward<Value>(v)));
  }
  void set() const requires std::is_void_v<R> { state_->set(std::make_shared<std::monostate>()); }
  void fail(const reason& why) const { state_->fail(why); }

private:
  std::shared_ptr<detail::task_promise_state> state_;
};

}  // namespace beamline::supervision
