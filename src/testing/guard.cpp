// Forbids to simulated processes, at run time, what would make a run irreproducible: starting threads,
// reading clocks, hardware randomness, sleeping, blocking. Symbols defined in an executable win over those
// of the shared C and C++ libraries, so linking this file into a test binary is all it takes. Sanitizers
// define the same symbols; those builds go without it.
#include "testing/running.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include <dlfcn.h>
#include <execinfo.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

[[noreturn]] void die(const char* what, const char* instead) {
  auto culprit = beamline::testing::running();
  beamline::testing::running().is_active = false;
  std::fprintf(stderr, "simulation guard: %s on %s called %s; use %s\n", culprit.kind, culprit.node, what, instead);
  void* frames[32];
  backtrace_symbols_fd(frames, backtrace(frames, 32), STDERR_FILENO);
  std::abort();
}

void forbid(const char* what, const char* instead) {
  if (beamline::testing::running().is_active)
    die(what, instead);
}

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) noexcept {
  forbid("pthread_create (std::thread, std::async, a detached actor)", "an ordinary process");
  static auto real = next<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return real(thread, attributes, run, argument);
}

int clock_gettime(clockid_t id, timespec* out) noexcept {
  forbid("clock_gettime (system_clock::now, steady_clock::now)", "env().time()");
  static auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
  return real(id, out);
}

time_t time(time_t* out) noexcept {
  forbid("time", "env().time()");
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr)
    *out = now.tv_sec;
  return now.tv_sec;
}

int nanosleep(const timespec* wanted, timespec* left) {
  forbid("nanosleep", "run_after");
  static auto real = next<int (*)(const timespec*, timespec*)>("nanosleep");
  return real(wanted, left);
}

int clock_nanosleep(clockid_t id, int flags, const timespec* wanted, timespec* left) {
  forbid("clock_nanosleep (sleep_for)", "run_after");
  static auto real = next<int (*)(clockid_t, int, const timespec*, timespec*)>("clock_nanosleep");
  return real(id, flags, wanted, left);
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  forbid("pthread_cond_wait (condition_variable, a blocking actor)", "call(...).then(...)");
  static auto real = next<int (*)(pthread_cond_t*, pthread_mutex_t*)>("pthread_cond_wait");
  return real(condition, mutex);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  forbid("pthread_cond_timedwait", "run_after");
  static auto real = next<int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*)>("pthread_cond_timedwait");
  return real(condition, mutex, until);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t id, const timespec* until) {
  forbid("pthread_cond_clockwait (condition_variable::wait_for)", "run_after");
  static auto real =
      next<int (*)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)>("pthread_cond_clockwait");
  return real(condition, mutex, id, until);
}

// The C++ library's futures wait by the bare system call.
long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long a[6];
  for (auto& argument : a)
    argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_futex && (a[1] & FUTEX_CMD_MASK) != FUTEX_WAKE)
    forbid("futex (std::future, call_sync)", "call(...).then(...)");
  static auto real = next<long (*)(long, ...)>("syscall");
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

ssize_t getrandom(void* out, size_t size, unsigned flags) {
  forbid("getrandom", "env().random()");
  static auto real = next<ssize_t (*)(void*, size_t, unsigned)>("getrandom");
  return real(out, size, flags);
}

int rand() noexcept {
  forbid("rand", "env().random()");
  static auto real = next<int (*)()>("rand");
  return real();
}

}  // extern "C"

// libstdc++ reads the processor's generator directly; the C library is too low to catch it.
std::random_device::result_type std::random_device::_M_getval() {
  forbid("std::random_device", "env().random()");
  unsigned value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value)
    std::abort();
  return value;
}
