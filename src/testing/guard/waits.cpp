// Waiting for what another thread, another process or the kernel does. In a simulation there is only one thread, so
// most of this would wait for ever.
#include "testing/guard/guard.hpp"

#include <csignal>
#include <cstdarg>

#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace beamline::testing::guard;

namespace {

constexpr const char* a_reply = "call(...).then(...)";
constexpr const char* a_stream = "net::byte_network, whose completions are events of the node";

}  // namespace

extern "C" {

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  forbid("pthread_cond_wait (condition_variable, a blocking actor)", a_reply);
  return next<pthread_cond_wait>("pthread_cond_wait")(condition, mutex);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  forbid("pthread_cond_timedwait (condition_variable::wait_until)", "run_after");
  return next<pthread_cond_timedwait>("pthread_cond_timedwait")(condition, mutex, until);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t id, const timespec* until) {
  forbid("pthread_cond_clockwait (condition_variable::wait_for)", "run_after");
  return next<pthread_cond_clockwait>("pthread_cond_clockwait")(condition, mutex, id, until);
}

// The C++ library's futures, latches and atomics wait by the bare system call.
long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long a[6];
  for (auto& argument : a)
    argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_futex && (a[1] & FUTEX_CMD_MASK) != FUTEX_WAKE)
    forbid("futex (std::future, std::atomic::wait, call_sync)", a_reply);
  return next<syscall>("syscall")(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// A semaphore that can be had at once blocks nobody.
int sem_wait(sem_t* s) {
  if (beamline::testing::running().is_active) {
    if (sem_trywait(s) == 0)
      return 0;
    die("sem_wait", a_reply);
  }
  return next<sem_wait>("sem_wait")(s);
}

int sem_timedwait(sem_t* __restrict s, const timespec* __restrict until) {
  if (beamline::testing::running().is_active) {
    if (sem_trywait(s) == 0)
      return 0;
    die("sem_timedwait", "run_after");
  }
  return next<sem_timedwait>("sem_timedwait")(s, until);
}

int poll(pollfd* files, nfds_t count, int timeout_ms) {
  forbid("poll", a_stream);
  return next<poll>("poll")(files, count, timeout_ms);
}

int ppoll(pollfd* files, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  forbid("ppoll", a_stream);
  return next<ppoll>("ppoll")(files, count, timeout, mask);
}

int select(int count, fd_set* __restrict in, fd_set* __restrict out, fd_set* __restrict odd,
           timeval* __restrict timeout) {
  forbid("select", a_stream);
  return next<select>("select")(count, in, out, odd, timeout);
}

int pselect(int count, fd_set* __restrict in, fd_set* __restrict out, fd_set* __restrict odd,
            const timespec* __restrict timeout, const sigset_t* __restrict mask) {
  forbid("pselect", a_stream);
  return next<pselect>("pselect")(count, in, out, odd, timeout, mask);
}

int epoll_wait(int fd, epoll_event* events, int count, int timeout_ms) {
  forbid("epoll_wait", a_stream);
  return next<epoll_wait>("epoll_wait")(fd, events, count, timeout_ms);
}

int epoll_pwait(int fd, epoll_event* events, int count, int timeout_ms, const sigset_t* mask) {
  forbid("epoll_pwait", a_stream);
  return next<epoll_pwait>("epoll_pwait")(fd, events, count, timeout_ms, mask);
}

int pause() {
  forbid("pause", "a process that waits for a message");
  return next<pause>("pause")();
}

int sigwait(const sigset_t* __restrict set, int* __restrict which) {
  forbid("sigwait", "a process that waits for a message");
  return next<sigwait>("sigwait")(set, which);
}

}  // extern "C"
