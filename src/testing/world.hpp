#pragma once

// Deterministic tests of actors: one thread, virtual time, everything decided by one seed.
//
//   TEST_CASE("a counter counts") {
//     testing::for_each_seed(100, [](testing::world& w) {
//       auto& n = w.start_node();
//       auto p = n.spawn<counter>();
//       n.cast(p, add{2});
//       CHECK(w.ask<long>(p, get{}) == 2);
//       w.advance(5s);
//     });
//   }
//
// A step lets one ready process, chosen by the seed, handle exactly one message, and costs a little
// virtual time. A handler may be suspended between two of its sends, as on a machine with more threads.

#include "actors/node.hpp"
#include "actors/system_config.hpp"
#include "base/telemetry.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace beamline {
class logger;
}

namespace beamline::testing {

class coordinator;
class simulated_node;

/// How the next process is chosen among those that are ready.
enum class schedule : std::uint8_t {
  fifo,     // In the order they became ready: the dullest schedule there is.
  uniform,  // Any of them.
};

struct world_options {
  std::uint64_t seed = 1;
  schedule choice = schedule::uniform;
  duration step_cost_min = 1us;  // Virtual time one step takes ...
  duration step_cost_max = 20us;
  std::uint32_t hold_ppm = 50'000;  // Chance per send that its handler is suspended there, in millionths ...
  duration hold_max = 100us;        // ... for at most this long.
  // More steps than this without coming to rest is taken for an endless exchange: simulation_error.
  std::uint64_t steps_to_rest_max = 5'000'000;
};

/// Thrown when the simulated program can go no further as asked: it never comes to rest, or a call failed.
class simulation_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A set of simulated nodes under one scheduler and one clock. Not thread-safe: it is the one thread.
class world {
public:
  explicit world(std::uint64_t seed = 1) : world{world_options{.seed = seed}} {}
  explicit world(world_options o);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// Starts a node; it lives until `stop_node` or the end of the world. Names must differ.
  simulated_node& start_node(std::string name = "one@sim");
  /// Ends a node at once, as a crash of its process would: nobody says goodbye.
  void crash_node(simulated_node& n);

  /// One step of one process, or the next timer. False: nothing is ready and no timer is armed.
  bool step();
  /// Steps until nothing is ready; time moves only by what steps cost.
  void run();
  /// Lets `d` of virtual time pass, every timer at its own moment, then runs to rest.
  void advance(duration d);
  /// Steps until `condition` holds; false when it does not within `d` of virtual time.
  bool run_until(const std::function<bool()>& condition, duration within = 60s);

  /// Calls a process and runs the world until the answer.
  template <class R, class M>
  [[nodiscard]] call_outcome<R> try_ask(const pid& to, M&& m, duration within = 5s) {
    return beamline::detail::to_outcome<R>(ask_message(to, share(std::forward<M>(m)), within));
  }
  /// As `try_ask`; throws simulation_error unless the answer is an `R`.
  template <class R, class M>
  [[nodiscard]] R ask(const pid& to, M&& m, duration within = 5s) {
    auto outcome = try_ask<R>(to, std::forward<M>(m), within);
    if (auto* e = std::get_if<call_error>(&outcome))
      throw simulation_error{"asking " + to_string(to) + " failed: " + to_string(*e)};
    if constexpr (!std::is_void_v<R>)
      return std::get<R>(std::move(outcome));
  }

  /// Called by a handler: it takes `d` of virtual time from here on. Its process handles nothing meanwhile, not even
  /// a kill, its stats show the message as being handled, and what the handler sends after this goes out at the end.
  /// A process that ends in the same handler ends at once, though.
  void block_current(duration d);

  [[nodiscard]] time_point now() const noexcept { return now_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return options_.seed; }
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
  /// Changes with every step, timer and delayed send: equal hashes mean equal runs.
  [[nodiscard]] std::uint64_t trace_hash() const noexcept { return hash_; }

  // -- for the parts of the simulator ---------------------------------------------

  void make_ready(coordinator& c, caf::resumable* job);
  /// `owner`: the incarnation of the node whose crash takes the event along; 0: the world's own.
  timer_id at(time_point when, std::function<void()> run, std::uint64_t owner = 0);
  void forget(timer_id t) { events_.erase(t); }
  bool hold(process& to, caf::mailbox_element_ptr& m);
  void after_sends(simulated_node& n, const process& from, std::function<void()> tell);
  [[nodiscard]] bool is_blocked(const process& p) const;
  void note(std::uint64_t what, std::uint64_t a = 0, std::uint64_t b = 0);
  [[nodiscard]] std::uint64_t derive_seed(std::uint64_t purpose) const;

private:
  struct ready_job {
    coordinator* owner;
    caf::resumable* job;
  };

  struct event {
    std::uint64_t owner;
    std::function<void()> run;
  };

  bool fire_due();
  bool step_ready();
  bool step_within(time_point limit);
  std::optional<std::size_t> choose();
  void run_job(ready_job j);
  void deliver_held(simulated_node& from, std::uint64_t sender);
  call_result ask_message(const pid& to, message m, duration within);
  simulated_node& node_of(const pid& p);

  world_options options_;
  seeded_random choices_, costs_, holds_;
  time_point now_{1us};
  std::uint64_t steps_ = 0, hash_ = 0, last_event_ = 0, starts_ = 0;
  std::map<timer_id, event> events_;
  std::vector<ready_job> ready_;
  std::vector<std::unique_ptr<simulated_node>> nodes_;
  std::uint64_t running_ = 0;  // CAF id of the actor in its handler; 0: none.
  simulated_node* running_on_ = nullptr;
  process* running_process_ = nullptr;
};

/// `block_current` of the world this thread runs in: for the code of actors under test. Outside a world's handlers:
/// simulation_error.
void block(duration d);

/// Runs `story` in `count` worlds with seeds `first`, `first + 1`, ... A failure names its seed. Environment
/// variables are not read here: the test binary's own `--seed` belongs to the simulator issue's runner.
void for_each_seed(std::uint64_t count, const std::function<void(world&)>& story, std::uint64_t first = 1);

}  // namespace beamline::testing
