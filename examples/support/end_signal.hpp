#pragma once

#include <cerrno>
#include <csignal>
#include <system_error>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace beamline::example {

/// What the main thread of a small program waits for: SIGTERM, SIGINT, or the end of its standard input, which whoever
/// started it holds open. To be made before any other thread, which all inherit the blocked signals. One per program.
class end_signal {
public:
  end_signal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0)
      throw std::system_error{errno, std::generic_category(), "pthread_sigmask"};
    ::signal(SIGPIPE, SIG_IGN);  // Writing to a closed socket is an error to be handled where it happens.
    fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC);
    if (fd_ < 0)
      throw std::system_error{errno, std::generic_category(), "signalfd"};
  }
  ~end_signal() { ::close(fd_); }
  end_signal(const end_signal&) = delete;
  end_signal& operator=(const end_signal&) = delete;

  void wait() {
    pollfd fds[] = {{fd_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    for (;;) {
      if (::poll(fds, 2, -1) < 0) {
        if (errno == EINTR)
          continue;
        throw std::system_error{errno, std::generic_category(), "poll"};
      }
      char ignored[256];
      if (fds[0].revents != 0 || (fds[1].revents != 0 && ::read(STDIN_FILENO, ignored, sizeof ignored) <= 0))
        return;
    }
  }

private:
  int fd_ = -1;
};

}  // namespace beamline::example
