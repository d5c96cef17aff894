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
// Several nodes: cluster.hpp. Thousands of seeds with faults: explore/explore.hpp.

#include "actors/node.hpp"
#include "actors/system_config.hpp"
#include "base/log_options.hpp"
#include "base/telemetry.hpp"
#include "testing/climate.hpp"
#include "testing/machine.hpp"
#include "testing/observer.hpp"
#include "testing/schedule/chooser.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// A number for a word, for `world::note`.
[[nodiscard]] constexpr std::uint64_t trace_tag(std::string_view word) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char c : word)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

class coordinator;
class simulated_network;
class simulated_node;

struct world_options {
  std::uint64_t seed = 1;
  climate weather{};
  // More steps than this without coming to rest is taken for an endless exchange: simulation_error.
  std::uint64_t steps_to_rest_max = 5'000'000;
  std::optional<schedule_script> script{};  // Replaces `weather.choice`.
  bool is_recorded = false;                 // Keeps `choices`.
  log_level log = log_level::trace;         // Of the nodes' logs, which stay in memory.
};

/// How a node stopped.
struct stop_report {
  std::vector<process_info> killed;     // They did not end when they were told to, and had to be killed.
  std::vector<process_info> survivors;  // Not even that ended them within the budget.
  [[nodiscard]] bool is_clean() const noexcept { return killed.empty() && survivors.empty(); }
};

/// What a boot function throws when its node cannot start now but may later (its database does not open: the disk is
/// full): a cluster tries again, as an init system does.
class start_refused : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Thrown when the simulated program can go no further as asked: it never comes to rest, or a call failed.
class simulation_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A set of simulated nodes under one scheduler and one clock. Not thread-safe: it is the one thread. Worlds share
/// nothing: several threads may have one each.
class world {
public:
  explicit world(std::uint64_t seed = 1) : world{world_options{.seed = seed}} {}
  explicit world(world_options o);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  // -- nodes ------------------------------------------------------------------------

  /// Starts a node on the machine of that name, with a new incarnation. Throws simulation_error if one runs there.
  simulated_node& start_node(std::string name = "one@sim");
  /// Ends a node at once: nothing it does from here on reaches anybody. Its disk stays, see node_end.
  void end_node(simulated_node& n, node_end how);
  void crash_node(simulated_node& n) { end_node(n, node_end::crash); }
  /// Ends a node in order, in virtual time, as SIGTERM does.
  stop_report stop_node(simulated_node& n, duration budget = 5s);
  /// The node does nothing until then: its steps, timers and whatever arrives wait.
  void pause_node(simulated_node& n, duration d);
  void resume_node(simulated_node& n);

  /// The machine of that name; made when it is first asked for.
  machine& machine_of(std::string_view name);
  [[nodiscard]] const std::vector<std::unique_ptr<machine>>& machines() const noexcept { return machines_; }
  /// Null: no such node runs.
  [[nodiscard]] simulated_node* find_node(std::string_view name);
  [[nodiscard]] simulated_network& network() noexcept { return *network_; }

  /// Of every node that is started from now on.
  [[nodiscard]] message_contract& contract() noexcept { return contract_; }

  // -- time -------------------------------------------------------------------------

  /// One step of one process, or the next timer. False: nothing is ready and no timer is armed.
  bool step();
  /// Steps until nothing is ready; time moves only by what steps cost.
  void run();
  /// Lets `d` of virtual time pass, every timer at its own moment, then runs to rest.
  void advance(duration d);
  /// As `advance`, without coming to rest afterwards: for programs that never do.
  void pass(duration d);
  /// Steps until `condition` holds; false when it does not within `d` of virtual time.
  bool run_until(const std::function<bool()>& condition, duration within = 60s);
  /// As `run_until`; throws simulation_error when it does not come true. `what` is what was expected, in words.
  void expect(std::string_view what, const std::function<bool()>& condition, duration within = 5s);

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
  /// Virtual time since the world began.
  [[nodiscard]] duration elapsed() const noexcept { return now_ - time_point{}; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return options_.seed; }
  [[nodiscard]] const climate& weather() const noexcept { return options_.weather; }
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
  /// Changes with every step, timer, delayed send, frame and write: equal hashes mean equal runs.
  [[nodiscard]] std::uint64_t trace_hash() const noexcept { return hash_; }
  /// The scheduler's choices that differ from FIFO, if `is_recorded`.
  [[nodiscard]] const schedule_script& choices() const noexcept { return chooser_.choices(); }

