#pragma once

// A server that plays the part a test gives it, and the processes around it.

#include "actors/events.hpp"
#include "supervision/server.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace beamline::supervision {

using testing::simulated_node;
using testing::world;

using notes = std::vector<std::string>;

struct hello {};
struct slow {
  duration length;
};
struct finish {
  reason why;
};
struct fail {};
struct rest {
  duration length;
};

/// Plays the part that a test gives it, and notes what happens to it.
class actor : public server {
public:
  struct part {
    std::function<start_result(behavior)> start = [](behavior b) { return start_result{std::move(b)}; };
    bool traps = false;
    std::function<void()> proceed = [] {};
  };

  actor(process_context& c, notes& n, part p) : server{c}, notes_{n}, part_{std::move(p)} {}

  start_result on_init() override {
    if (part_.traps)
      trap_exits();
    return part_.start(handlers(
        [this](const hello&) {
          note("hello");
          return 1;
        },
        [this](const slow& m) -> deferred {
          auto answer = promise<int>();
          run_after(m.length, [this, answer] {
            note("answered");
            answer.set(2);
          });
          return answer;
        },
        [this](const finish& m) { stop(m.why); }, [](const fail&) { throw std::runtime_error{"boom"}; },
        [this](const rest& m) {
          note("rest");
          idle_after(m.length);
        }));
  }
  void on_continue() override {
    note("continue");
    part_.proceed();
    note("continued");
  }
  void on_terminate(const reason& why) override { note("terminate " + to_string(why)); }
  void on_exit_signal(const exit_signal& e) override { note("exit " + to_string(e.why)); }
  void on_idle() override { note("idle"); }

private:
  void note(std::string what) { notes_.push_back(std::move(what)); }

  notes& notes_;
  part part_;
};

struct run_as {
  std::function<void()> what;
};

/// Its parent is told how it goes.
inline birth told_birth() {
  birth b;
  b.start_ref = 1;
  return b;
}
inline birth named(std::string name) {
  birth b;
  b.name = std::move(name);
  return b;
}

/// Parent of the others, and a stranger to them.
class director : public process {
public:
  director(process_context& c, notes& n) : process{c}, notes_{n} {}
  behavior init() override {
    return handlers([](const run_as& m) { m.what(); }, [this](const child_started&) { notes_.push_back("started"); },
                    [this](const child_gone& m) {
                      notes_.push_back((m.when == child_gone::stage::starting  ? "failed "
                                        : m.when == child_gone::stage::ignored ? "ignored "
                                                                               : "gone ")
                                       + to_string(m.why));
                    });
  }
  pid start(notes& n, actor::part p) { return spawn_as<actor>(told_birth(), n, std::move(p)); }
  void send_exit(const pid& to, const reason& why) { exit(to, why); }
  void call_it(const pid& to, duration length, duration within) {
    call<int>(to, slow{length}, within)
        .then([this](int) { notes_.push_back("value"); },
              [this](const call_error& e) { notes_.push_back(to_string(e)); });
  }
  bool handle_other(const caf::type_erased_tuple&) override {
    notes_.push_back("stray message");
    return true;
  }

private:
  notes& notes_;
};

/// A node with a director.
struct stage {
  explicit stage(world& in) : w{in}, n{in.start_node()} {
    ear = n.events().attach<process_crashed>(
        [this](const process_crashed& e) { reported.push_back(std::string{e.message} + ": " + std::string{e.what}); });
    boss = n.spawn<director>(told);
    other = n.spawn<director>(told);
    w.run();
  }
  ~stage() { w.crash_node(n); }  // Before the notes go.
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  director& as(const pid& p) {
    return *static_cast<director*>(caf::actor_cast<caf::abstract_actor*>(n.processes().find(p.id())));
  }
  pid start(actor::part p) {
    pid made;
    n.cast(boss, run_as{[&] { made = as(boss).start(seen, std::move(p)); }});
    w.run_until([&] { return static_cast<bool>(made); });
    return made;
  }
  void exit_from(const pid& from, const pid& to, const reason& why) {
    n.cast(from, run_as{[this, from, to, why] { as(from).send_exit(to, why); }});
    w.run();
  }

  world& w;
  simulated_node& n;
  notes seen;      // By the actor.
  notes told;      // To the directors.
  notes reported;  // As crashes.
  pid boss, other;
  telemetry::handle ear;
};

inline start_result plain(behavior b) { return b; }

}  // namespace beamline::supervision
