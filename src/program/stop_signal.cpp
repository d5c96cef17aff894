#include "program/stop_signal.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace beamline::program {

namespace {

extern "C" void end_at_once(int) {
  static constexpr char text[] = "second signal: ending at once\n";
  (void)!::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(130);
}

stop_signal::event stopped_by(int number) {
  return {stop_signal::event::kind::stop, std::string{"SIG"} + sigabbrev_np(number)};
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
  signal_fd_ = signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signal_fd_ < 0)
    throw std::system_error{errno, std::generic_category(), "signalfd"};
  request_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (request_fd_ < 0) {
    ::close(signal_fd_);
    throw std::system_error{errno, std::generic_category(), "eventfd"};
  }
}

stop_signal::~stop_signal() {
  ::close(request_fd_);
  ::close(signal_fd_);
}

void stop_signal::request(std::string because) {
  std::lock_guard lock{mutex_};
  if (request_.empty())
    request_ = std::move(because);
  eventfd_write(request_fd_, 1);
}

std::string stop_signal::requested() {
  std::lock_guard lock{mutex_};
  return request_;
}

stop_signal::event stop_signal::wait() {
  pollfd fds[3] = {{signal_fd_, POLLIN, 0}, {request_fd_, POLLIN, 0}, {lifeline_fd_, POLLIN, 0}};
  nfds_t count = lifeline_fd_ >= 0 ? 3 : 2;
  for (;;) {
    if (::poll(fds, count, -1) < 0) {
      if (errno == EINTR)
        continue;
      throw std::system_error{errno, std::generic_category(), "poll"};
    }
    if (count == 3 && fds[2].revents != 0) {
      char ignored[64];
      if (::read(lifeline_fd_, ignored, sizeof ignored) <= 0)
        return {event::kind::stop, "the starting script has ended"};
    }
    // The lowest number comes first, and SIGHUP has the lowest: a stop that came with it is looked for.
    if (auto number = next_signal(); number > 0) {
      if (number != SIGHUP)
        return stopped_by(number);
      auto later = next_signal();
      return later > 0 && later != SIGHUP ? stopped_by(later) : event{event::kind::reload, "SIGHUP"};
    }
    // Stays signalled: whoever waits again is told again.
    if (fds[1].revents != 0)
      return {event::kind::failure, requested()};
  }
}

int stop_signal::next_signal() {
  signalfd_siginfo info{};
  return ::read(signal_fd_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

void stop_signal::let_next_one_kill() {
  struct sigaction action {};
  action.sa_handler = end_at_once;
  for (int s : {SIGTERM, SIGINT})
    sigaction(s, &action, nullptr);
  ::signal(SIGHUP, SIG_IGN);
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

}  // namespace beamline::program
