#pragma once

#include <csignal>
#include <mutex>
#include <string>

namespace beamline::program {

/// What the main thread waits for: that the node is to end (SIGTERM, SIGINT, or the lifeline, a pipe whose other end
/// the starting script holds, is closed because the script ended in whatever way), or is to reload its configuration
/// (SIGHUP).
///
/// To be made before any other thread, which all inherit the blocked signals. One per program.
class stop_signal {
public:
  /// `lifeline_fd` < 0: none.
  explicit stop_signal(int lifeline_fd);
  ~stop_signal();
  stop_signal(const stop_signal&) = delete;
  stop_signal& operator=(const stop_signal&) = delete;

  struct event {
    enum class kind { stop, reload, failure };
    kind what = kind::stop;
    std::string because;  // In words: "SIGTERM", "the starting script has ended".

    [[nodiscard]] bool is_reload() const { return what == kind::reload; }
    /// The node itself asked to end, because it cannot go on.
    [[nodiscard]] bool is_failure() const { return what == kind::failure; }
  };

  /// Blocks until the next of these events. A stop that has come is not overtaken by a reload.
  ///
  ///     for (auto e = stop.wait(); ; e = stop.wait()) {
  ///       if (!e.is_reload()) break;
  ///       reloads.reload(e.because);
  ///     }
  [[nodiscard]] event wait();

  /// The node cannot go on: wakes `wait`, now or when it is called next. From any thread; the first reason counts.
  void request(std::string because);

  /// From now on a second signal ends the process at once, with status 130 and without saying goodbye; SIGHUP has no
  /// effect any more.
  void let_next_one_kill();

private:
  int next_signal();
  [[nodiscard]] std::string requested();

  sigset_t signals_{};
  int signal_fd_ = -1;
  int lifeline_fd_;
  int request_fd_ = -1;
  std::mutex mutex_;  // Guards what follows.
  std::string request_;
};

}  // namespace beamline::program
