#include "actors/timer_thread.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

using namespace beamline;

TEST_CASE("the timer thread fires in order of time, whatever the order of arming") {
  system_clock clock;
  timer_thread timers{clock};
  std::vector<int> fired;
  std::promise<void> all;
  auto now = clock.now();
  timers.arm(now + 30ms, [&] {
    fired.push_back(3);
    all.set_value();
  });
  timers.arm(now + 10ms, [&] { fired.push_back(1); });
  timers.arm(now + 20ms, [&] { fired.push_back(2); });
  timers.arm(now - 1s, [&] { fired.push_back(0); });
  all.get_future().wait();
  CHECK(fired == std::vector{0, 1, 2, 3});
  CHECK(clock.now() >= now + 30ms);
}

TEST_CASE("a cancelled timer does not fire; a timer may arm and cancel others") {
  system_clock clock;
  timer_thread timers{clock};
  std::atomic<bool> wrong{false};
  std::promise<void> done;
  auto now = clock.now();
  auto victim = timers.arm(now + 40ms, [&] { wrong = true; });
  timers.arm(now + 10ms, [&] {
    timers.cancel(victim);
    timers.arm(clock.now() + 60ms, [&] { done.set_value(); });
  });
  done.get_future().wait();
  CHECK_FALSE(wrong);
}

TEST_CASE("destruction forgets what is pending") {
  system_clock clock;
  std::atomic<bool> wrong{false};
  {
    timer_thread timers{clock};
    timers.arm(clock.now() + 1h, [&] { wrong = true; });
  }
  CHECK_FALSE(wrong);
}

TEST_CASE("settle waits for the function that runs, and for no other") {
  system_clock clock;
  timer_thread timers{clock};
  timers.settle();
  std::promise<void> started, released;
  timers.arm(clock.now(), [&] {
    started.set_value();
    released.get_future().wait();
  });
  timers.arm(clock.now() + 1h, [] {});
  started.get_future().wait();
  std::atomic<bool> is_released{false}, was_early{false};
  std::thread waiting{[&] {
    timers.settle();
    was_early = !is_released;
  }};
  std::this_thread::yield();
  is_released = true;
  released.set_value();
  waiting.join();
  CHECK_FALSE(was_early);
}
