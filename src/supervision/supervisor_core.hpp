#pragma once

#include "supervision/restart_window.hpp"
#include "supervision/supervisor_port.hpp"

#include <deque>
#include <map>
#include <unordered_map>
#include <variant>
#include <vector>

namespace beamline::supervision {

/// Everything a supervisor decides (S20-S102), without actors: inputs with their time come in, effects go out through
/// the port. One operation is under way at a time - starting the list, an API change, a restart, the end - and is
/// worked off step by step: first what it has to stop, from the last to the first, then what it has to start. Whatever
/// else would change something queues up behind it in the order of its arrival (S44, M8), except
///   - queries, which are answered at once;
///   - what concerns the child that is being started or stopped, which is what the operation waits for (S51, S74);
///   - `stop`, which overrules everything (in OTP it would wait for the start that is under way; a node must be able to
///     shut down).
///
/// Owned by one supervisor; not thread-safe; allocates per slot and per waiting request, nothing else grows.
class supervisor_core {
public:
  using any_request = std::variant<start_child, terminate_child, restart_child, delete_child, update_supervisor>;

  explicit supervisor_core(supervisor_port& port) : port_{port} {}

  // -- inputs ----------------------------------------------------------------------------

  /// Begins; `spec` has been checked.
  void start(supervisor_spec spec, time_point now);
  /// Answered with `token`, sooner or later, once. `caller` may be empty.
  void handle_request(any_request r, std::uint64_t token, const pid& caller, time_point now);
  void handle_started(std::uint64_t ref, const std::any& info, time_point now);
  void handle_gone(std::uint64_t ref, child_gone::stage when, const reason& why, time_point now);
  void handle_timer(std::uint64_t key, time_point now);
  void handle_retry(std::uint64_t key, time_point now);
  /// Stops all children and ends with `why`. The first one counts.
  void stop(const reason& why, time_point now);

  // -- queries ---------------------------------------------------------------------------

  [[nodiscard]] child_list list() const;  // Newest first (S89).
  [[nodiscard]] answer<child_info> find(const std::string& id) const;
  [[nodiscard]] child_counts count() const;
  [[nodiscard]] answer<child_spec> spec_of(const std::string& id) const;
  [[nodiscard]] zombie_list zombies(time_point now);
  [[nodiscard]] supervisor_status status(time_point now) const;
  [[nodiscard]] const supervisor_flags& flags() const noexcept { return flags_; }
  /// Nothing is under way and nothing waits.
  [[nodiscard]] bool is_idle() const noexcept { return !op_ && queue_.empty(); }
  [[nodiscard]] bool is_ending() const noexcept { return phase_ >= phase::ending; }
  [[nodiscard]] bool has_ended() const noexcept { return phase_ == phase::ended; }
  /// Live children in start order; for a supervisor that is killed (S17).
  [[nodiscard]] std::vector<pid> live_children() const;
  [[nodiscard]] const slot_table& slots() const noexcept { return slots_; }

private:
  enum class phase : std::uint8_t { starting, running, ending, ended };

  struct operation {
    enum class kind : std::uint8_t { start_list, add, start_again, terminate, restart, end };
    kind what;
    std::uint64_t token = 0;               // Whom to answer; 0: nobody.
    std::vector<std::uint64_t> to_stop{};  // Positions; the last one is next.
    std::vector<std::uint64_t> to_start{};
    std::size_t next_start = 0;
    bool is_retry = false;
    started_child result{};
    reason why{};
  };

  /// What the operation waits for.
  struct waiting {
    enum class stage : std::uint8_t {
      none,
      starting,
      start_killed,  // The start took too long; the child was killed.
      stopping,      // `shutdown` was sent.
      killed,        // `kill` was sent.
      stuck,         // And it does not end, and the policy says to wait.
    };
    stage what = stage::none;
    std::uint64_t position = 0;
    std::uint64_t ref = 0;
    std::uint64_t timer = 0;  // 0: none is armed.
    time_point begun{};
  };

