#pragma once

// Processes: actors as Erlang means them, on CAF's event-based actors.
//
//   class counter : public process {                        one process class per file
//   public:
//     using process::process;
//     behavior init() override {
//       return handlers([this](const add& m) { total_ += m.by; },
//                       [this](const get&) { return total_; });
//     }
//   private:
//     long total_ = 0;
//   };
//
//   pid p = spawn<counter>();
//   cast(p, add{1});                                        at most once, in order per sender
//   call<long>(p, get{}, 5s).then([](long n) {...}, [](const call_error& e) {...});
//
// Messages are plain structs. Handlers run one at a time, must not block, and take their message by
// const reference or value. A handler that returns something answers a call. A handler that throws ends
// the process with `crashed: <text>`. A process lives until it ends, whoever holds its pid.

#include "actors/birth.hpp"
#include "actors/call.hpp"
#include "actors/environment.hpp"
#include "actors/local_messages.hpp"
#include "actors/message_codec.hpp"
#include "actors/pid.hpp"
#include "actors/process_table.hpp"
#include "actors/reason.hpp"
#include "actors/signals.hpp"
#include "actors/timers.hpp"

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/make_message.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace beamline {

using caf::behavior;
using caf::message;

/// What the constructor of a process gets first and passes on:
///   my_process(process_context& c, options o) : process{c}, options_{o} {}
using process_context = caf::actor_config;

class mail_hook;

namespace detail {

struct process_pending;

template <class P, class... Args>
pid spawn_process(caf::actor_system& system, caf::execution_unit* host, birth how, Args&&... args);

}  // namespace detail

/// Builds a message once, to be cast to many (the payload is shared, not copied).
template <class M>
[[nodiscard]] message share(M&& m) {
  return caf::make_message(std::forward<M>(m));
}

/// Base class of all actors. Everything protected is for the process itself, in its own handlers.
class process : public caf::event_based_actor {
public:
  // A process whose mailbox holds this many messages answers calls with `busy` and drops casts, counted
  // (`shed`). Exits, monitors, timers, replies and the news of links are never dropped.
  static constexpr std::int64_t mailbox_default = 65'536;
  // Timers, pending calls and watches of one process together; one more throws: it leaks them.
  static constexpr std::size_t pending_max = 1U << 20;

  using timer_ref = std::uint64_t;
  using watch_ref = std::uint64_t;

  explicit process(process_context& c);
  ~process() override;

  [[nodiscard]] pid self() const { return {environment_.self(), id_}; }
  [[nodiscard]] environment& env() const noexcept { return environment_; }
  /// Who spawned it; empty: the node.
  [[nodiscard]] pid parent() const { return parent_ == 0 ? pid{} : pid{environment_.self(), parent_}; }

  /// It was killed, did not return from its handler and was given up: nothing it does reaches anybody (M9).
  [[nodiscard]] bool is_fenced() const noexcept { return stats_.is_fenced.load(std::memory_order_acquire); }
  /// For the spawn functions: the spawner holds it no more. It may have ended when this returns.
  pid let_go() noexcept {
    auto who = self();
    stats_.visitors.fetch_sub(1, std::memory_order_release);
    return who;
  }
  /// For the simulator, at the end of a handler that takes virtual time.
  void busy_is_over();

  // -- overrides of CAF; the only ones in the system -------------------------------

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr m, caf::execution_unit* from) final;
  void enqueue_now(caf::mailbox_element_ptr m);  // Past the simulator's hook.
  void launch(caf::execution_unit* eu, bool lazy, bool hide) final;
  caf::invoke_message_result consume(caf::mailbox_element& m) final;
  bool cleanup(caf::error&& why, caf::execution_unit* host) final;
  resume_result resume(caf::execution_unit* eu, std::size_t max_throughput) final;
  caf::behavior make_behavior() final;
  [[nodiscard]] const char* name() const final;

protected:
  /// The first thing a process does, in its own turn. When it returns, the process has started; a throw ends it
  /// before it handled anything, and is a failed start for its supervisor.
  virtual behavior init() = 0;

  /// `return ignore_start();` in `init`: it is not needed, and ends without being a failure (S36).
  [[nodiscard]] behavior ignore_start();
  /// `return refuse_start(why);` in `init`: it cannot start. Unlike a throw no crash is reported (S151).
  [[nodiscard]] behavior refuse_start(reason why);
  /// Passed on to whoever asked the supervisor for this start (S22).
  void start_info(std::any info);
  /// In `init`: the start is complete only with `confirm_start`, and has failed if the process ends before that.
  void hold_start() noexcept;
  void confirm_start();

  /// Called once when the process ends, however it ends, a kill included, in its own turn; it may still send. What it
  /// owns should be released here or in its destructor: a successor is started after both (M4). Must not throw.
  virtual void terminate(const reason& why);

  /// Called with what no handler takes. True: it was dealt with; false drops it, logged and counted.
  virtual bool handle_other(const caf::type_erased_tuple& content);

  /// The behaviour made of one lambda per message type.
  template <class... Handlers>
  [[nodiscard]] static behavior handlers(Handlers&&... hs) {
    return behavior{std::forward<Handlers>(hs)...};
  }

  // -- talking to others ------------------------------------------------------------

  /// Sends and forgets. To a dead process: vanishes (D63). To another node: the message must be a BEAMLINE_MESSAGE, and
  /// arrives if that node has it in its contract; lost while the node is away or the queue to it is full.
  template <class M>
  void cast(const pid& to, M&& m) {
    using type = std::decay_t<M>;
    if (to.is_on(*environment_.self()))
      cast_local(to, caf::make_message(std::forward<M>(m)));
    else if constexpr (wire_message<type>)
      cast_remote(to, type::message_name, encode(m));
    else
      cast_unsendable(to, typeid(type));
  }
  /// The same for a message of `share`; to another node only one of this node's contract.
  void cast(const pid& to, const message& shared) {
    if (to.is_on(*environment_.self()))
      cast_local(to, shared);
    else
      cast_remote(to, shared);
  }

  /// Sends and expects an `R`. Nothing is sent until `.then`; exactly one of its two functions is called,
  /// in a later turn of this process, at the latest after `within` (never, when the process ended before).
  /// To another node: the message and the answer must be in the contracts of both (message_contract.hpp), else it
  /// fails as `crashed` with a reason that begins with "notsup"; when the link is or goes down, as `noconnection`.
  template <class R, class M>
  [[nodiscard]] pending_call<R> call(const pid& to, M&& m, duration within) {
    return {*this, to, caf::make_message(std::forward<M>(m)), within};
  }

  /// For a handler that answers a call later. Handlers that use it return `deferred`:
  ///   [this](const get&) -> deferred { auto p = promise<long>(); waiting_.push_back(p); return p; }
  /// Dropping the last copy without an answer answers `crashed`.
  template <class R>
  [[nodiscard]] reply_promise<R> promise() {
    return reply_promise<R>{remember(make_response_promise())};
  }
  using deferred = caf::response_promise;

  /// Who made the call that is being handled; empty for casts, and for calls of other nodes.
  [[nodiscard]] pid caller() const;

  // -- timers -------------------------------------------------------------------------

  /// Runs `fn` in a turn of this process after `d`. Gone when the process ends.
  timer_ref run_after(duration d, std::function<void()> fn);
  /// Handles `m` as if it had been cast to this process after `d`.
  template <class M>
  timer_ref send_after(duration d, M m) {
    return run_after(d, [this, m = caf::make_message(std::move(m))] { handle_now(m); });
  }
  /// After this the timer's function or message is not seen any more, even if it was due already.
  void cancel(timer_ref t);

  // -- life and death -------------------------------------------------------------------

  /// Calls `fn(reason)` once when that process ends, after every message it sent before (S10). If it is
  /// dead already: with `noproc`, in a later turn. One of another node also with `noconnection`, when the link is or
  /// goes down: it may live on (D65), and the watch is over.
  watch_ref watch(const pid& who, std::function<void(const reason&)> fn);
  /// `fn` is not called any more, even if the process has ended already.
  void unwatch(watch_ref w);

  /// A new process on this node, this one being its parent. Throws `process_limit_reached`.
  template <class P, class... Args>
  pid spawn(Args&&... args) {
    return spawn_as<P>({}, std::forward<Args>(args)...);
  }
  /// The same with more said about it. Throws `name_taken`, too, and what `birth::claim` throws.
  template <class P, class... Args>
  pid spawn_as(birth how, Args&&... args) {
    check_may_spawn();
    how.parent = id_;
    return detail::spawn_process<P>(home_system(), context(), std::move(how), std::forward<Args>(args)...);
  }

  /// Sends an exit signal (S1): `kill` overtakes its mailbox and ends it; `normal` does nothing unless it traps exits;
  /// any other reason ends it with that reason, unless it traps exits. They arrive behind what was cast before, also on
  /// other nodes.
  void exit(const pid& who, const reason& why);

  /// Ends this process after the current handler.
  void stop(reason why = reason::normal());

  /// Ends `who` in order, with that reason, and calls `on_end` when it is gone, its name free (S79, S156): with nothing
  /// if it ended with `why`; else with the error: `noproc`, `timeout`, or `crashed` with the reason it did end with.
  void stop_process(const pid& who, const reason& why, duration within,
                    std::function<void(const std::optional<call_error>&)> on_end);

  /// What a stop order does; supervisors stop their children first.
  virtual void handle_stop_order(const reason& why) { stop(why); }

  /// From now on exit signals other than `kill` call `fn` instead of ending the process, `normal` ones, too. An empty
  /// function ends that (S12).
  void trap_exits(std::function<void(const exit_signal&)> fn);

  [[nodiscard]] bool traps_exits() const noexcept { return stats_.traps_exits.load(std::memory_order_relaxed); }
  /// In `terminate`: an exit signal that was not trapped is what ends it, not its own stop, throw or a stop order
  /// (S155).
  [[nodiscard]] bool is_ended_by_signal() const noexcept { return is_ended_by_signal_; }

  /// When one of the two ends, the other gets an exit signal with its reason (S2-S4). Twice is as once. If it is dead
  /// already the signal is `noproc` (S5), for one of another node `noconnection`. For a hub and its many clients use
  /// `watch`, from the hub.
  void link(const pid& with);
  /// No signal of that link is seen from now on, even if it was sent already (S6).
  void unlink(const pid& with);

  /// Whether an exit signal is in its mailbox that ends this process or, if it traps exits, one of its parent: a
  /// handler that takes long should look from time to time and return. Nothing can interrupt it (M9); when it does not
  /// return it becomes a zombie.
  [[nodiscard]] bool is_asked_to_stop() const noexcept {
    return stats_.stop_signals.load(std::memory_order_relaxed) > 0;
  }

  /// Registers this process on its node; the name is free again before its death is seen by anybody (S14, S15).
  result<void> register_as(const std::string& name);

  /// Messages beyond this are refused; 1 at least.
  void limit_mailbox(std::int64_t messages_max) noexcept {
    mailbox_max_.store(messages_max, std::memory_order_relaxed);
  }

  // -- work done elsewhere ----------------------------------------------------------------

  /// Wraps `fn` into a function that other threads may call once it is done: it runs `fn` in a turn of
  /// this process, or not at all when the process has ended. It must not be called once the node is destroyed: whoever
  /// keeps it (the store, a socket) ends before the node does.
  ///
  ///   store.transact(..., resume_with([this](result<long> n) {...}));
  template <class F>
  [[nodiscard]] auto resume_with(F fn) {
    return [table = &environment_.processes(), id = id_, fn = std::make_shared<F>(std::move(fn))](auto&&... results) {
      resume_elsewhere(*table, id, [fn, ... kept = std::forward<decltype(results)>(results)]() mutable {
        (*fn)(std::move(kept)...);
      });
    };
  }

  [[nodiscard]] time_point now() const { return environment_.time().now(); }
  /// How many messages it has handled; the one being handled not included.
  [[nodiscard]] std::uint64_t messages_handled() const noexcept {
    return stats_.handled.load(std::memory_order_relaxed);
  }

private:
  friend class process_access;
  friend void detail::start_call(process&, const pid&, caf::message, duration, reply_handler);

  void cast_local(const pid& to, message m);
  void cast_remote(const pid& to, std::string_view name, bytes encoded);
  void cast_remote(const pid& to, const message& shared);
  void cast_unsendable(const pid& to, const std::type_info& type);
  std::uint64_t deliver(const pid& to, caf::mailbox_element_ptr m);
  const caf::strong_actor_ptr& gate();
  void start_call(const pid& to, message m, duration within, reply_handler done);
  void finish_call(std::uint64_t request, call_result r);
  bool handle_reply(caf::mailbox_element& m);
  void handle_now(const message& m);
  void run_later(std::function<void()> fn);
  bool handle_signal(caf::mailbox_element& m);
  [[nodiscard]] bool is_overdue(caf::mailbox_element& m);
  void handle_exit(const exit_signal& e);
  void stop_by_signal(const reason& why);
  bool refuse_when_full(caf::mailbox_element& m);
  void take_name();
  void open_name(const std::string& name);
  void check_may_spawn() const;
  void end(reason why);
  detail::process_pending& pending();
  caf::error note_crash(const std::exception_ptr& p);
  void report_crash(const reason& why, const std::exception_ptr& thrown);
  std::shared_ptr<detail::promise_state> remember(caf::response_promise p);
  void release_everything(const reason& why);
  static void resume_elsewhere(process_table& table, std::uint64_t id, std::function<void()> run);

  environment& environment_;
  mail_hook* mail_hook_;
  std::uint64_t id_;
  std::uint64_t parent_;
  std::uint64_t start_ref_;
  process_stats stats_;
  std::atomic<std::int64_t> mailbox_max_{mailbox_default};  // Written by the process, read by its senders.
  std::unique_ptr<detail::process_pending> pending_;        // Made when first needed: an idle process stays small.
  time_point mark_{};                                       // When the last handler of this slice ended.
  reason ended_;                                            // How, once it has.
  std::string name_at_birth_;
  std::function<void(std::uint64_t)> claim_;
  child_gone::stage stage_ = child_gone::stage::starting;
  bool is_start_held_ = false;
  bool is_launched_ = false;
  bool is_stopping_ = false;
  bool is_ended_by_signal_ = false;
  bool has_ended_ = false;
  bool is_crash_reported_ = false;
};

namespace detail {

void prepare_spawn(process_config& c, caf::actor_system& system, caf::execution_unit* host);

template <class P, class... Args>
pid spawn_process(caf::actor_system& system, caf::execution_unit* host, birth how, Args&&... args) {
  process_config c;
  c.how = std::move(how);
  c.object_bytes = sizeof(P);
  prepare_spawn(c, system, host);
  process* spawned = nullptr;
  {
    auto handle = system.spawn_class<P, caf::no_spawn_options>(c, std::forward<Args>(args)...);
    spawned = static_cast<process*>(caf::actor_cast<caf::abstract_actor*>(handle));
  }
  return spawned->let_go();
}

}  // namespace detail

}  // namespace beamline
