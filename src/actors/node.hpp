#pragma once

#include "actors/environment.hpp"
#include "actors/message_contract.hpp"
#include "actors/process.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace caf {
class actor_system;
class execution_unit;
}  // namespace caf

namespace beamline {

struct system_config;
class turn_batch;

/// How a shutdown went.
struct shutdown_report {
  std::vector<process_info> survivors;  // Still running when the time was up; empty: all is well.
  [[nodiscard]] bool is_clean() const noexcept { return survivors.empty(); }
};

/// One running node: the actor system, its process table and its environment. `main` has one; tests may
/// have several in one process. Made and ended by one thread; what is marked so may be used by all.
class node {
public:
  struct options {
    std::string name;  // `name@host`
    std::uint64_t incarnation = 1;
    std::size_t scheduler_threads = 2;
    // Messages a process may handle in one go before others get their turn (CAF note, section 5).
    std::size_t messages_per_turn = 100;
    std::size_t processes_max = process_table::processes_max_default;
    message_contract contract{};  // What its processes and those of other nodes can tell each other.
    std::function<void(system_config&)> configure{};  // For modules: the middleman, the simulator's scheduler.
  };

  /// The ports are borrowed and must outlive the node.
  node(options o, const environment::ports& ports);
  /// The processes must be gone: call `shutdown` first. (With survivors CAF's destructor waits for ever.)
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  [[nodiscard]] environment& env() noexcept { return *env_; }
  [[nodiscard]] const node_identity_ptr& identity() const noexcept { return env_->self(); }
  [[nodiscard]] process_table& processes() noexcept { return *table_; }
  [[nodiscard]] caf::actor_system& system() noexcept { return *system_; }

  /// Starts a process without a parent. Thread-safe.
  template <class P, class... Args>
  pid spawn(Args&&... args) {
    return spawn_as<P>({}, std::forward<Args>(args)...);
  }
  /// The same with more said about it. Throws `name_taken` and `process_limit_reached`.
  template <class P, class... Args>
  pid spawn_as(birth how, Args&&... args) {
    return detail::spawn_process<P>(*system_, nullptr, std::move(how), std::forward<Args>(args)...);
  }

  /// Casts from outside any process. Thread-safe. To another node: only what is in the contract.
  template <class M>
  void cast(const pid& to, M&& m) {
    cast_message(to, share(std::forward<M>(m)));
  }
  void exit(const pid& who, const reason& why);
  [[nodiscard]] pid whereis(const std::string& name);

  /// Calls from `main`, a test or a foreign thread, and blocks it until the answer; never from a process.
  template <class R, class M>
  [[nodiscard]] call_outcome<R> call_sync(const pid& to, M&& m, duration within) {
    return detail::to_outcome<R>(call_message(to, share(std::forward<M>(m)), within));
  }

  /// As `process::stop_process`; blocks the caller until the end.
  [[nodiscard]] std::optional<call_error> stop_sync(const pid& who, const reason& why, duration within);

  /// Blocks until that process has run its `init`; false when it ended instead, or took longer. For `main`, which
  /// starts things in order; supervisors will do this without blocking.
  [[nodiscard]] bool await_init(const pid& p, duration within);

  /// Ends all processes within `budget`: asks those without a parent first (they stop theirs), then everybody,
  /// kills in the last quarter of the time, and reports who is left (CAF note, section 13). Afterwards nothing can be
  /// spawned any more: `process_limit_reached`.
  shutdown_report shutdown(duration budget);
  /// The same where time passes otherwise: `wait_until_empty(d)` lets up to `d` of it pass, until no process is left.
  shutdown_report shutdown(duration budget, const std::function<bool(duration)>& wait_until_empty);

private:
  friend class turn_batch;

  // Whom it wakes is left to `by`; without one the scheduler has it at once.
  void cast_message(const pid& to, message m, caf::execution_unit* by = nullptr);
  call_result call_message(const pid& to, message m, duration within);

  message_contract contract_;
  std::unique_ptr<process_table> table_;
  std::unique_ptr<environment> env_;
  std::unique_ptr<system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<remote_processes> remote_;
};

}  // namespace beamline