  struct notice {  // A child has ended.
    std::uint64_t ref;
  };
  struct retry {
    std::uint64_t key;
  };
  struct queued_request {
    any_request what;
    std::uint64_t token;
  };
  using queued = std::variant<notice, retry, std::unique_ptr<queued_request>>;

  struct zombie {
    zombie_info info;
    time_point since;
    supervision::report report;  // To be told again when it is reaped.
    bool is_foreign = false;
  };

  // core.cpp: the work loop
  void work(time_point now);
  bool take_next(time_point now);
  void step(time_point now);
  void finish(time_point now);
  void begin(operation op) { op_ = std::move(op); }
  void begin_end(const reason& why, time_point now);
  void refuse_all_waiting();

  // requests.cpp
  void begin_request(start_child& r, std::uint64_t token, time_point now);
  void begin_request(terminate_child& r, std::uint64_t token, time_point now);
  void begin_request(restart_child& r, std::uint64_t token, time_point now);
  void begin_request(delete_child& r, std::uint64_t token, time_point now);
  void begin_request(update_supervisor& r, std::uint64_t token, time_point now);
  void refuse(const any_request& r, std::uint64_t token, const child_error& e);
  void answer_operation(const child_error& e);

  // start.cpp
  void begin_start(slot& s, time_point now);
  void start_done(slot& s, const std::any& info, time_point now);
  void was_ignored(slot& s, time_point now);
  void start_failed(slot& s, child_error e, time_point now);

  // stop.cpp
  void begin_stop(slot& s, time_point now);
  void kill_waited(slot& s, waiting::stage next);
  void give_it_up(slot& s, time_point now);
  void stop_done(slot& s, const reason& why, time_point now);
  [[nodiscard]] static bool is_fine_end(const slot& s, const reason& why);
  void make_zombie(slot& s, time_point now);
  bool reap(std::uint64_t ref, const reason& why, time_point now);
  void prune_zombies();

  // restart.cpp
  void handle_death(slot& s, time_point now);
  void restart(slot& s, bool is_retry, time_point now);
  void pause_before_restart(slot& s, time_point now);
  void schedule_retry(slot& s);
  void cancel_retry(slot& s);
  void give_up(slot& s, time_point now);
  void shut_down_if_due(bool was_significant, const supervision::report& last, time_point now);
  [[nodiscard]] slot_table::slots::iterator scope_begin(const slot& s);
  [[nodiscard]] slot_table::slots::iterator scope_end(const slot& s);
  [[nodiscard]] std::vector<std::uint64_t> scope_of(const slot& s, bool with_itself);

  // slots
  slot& add_slot(child_spec spec, bool is_added, time_point now);
  void replace_spec(slot& s, child_spec spec);
  void move_to_end(slot& s);
  void set_state(slot& s, slot_state state);
  void lose_process(slot& s);
  void remove_slot(slot& s);
  void clear_slot(slot& s);
  [[nodiscard]] child_info info_of(const slot& s) const;
  [[nodiscard]] supervision::report report_of(const slot& s, report::kind what, const reason& why,
                                              time_point now) const;
  void tell(const slot& s, report::kind what, const reason& why, time_point now);
  [[nodiscard]] std::uint64_t next_key() { return ++last_key_; }
  void stop_timer();
  void start_timer(duration d);

  supervisor_port& port_;
  supervisor_flags flags_{};
  restart_window window_{{.restarts_max = 0, .period = std::chrono::seconds{1}}};
  slot_table slots_;
  phase phase_ = phase::starting;
  std::optional<operation> op_;
  waiting wait_;
  std::deque<queued> queue_;
  std::size_t requests_waiting_ = 0;                          // In `queue_`.
  std::unordered_map<std::uint64_t, std::uint64_t> retries_;  // Key -> position, for slots that are to be retried.
  std::map<std::uint64_t, zombie> zombies_;                   // By start reference, oldest first.
  bool has_too_many_zombies_ = false;
  std::uint64_t restarts_ = 0;
  std::uint64_t last_key_ = 0;
};

}  // namespace beamline::supervision
