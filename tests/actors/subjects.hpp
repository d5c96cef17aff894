#pragma once

// The processes that suites of processes try things on.

#include "actors/process.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace beamline::subjects {

struct add {
  long by;
};
struct get {};
struct fail {};
struct get_later {};
struct answer_now {};
struct promise_and_fail {};
struct nothing_to_say {};

class counter : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const add& m) { total_ += m.by; }, [this](const get&) { return total_; },
                    [](const fail&) -> long { throw std::runtime_error{"no more"}; },
                    [this](const get_later&) -> deferred {
                      auto p = promise<long>();
                      waiting_.push_back(p);
                      return p;
                    },
                    [this](const promise_and_fail&) -> deferred {
                      auto p = promise<long>();
                      throw std::runtime_error{"halfway"};
                      return p;
                    },
                    [](const nothing_to_say&) {},
                    [this](const answer_now&) {
                      for (auto& p : waiting_)
                        p.set(total_);
                      waiting_.clear();
                    });
  }

private:
  long total_ = 0;
  std::vector<reply_promise<long>> waiting_;
};

/// Runs what a test hands it in a turn of its own.
struct perform {
  std::function<void(process&)> what;
};

/// Does as it is told, and notes the numbers and the signals about children that it gets.
class subject : public process {
public:
  explicit subject(process_context& c, std::function<void(subject&)> at_start = {})
      : process{c}, at_start_{std::move(at_start)} {}

  behavior init() override {
    if (at_start_)
      std::exchange(at_start_, nullptr)(*this);
    return handlers([this](const perform& p) { p.what(*this); }, [this](const add& m) { seen.push_back(m.by); },
                    [this](const child_started& m) {
                      started.push_back(m);
                      order += 's';
                    },
                    [this](const child_gone& m) {
                      gone.push_back(m);
                      order += 'g';
                      if (on_gone)
                        on_gone(*this);
                    });
  }
  void terminate(const reason& why) override {
    if (at_end)
      at_end(*this, why);
  }

  using process::call;
  using process::caller;
  using process::cancel;
  using process::cast;
  using process::confirm_start;
  using process::exit;
  using process::hold_start;
  using process::ignore_start;
  using process::is_asked_to_stop;
  using process::is_ended_by_signal;
  using process::limit_mailbox;
  using process::link;
  using process::promise;
  using process::refuse_start;
  using process::register_as;
  using process::resume_with;
  using process::run_after;
  using process::send_after;
  using process::spawn;
  using process::spawn_as;
  using process::start_info;
  using process::stop;
  using process::stop_process;
  using process::trap_exits;
  using process::unlink;
  using process::unwatch;
  using process::watch;

  std::vector<long> seen;
  std::vector<child_started> started;
  std::vector<child_gone> gone;
  std::string order;  // An `s` or a `g` for each of them.
  std::function<void(subject&)> on_gone;
  std::function<void(subject&, const reason&)> at_end;

private:
  std::function<void(subject&)> at_start_;
};

/// Runs `fn(subject&)` inside a subject and the world to rest.
template <class F>
void in(testing::world& w, testing::simulated_node& n, const pid& p, F fn) {
  n.cast(p, perform{[fn](process& self) { fn(static_cast<subject&>(self)); }});
  w.run();
}

/// A subject that traps exits and notes them.
inline pid trapping(testing::world& w, testing::simulated_node& n, std::vector<exit_signal>& into) {
  auto p = n.spawn<subject>(
      [&into](subject& self) { self.trap_exits([&into](const exit_signal& e) { into.push_back(e); }); });
  w.run();
  return p;
}

/// How that process ended; a test that asks for one that lives has failed.
inline reason how_ended(testing::simulated_node& n, const pid& p) {
  auto why = n.processes().exit_reason(p.id());
  if (!why)
    throw std::logic_error{to_string(p) + " has not ended"};
  return *why;
}

}  // namespace beamline::subjects
