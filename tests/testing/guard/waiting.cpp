#include "crimes.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include <csignal>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <unistd.h>

namespace beamline::testing::probe {

namespace {

std::map<std::string, crime> clocks() {
  return {
      {"clock", {"clock_gettime", [] { (void)std::chrono::steady_clock::now(); }}},
      {"wall_clock", {"clock_gettime", [] { (void)std::chrono::system_clock::now(); }}},
      {"gettimeofday",
       {"gettimeofday",
        [] {
          timeval now{};
          (void)gettimeofday(&now, nullptr);
        }}},
      {"time", {"time", [] { (void)std::time(nullptr); }}},
      {"timespec_get",
       {"timespec_get",
        [] {
          std::timespec now{};
          (void)std::timespec_get(&now, TIME_UTC);
        }}},
      {"processor_time", {"clock", [] { (void)std::clock(); }}},
      {"times",
       {"times",
        [] {
          tms now{};
          (void)times(&now);
        }}},
      {"time_zone",
       {"localtime_r",
        [] {
          std::time_t at = 0;
          std::tm parts{};
          (void)localtime_r(&at, &parts);
        }}},
      {"alarm", {"alarm", [] { (void)alarm(0); }}},
      {"timerfd", {"timerfd_create", [] { (void)close(timerfd_create(CLOCK_MONOTONIC, 0)); }}},
  };
}

std::map<std::string, crime> sleeping() {
  return {
      {"sleep_for", {"nanosleep", [] { std::this_thread::sleep_for(std::chrono::milliseconds{1}); }}},
      {"sleep", {"sleep", [] { (void)::sleep(0); }}},
      {"usleep", {"usleep", [] { (void)::usleep(1); }}},
      {"clock_nanosleep",
       {"clock_nanosleep",
        [] {
          timespec moment{0, 1};
          (void)::clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, nullptr);
        }}},
  };
}

std::map<std::string, crime> threads() {
  return {
      {"thread", {"pthread_create", [] { std::thread{[] {}}.join(); }}},
      {"async", {"pthread_create", [] { std::async(std::launch::async, [] {}).get(); }}},
      {"join",
       {"pthread_join",
        [] {
          (void)pthread_join(pthread_self(), nullptr);  // EDEADLK.
        }}},
      {"condition",
       {"pthread_cond_wait",
        [] {
          std::mutex m;
          std::condition_variable c;
          std::unique_lock lock{m};
          c.wait(lock);
        },
        false}},
      {"condition_until",
       {"pthread_cond_clockwait",
        [] {
          std::mutex m;
          std::condition_variable c;
          std::unique_lock lock{m};
          (void)c.wait_until(lock, std::chrono::steady_clock::time_point{});
        }}},
      {"future",
       {"futex",
        [] {
          std::promise<void> never;
          never.get_future().wait();
        },
        false}},
      {"atomic",
       {"futex",
        [] {
          std::atomic<int> never{0};
          never.wait(0);
        },
        false}},
      {"semaphore",
       {"sem_wait",
        [] {
          sem_t empty;
          (void)sem_init(&empty, 0, 0);
          (void)sem_wait(&empty);
        },
        false}},
      {"semaphore_until",
       {"sem_timedwait",
        [] {
          sem_t empty;
          (void)sem_init(&empty, 0, 0);
          timespec past{};
          (void)sem_timedwait(&empty, &past);
        }}},
      {"barrier",
       {"pthread_barrier_wait",
        [] {
          pthread_barrier_t b;
          (void)pthread_barrier_init(&b, nullptr, 1);
          (void)pthread_barrier_wait(&b);
          (void)pthread_barrier_destroy(&b);
        }}},
  };
}

std::map<std::string, crime> locks() {
  return {
      {"mutex",
       {"pthread_mutex_lock",
        [] {
          std::mutex m;
          m.lock();
          m.lock();
        },
        false}},
      {"timed_mutex",
       {"pthread_mutex_clocklock",
        [] {
          std::timed_mutex m;
          (void)m.try_lock_until(std::chrono::steady_clock::time_point{});
        }}},
      {"shared_mutex",
       {"pthread_rwlock_wrlock",
        [] {
          pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
          (void)pthread_rwlock_wrlock(&lock);
          (void)pthread_rwlock_wrlock(&lock);  // EDEADLK.
        }}},
      {"shared_mutex_read",
       {"pthread_rwlock_rdlock",
        [] {
          pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
          (void)pthread_rwlock_wrlock(&lock);
          (void)pthread_rwlock_rdlock(&lock);  // EDEADLK.
        }}},
  };
}

std::map<std::string, crime> events() {
  return {
      {"poll", {"poll", [] { (void)::poll(nullptr, 0, 0); }}},
      {"ppoll",
       {"ppoll",
        [] {
          timespec none{};
          (void)::ppoll(nullptr, 0, &none, nullptr);
        }}},
      {"select",
       {"select",
        [] {
          timeval none{};
          (void)::select(0, nullptr, nullptr, nullptr, &none);
        }}},
      {"pselect",
       {"pselect",
        [] {
          timespec none{};
          (void)::pselect(0, nullptr, nullptr, nullptr, &none, nullptr);
        }}},
      {"epoll",
       {"epoll_wait",
        [] {
          epoll_event e{};
          (void)::epoll_wait(-1, &e, 1, 0);
        }}},
      {"pause", {"pause", [] { (void)::pause(); }, false}},
      {"sigwait",
       {"sigwait",
        [] {
          sigset_t none;
          (void)sigemptyset(&none);
          int which = 0;
          (void)sigwait(&none, &which);
        },
        false}},
  };
}

}  // namespace

std::map<std::string, crime> crimes_of_waiting() {
  auto all = clocks();
  for (auto& part : {sleeping(), threads(), locks(), events()})
    all.insert(part.begin(), part.end());
  return all;
}

}  // namespace beamline::testing::probe
