#pragma once

// A process with the life of an OTP server (S150-S159).
//
//   class stack : public server {
//   public:
//     using server::server;
//     start_result on_init() override {
//       trap_exits();                                        only if on_terminate has to run when the parent ends
//       return handlers([this](const push& m) {...}, [this](const pop&) { return ...; });
//     }
//   };
//
//   on_init -> [started] -> on_continue -> handlers ... -> on_terminate

#include "actors/process.hpp"

#include <optional>

namespace beamline::supervision {

/// What `on_init` comes to (S151).
class start_result {
public:
  enum class kind : std::uint8_t { ok, ignored, stopped, refused };

  /// It has started; `return handlers(...)` says so.
  start_result(behavior b) : handlers_{std::move(b)} {}  // NOLINT: implicit on purpose
  /// It is not needed; its supervisor does not count that as a failure.
  [[nodiscard]] static start_result ignore() { return {kind::ignored, {}}; }
  /// It cannot start, and that is reported as a crash.
  [[nodiscard]] static start_result stop(reason why) { return {kind::stopped, std::move(why)}; }
  /// It cannot start, which nobody but its supervisor has to know.
  [[nodiscard]] static start_result refuse(reason why) { return {kind::refused, std::move(why)}; }

  /// `on_continue` runs once the start is acknowledged, before any message.
  [[nodiscard]] start_result then_continue() && {
    continues_ = true;
    return std::move(*this);
  }
  /// `on_idle` runs when no message comes for so long.
  [[nodiscard]] start_result then_idle_after(duration d) && {
    idle_ = d;
    return std::move(*this);
  }

private:
  friend class server;
  start_result(kind what, reason why) : what_{what}, why_{std::move(why)} {}

  kind what_ = kind::ok;
  reason why_{};
  behavior handlers_{};
  bool continues_ = false;
  std::optional<duration> idle_{};
};

/// Base class of servers. Everything protected is for the server itself, in its own handlers.
///
/// As of any process its ends are reported, unless they are graceful or came by a signal (S159, crash_report.hpp).
class server : public process {
public:
  using process::process;

  behavior init() final;
  void terminate(const reason& why) final;

protected:
  /// The first thing it does. A throw is a failed start, reported as a crash; `on_terminate` does not run then.
  virtual start_result on_init() = 0;

  /// Work that may take longer than the one who started it should wait. Messages that arrived meanwhile come after it,
  /// and so does what it casts to itself. A throw ends the server (S152).
  virtual void on_continue() {}

  /// The server ends: because of `stop`, a throw, a stop order, or its parent's exit signal if it traps exits. Not when
  /// it is killed, nor when a signal ends it that it does not trap: what must be given back in any case belongs into a
  /// destructor (S155). Must not throw.
  virtual void on_terminate(const reason& why);

  /// Trapped: a signal of anybody but its parent (S150). Logged and dropped unless overridden.
  virtual void on_exit_signal(const exit_signal& e);

  /// Nothing came in for as long as `idle_after` said.
  virtual void on_idle() {}

  /// From now on exit signals do not end it, but for `kill` and those of its parent, which end it in order, with that
  /// reason, `normal` included (S150). A server whose parent is gone takes the node for its parent.
  void trap_exits();

  /// `on_idle` runs once after `d` without a message; any message, answer or timer in between calls it off, and it has
  /// to be said anew (S157). It replaces what was said before.
  void idle_after(duration d);
  void cancel_idle() noexcept { idle_at_.reset(); }

private:
  behavior begin(start_result r);
  void handle_exit_signal(const exit_signal& e);
  [[nodiscard]] bool is_from_parent(const exit_signal& e) const;
  void arm_idle_timer();
  void handle_idle_timer();
  void report_failed_start(const reason& why);

  bool is_begun_ = false;  // on_init went well.
  bool is_in_init_ = true;
  // At most one timer is armed. One that is due too early goes to sleep again, so that none is ever cancelled
  // when it might be in the mailbox already, where it would be counted as a message.
  std::optional<time_point> idle_at_;        // When on_idle is due.
  std::optional<time_point> idle_timer_at_;  // When the timer is.
  timer_ref idle_timer_ = 0;
  std::uint64_t handled_when_quiet_ = 0;  // As many messages as will have been handled at that time if none comes.
};

}  // namespace beamline::supervision