  // -- watching ---------------------------------------------------------------------

  /// Borrowed; must be removed before it goes, and be added while no node runs to see all of their events.
  void add_observer(observer& o);
  void remove_observer(observer& o);
  /// Something the simulated world did; `make()` gives the words, and is called only if somebody reads them.
  template <class F>
  void tell(const machine* where, F&& make) {
    if (!note_readers_.empty())
      tell_readers(where, make());
  }

  // -- for the parts of the simulator ---------------------------------------------

  void make_ready(coordinator& c, caf::resumable* job);
  /// `owner`: the incarnation of the node whose end takes the event along, and whose pause delays it; 0: the world's
  /// own.
  timer_id at(time_point when, std::function<void()> run, std::uint64_t owner = 0);
  void forget(timer_id t) { events_.erase(t); }
  bool hold(process& to, caf::mailbox_element_ptr& m);
  void after_sends(simulated_node& n, const process& from, std::function<void()> tell);
  [[nodiscard]] bool is_blocked(const process& p) const;
  /// Into the trace hash; `what` is a trace_tag.
  void note(std::uint64_t what, std::uint64_t a = 0, std::uint64_t b = 0);
  [[nodiscard]] std::uint64_t derive_seed(std::uint64_t purpose) const;
  [[nodiscard]] log_level log_level_of_nodes() const noexcept { return options_.log; }
  /// Timers and other events of that incarnation that are still to come.
  [[nodiscard]] std::size_t events_of(std::uint64_t owner) const;

private:
  struct event {
    std::uint64_t owner;
    std::function<void()> run;
  };

  using event_list = std::map<timer_id, event>;

  [[nodiscard]] event_list::iterator first_due();
  [[nodiscard]] time_point next_moment() const;
  bool fire_due();
  bool step_ready();
  bool step_within(time_point limit);
  void run_job(ready_job j);
  void deliver_held(simulated_node& from, std::uint64_t sender);
  void deliver_all_held(simulated_node& from, std::uint64_t sender);
  [[nodiscard]] bool is_any_held() const;
  [[nodiscard]] bool is_paused(const simulated_node& n) const;
  /// When a node of that incarnation goes on; long ago: it is not paused.
  [[nodiscard]] time_point paused_until(std::uint64_t owner) const;
  call_result ask_message(const pid& to, message m, duration within);
  simulated_node& node_of(const pid& p);
  void end_processes(simulated_node& n);
  void tell_readers(const machine* where, std::string_view text);

  world_options options_;
  message_contract contract_;
  seeded_random costs_, holds_;
  chooser chooser_;
  time_point now_{1us};
  std::uint64_t steps_ = 0, hash_ = 0, last_event_ = 0, starts_ = 0;
  event_list events_;
  std::vector<ready_job> ready_;
  std::vector<std::size_t> able_;  // Of `step_ready`.
  time_point pauses_end_{};        // No node is paused beyond this.
  std::vector<std::unique_ptr<machine>> machines_;
  std::unique_ptr<simulated_network> network_;
  std::vector<std::unique_ptr<simulated_node>> nodes_;
  std::vector<observer*> observers_, mail_readers_, event_readers_, note_readers_;
  std::uint64_t running_ = 0;  // CAF id of the actor in its handler; 0: none.
  simulated_node* running_on_ = nullptr;
  process* running_process_ = nullptr;
};

/// `block_current` of the world this thread runs in: for the code of actors under test. Outside a world's handlers:
/// simulation_error.
void block(duration d);

/// Runs `story` in `count` worlds with seeds `first`, `first + 1`, ... A failure names its seed, and what to call to
/// see only that one (`--seed`, see explore/command_line.hpp).
void for_each_seed(std::uint64_t count, const std::function<void(world&)>& story, std::uint64_t first = 1);

}  // namespace beamline::testing
