// Clocks, sleeping, and timers of the system.
#include "testing/guard/guard.hpp"

#include <csignal>
#include <ctime>

#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <unistd.h>

using namespace beamline::testing::guard;

namespace {

constexpr const char* the_clock = "env().time()";
constexpr const char* a_timer = "run_after";

}  // namespace

extern "C" {

int clock_gettime(clockid_t id, timespec* out) noexcept {
  forbid("clock_gettime (system_clock::now, steady_clock::now)", the_clock);
  return next<clock_gettime>("clock_gettime")(id, out);
}

int gettimeofday(timeval* __restrict out, void* __restrict zone) noexcept {
  forbid("gettimeofday", the_clock);
  return next<gettimeofday>("gettimeofday")(out, zone);
}

time_t time(time_t* out) noexcept {
  forbid("time", the_clock);
  return next<time>("time")(out);
}

int timespec_get(timespec* out, int base) noexcept {
  forbid("timespec_get", the_clock);
  return next<timespec_get>("timespec_get")(out, base);
}

clock_t clock() noexcept {
  forbid("clock", the_clock);
  return next<clock>("clock")();
}

clock_t times(tms* out) noexcept {
  forbid("times", the_clock);
  return next<times>("times")(out);
}

// The time zone is a property of the machine.
tm* localtime(const time_t* at) noexcept {
  forbid("localtime", "gmtime_r of env().time()");
  return next<localtime>("localtime")(at);
}

tm* localtime_r(const time_t* __restrict at, tm* __restrict out) noexcept {
  forbid("localtime_r", "gmtime_r of env().time()");
  return next<localtime_r>("localtime_r")(at, out);
}

time_t mktime(tm* parts) noexcept {
  forbid("mktime", "timegm");
  return next<mktime>("mktime")(parts);
}

unsigned sleep(unsigned seconds) {
  forbid("sleep", a_timer);
  return next<sleep>("sleep")(seconds);
}

int usleep(useconds_t us) {
  forbid("usleep", a_timer);
  return next<usleep>("usleep")(us);
}

int nanosleep(const timespec* wanted, timespec* left) {
  forbid("nanosleep (sleep_for)", a_timer);
  return next<nanosleep>("nanosleep")(wanted, left);
}

int clock_nanosleep(clockid_t id, int flags, const timespec* wanted, timespec* left) {
  forbid("clock_nanosleep (sleep_for, sleep_until)", a_timer);
  return next<clock_nanosleep>("clock_nanosleep")(id, flags, wanted, left);
}

unsigned alarm(unsigned seconds) noexcept {
  forbid("alarm", a_timer);
  return next<alarm>("alarm")(seconds);
}

int timerfd_create(clockid_t id, int flags) noexcept {
  forbid("timerfd_create", a_timer);
  return next<timerfd_create>("timerfd_create")(id, flags);
}

int timer_create(clockid_t id, sigevent* __restrict how, timer_t* __restrict out) noexcept {
  forbid("timer_create", a_timer);
  return next<timer_create>("timer_create")(id, how, out);
}

}  // extern "C"
