#pragma once

// The owner's side of one task, with the types left out; `task<R>` is what users hold.
//
//   owner                       supervisor                    task
//     start_child ---------------->|
//                                  | spawn ------------------->| installs the owner's watch; links
//     <------------ start_answer --|                           | runs the function
//     <------------------------------------------------ value -|
//     <------------------------------- (the watch) its end ----|

#include "actors/process_access.hpp"
#include "supervision/tasks/task_context.hpp"
#include "supervision/tasks/task_options.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace beamline::supervision::detail {

/// What is to be run.
struct task_plan {
  task_options options{};
  std::string function{};  // For logs.
  bool is_linked = false;
  std::vector<pid> callers{};  // The owner's, itself included, see callers_of.
  // Makes the process; called once, in the supervisor.
  std::function<pid(starter&, task_start)> spawn{};
};

/// One task that somebody waits for. Belongs to its owner and is used in the owner's turns only; elsewhere its
/// functions throw std::logic_error, unless the owner happens to be in a turn just then. The owner's watch keeps it;
/// what other processes hold of it is weak, and who waits is forgotten when the owner ends: nothing of the owner
/// outlives it.
class task_core : public std::enable_shared_from_this<task_core> {
public:
  /// Called in a later turn of the owner; nothing: see the function it was passed to.
  using continuation = std::function<void(std::optional<raw_outcome>)>;

  /// Asks `supervisor` for the task.
  static std::shared_ptr<task_core> start(process& owner, const pid& supervisor, task_plan plan);
  task_core(process& owner, pid supervisor, const task_plan& plan);

  /// The outcome, or `timeout` after `within`; what comes later is dropped. Once.
  void await(duration within, std::function<void(raw_outcome)> fn);
  /// The outcome, or nothing after `within`: it is still running, and may be asked again.
  void yield(duration within, continuation fn);
  /// Ends it. The outcome if it had one already or ended in another way than it was told to, else nothing. Called when
  /// it is gone.
  void shutdown(shutdown_policy how, continuation fn);
  /// Lets go of it: it goes on unlinked, and its owner hears nothing more. Returns the outcome if there is one.
  std::optional<raw_outcome> ignore();
  /// Nobody waits any more, and its outcome is dropped; the task goes on, linked as it was.
  void give_up();
  /// Kills it; `fn` replaces whoever waits, and is called when it is gone.
  void end_now(std::function<void()> fn);
  /// It is to be killed, and nobody wants to hear about it.
  void abandon();

  [[nodiscard]] const std::string& label() const noexcept { return label_; }
  /// Empty before it was spawned.
  [[nodiscard]] pid who() const { return cell_->who(); }
  [[nodiscard]] process& owner() const noexcept { return owner_.self(); }

private:
  class keeper;

  void ask_supervisor(task_plan plan);
  void require_turn(const char* verb) const;
  void require_free(const char* verb) const;
  void wait(duration within, continuation fn);
  void come(raw_outcome o);
  void note_down(const reason& why);
  void conclude(std::optional<raw_outcome> o);
  void spend();
  void order_end(shutdown_policy how, continuation fn);
  void kill(const pid& who);

  process_access owner_;
  pid supervisor_;
  std::string label_;
  duration kill_grace_;
  std::shared_ptr<task_cell> cell_ = std::make_shared<task_cell>();
  bool is_linked_;
  bool is_spent_ = false;   // Its outcome was handed over, or nobody wants it any more.
  bool is_waited_ = false;  // `waiter_` is to be called.
  continuation waiter_;
  std::optional<raw_outcome> outcome_;  // It has ended, and nobody has asked yet.
  std::optional<reason> ordered_;       // It was told to end with this.
  process::watch_ref down_ref_ = 0;
  process::timer_ref timer_ = 0;
};

}  // namespace beamline::supervision::detail
