#include "program/stop_signal.hpp"

#include <doctest/doctest.h>

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

using beamline::program::stop_signal;

namespace {

/// Signals are blocked by the object under test; this undoes it.
struct signals_as_before {
  sigset_t mask{};
  signals_as_before() { pthread_sigmask(SIG_SETMASK, nullptr, &mask); }
  ~signals_as_before() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
};

void send(int number) { REQUIRE(::kill(::getpid(), number) == 0); }

}  // namespace

TEST_CASE("SIGHUP asks for a reload, again and again; SIGTERM and SIGINT ask for the end") {
  signals_as_before restore;
  stop_signal stop{-1};
  for (int i = 0; i < 3; ++i) {
    send(SIGHUP);
    auto event = stop.wait();
    CHECK(event.is_reload());
    CHECK(event.because == "SIGHUP");
  }
  send(SIGTERM);
  auto event = stop.wait();
  CHECK_FALSE(event.is_reload());
  CHECK(event.because == "SIGTERM");
  send(SIGINT);
  CHECK(stop.wait().because == "SIGINT");
}

TEST_CASE("a reload does not overtake the end") {
  signals_as_before restore;
  stop_signal stop{-1};
  send(SIGHUP);
  send(SIGTERM);
  CHECK(stop.wait().because == "SIGTERM");
}

TEST_CASE("the end of the starting script ends the node") {
  signals_as_before restore;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  stop_signal stop{ends[0]};
  REQUIRE(::write(ends[1], "x", 1) == 1);  // What is written does not matter, only the end does.
  ::close(ends[1]);
  auto event = stop.wait();
  CHECK_FALSE(event.is_reload());
  CHECK(event.because == "the starting script has ended");
  ::close(ends[0]);
}

TEST_CASE("once the node is ending, a second signal ends it at once with 130, but SIGHUP does not") {
  for (auto [number, status] : {std::pair{SIGTERM, 130}, std::pair{SIGINT, 130}, std::pair{SIGHUP, 0}}) {
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      stop_signal stop{-1};
      stop.let_next_one_kill();
      ::kill(::getpid(), number);
      ::_exit(0);
    }
    int ended = 0;
    REQUIRE(::waitpid(child, &ended, 0) == child);
    REQUIRE(WIFEXITED(ended));
    CHECK(WEXITSTATUS(ended) == status);
  }
}

TEST_CASE("the node itself may ask for its end, from any thread and before it is waited for") {
  signals_as_before restore;
  stop_signal stop{-1};
  stop.request("the application web has ended");
  stop.request("something later");
  auto event = stop.wait();
  CHECK_FALSE(event.is_reload());
  CHECK(event.is_failure());
  CHECK(event.because == "the application web has ended");
  send(SIGTERM);
  CHECK_FALSE(stop.wait().is_failure());
}
