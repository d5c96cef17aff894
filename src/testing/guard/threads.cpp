// Threads, and waiting for one.
#include "testing/guard/guard.hpp"

#include <pthread.h>

using namespace beamline::testing::guard;

extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) noexcept {
  forbid("pthread_create (std::thread, std::async, a detached actor)", "an ordinary process");
  return next<pthread_create>("pthread_create")(thread, attributes, run, argument);
}

int pthread_join(pthread_t thread, void** result) {
  forbid("pthread_join (std::thread::join)", "watch");
  return next<pthread_join>("pthread_join")(thread, result);
}

int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  forbid("pthread_barrier_wait", "messages between processes");
  return next<pthread_barrier_wait>("pthread_barrier_wait")(barrier);
}

}  // extern "C"
