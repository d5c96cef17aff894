#include "program/stop_signal.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace beamline::program {

namespace {

extern "C" void end_at_once(int) {
  static constexpr char text[] = "second signal: ending at once\n";
  (void)!::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(130);
}

}  // namespace

stop_signal::stop_signal(int lifeline_fd) : lifeline_fd_{lifeline_fd} {
  sigemptyset(&signals_);
  for (int s : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&signals_, s);
  if (pthread_sigmask(SIG_BLOCK, &signals_, nullptr) != 0)
    throw std::system_error{errno, std::generic_category(), "pthread_sigmask"};
  // Writing to a closed socket is an error to be handled where it happens.
  ::signal(SIGPIPE, SIG_IGN);
  signal_fd_ = signalfd(-1, &signals_, SFD_CLOEXEC);
  if (signal_fd_ < 0)
    throw std::system_error{errno, std::generic_category(), "signalfd"};
}

stop_signal::~stop_signal() { ::close(signal_fd_); }

std::string stop_signal::wait() {
  pollfd fds[2] = {{signal_fd_, POLLIN, 0}, {lifeline_fd_, POLLIN, 0}};
  nfds_t count = lifeline_fd_ >= 0 ? 2 : 1;
  for (;;) {
    if (::poll(fds, count, -1) < 0) {
      if (errno == EINTR)
        continue;
      throw std::system_error{errno, std::generic_category(), "poll"};
    }
    if ((fds[0].revents & POLLIN) != 0) {
      signalfd_siginfo info{};
      if (::read(signal_fd_, &info, sizeof info) != sizeof info)
        continue;
      return std::string{"SIG"} + sigabbrev_np(static_cast<int>(info.ssi_signo));
    }
    if (count == 2 && fds[1].revents != 0) {
      char ignored[64];
      if (::read(lifeline_fd_, ignored, sizeof ignored) <= 0)
        return "the starting script has ended";
    }
  }
}

void stop_signal::let_next_one_kill() {
  struct sigaction action {};
  action.sa_handler = end_at_once;
  for (int s : {SIGTERM, SIGINT, SIGHUP})
    sigaction(s, &action, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

}  // namespace beamline::program
