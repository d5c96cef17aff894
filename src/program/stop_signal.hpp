#pragma once

#include <csignal>
#include <string>

namespace beamline::program {

/// Waits, on the main thread, until the node is to end: SIGTERM, SIGINT or SIGHUP arrives, or the lifeline (a pipe
/// whose other end the starting script holds) is closed, because the script ended in whatever way.
///
/// To be made before any other thread, which all inherit the blocked signals. One per program.
class stop_signal {
public:
  /// `lifeline_fd` < 0: none.
  explicit stop_signal(int lifeline_fd);
  ~stop_signal();
  stop_signal(const stop_signal&) = delete;
  stop_signal& operator=(const stop_signal&) = delete;

  /// Blocks until then; returns why in words: `SIGTERM`, `the starting script has ended`.
  [[nodiscard]] std::string wait();

  /// From now on a second signal ends the process at once, with status 130 and without saying goodbye.
  void let_next_one_kill();

private:
  sigset_t signals_{};
  int signal_fd_ = -1;
  int lifeline_fd_;
};

}  // namespace beamline::program
