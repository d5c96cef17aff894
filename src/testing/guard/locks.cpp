// Locks. Taking a free one is fine and costs a branch; on one thread a lock that is not free never will be.
#include "testing/guard/guard.hpp"

#include <cerrno>
#include <ctime>

#include <pthread.h>
#include <unistd.h>

using namespace beamline::testing::guard;

namespace {

constexpr const char* no_lock = "state that one process owns, and messages";
// Other threads may have worlds of their own and share a library's lock with this one: they give it back soon.
constexpr time_t patience_s = 10;

/// How long another thread may hold a lock before it is taken for one that nobody gives back.
timespec patience_end() {
  timespec end{};
  next<clock_gettime>("clock_gettime")(CLOCK_REALTIME, &end);
  end.tv_sec += patience_s;
  return end;
}

int lock_within(pthread_mutex_t* m, const timespec& end) {
  return next<pthread_mutex_timedlock>("pthread_mutex_timedlock")(m, &end);
}

/// Of a process: `try_now` is asked first, then `try_until` with an end.
template <class Lock, class TryNow, class TryUntil>
int lock_or_die(Lock* lock, TryNow try_now, TryUntil try_until, const char* what) {
  int outcome = try_now(lock);
  if (outcome != EBUSY)
    return outcome;
  outcome = try_until(lock, patience_end());
  if (outcome == ETIMEDOUT || outcome == EDEADLK)
    die(what, no_lock);
  return outcome;
}

bool is_held_here(const pthread_mutex_t& m) { return m.__data.__owner == gettid(); }

}  // namespace

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* m) noexcept {
  if (!beamline::testing::running().is_active)
    return next<pthread_mutex_lock>("pthread_mutex_lock")(m);
  int outcome = pthread_mutex_trylock(m);
  if (outcome != EBUSY)
    return outcome;
  if (is_held_here(*m))
    die("pthread_mutex_lock (std::mutex) on a mutex that its own thread holds", no_lock);
  outcome = lock_within(m, patience_end());
  if (outcome == ETIMEDOUT)
    die("pthread_mutex_lock (std::mutex) on a mutex that nobody gives back", no_lock);
  return outcome;
}

int pthread_mutex_timedlock(pthread_mutex_t* __restrict m, const timespec* __restrict until) noexcept {
  forbid("pthread_mutex_timedlock (std::timed_mutex)", "run_after");
  return next<pthread_mutex_timedlock>("pthread_mutex_timedlock")(m, until);
}

int pthread_mutex_clocklock(pthread_mutex_t* m, clockid_t id, const timespec* until) noexcept {
  forbid("pthread_mutex_clocklock (std::timed_mutex)", "run_after");
  return next<pthread_mutex_clocklock>("pthread_mutex_clocklock")(m, id, until);
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  if (!beamline::testing::running().is_active)
    return next<pthread_rwlock_rdlock>("pthread_rwlock_rdlock")(lock);
  return lock_or_die(
      lock, pthread_rwlock_tryrdlock,
      [](pthread_rwlock_t* l, const timespec& end) { return pthread_rwlock_timedrdlock(l, &end); },
      "pthread_rwlock_rdlock (std::shared_mutex) on a lock that nobody gives back");
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  if (!beamline::testing::running().is_active)
    return next<pthread_rwlock_wrlock>("pthread_rwlock_wrlock")(lock);
  return lock_or_die(
      lock, pthread_rwlock_trywrlock,
      [](pthread_rwlock_t* l, const timespec& end) { return pthread_rwlock_timedwrlock(l, &end); },
      "pthread_rwlock_wrlock (std::shared_mutex) on a lock that nobody gives back");
}

}  // extern "C"
