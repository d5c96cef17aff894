#pragma once

// The decisions of the application controller, without processes: requests and what happened in, effects out.
//
//             start            ok             started          ok (each)
//   loaded ---------> start ---------> tree ----------> phase ---------> running
//      ^                |  fails         |  gone           |  fails          |  stop              ended by itself
//      |                v                v                 v                 v                       |
//      +<------------ (none) <--- stop <--- (tree gone) <--- end tree <--- prep_stop                 v
//                                   ^------------------------------------- prep_stop, without tree <-+

#include "supervision/applications/facts.hpp"

#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace beamline::supervision {

namespace effects {

/// Call the hook and tell `hook_done(step)`.
struct run_hook {
  std::string name;
  std::uint64_t step;
  application_hook what;
  std::size_t phase = 0;
};
/// Start the tree that the start hook named and tell `tree_started(step)`, and `tree_gone(step)` once it is gone or
/// could not be started.
struct start_tree {
  std::string name;
  std::uint64_t step;
};
struct end_tree {
  std::string name;
  bool is_kill = false;
};
/// Tell `time_is_up(step)` after `within`.
struct limit_step {
  std::uint64_t step;
  duration within;
};
struct answer {
  std::uint64_t request;
  application_answer what;
};
struct answer_stop_all {
  std::uint64_t request;
  stop_report what;
};
/// An application came to run, or is down again.
struct changed {
  std::string name;
  bool is_running;
};
/// A hook or a tree did what should be known.
struct complain {
  std::string name;
  std::string what;
};
/// A tree ended by itself; the program decides what S173 means to it.
struct ended {
  application_ended what;
};

}  // namespace effects

using application_effect =
    std::variant<effects::run_hook, effects::start_tree, effects::end_tree, effects::limit_step, effects::answer,
                 effects::answer_stop_all, effects::changed, effects::complain, effects::ended>;

/// See above. One controller owns it; time is passed in with `at`. Bounded by `applications_max` and
/// `application_requests_max`.
class application_core {
public:
  /// From here on it is `now`.
  application_core& at(time_point now) {
    now_ = now;
    return *this;
  }

  // -- requests: each is answered once, by an effect, unless it returns its answer -------------

  [[nodiscard]] application_answer load(application_facts a);
  [[nodiscard]] application_answer unload(const std::string& name);
  void start(std::uint64_t request, const start_application& m);
  void ensure(std::uint64_t request, const ensure_all_started& m);
  void stop(std::uint64_t request, const stop_application& m);
  void stop_all(std::uint64_t request, duration budget);

  // -- what happened; steps that are over are ignored ---------------------------------------------

  /// `has_tree`: the start hook named one.
  void hook_done(std::uint64_t step, std::optional<reason> failed, bool has_tree = false);
  void tree_started(std::uint64_t step);
  void tree_gone(std::uint64_t step, const reason& why);
  void time_is_up(std::uint64_t step);

  [[nodiscard]] std::vector<application_effect> take_effects() { return std::exchange(effects_, {}); }

  // -- questions -------------------------------------------------------------------------------------

  /// Without `top`. In start order, those that are `loaded` only when asked for, by name.
  [[nodiscard]] application_list which() const;
  [[nodiscard]] application_list all() const;
  [[nodiscard]] bool is_running(const std::string& name) const;
  [[nodiscard]] bool is_loaded(const std::string& name) const { return applications_.contains(name); }

private:
  enum class stage : std::uint8_t { loaded, start_hook, tree, phase, running, prep_stop, tree_end, stop_hook };

  struct entry {
    application_facts facts;
    stage at = stage::loaded;
    std::uint64_t step = 0;   // Of the hook that runs, or the limit of the tree's end.
    std::uint64_t tree = 0;   // Step of its tree, while that lives.
    std::uint64_t order = 0;  // Which start of all.
    std::size_t phase = 0;
    application_type type = application_type::temporary;  // Of this run.
    bool is_killed = false;                               // Its tree.
    std::optional<application_error> failure;             // Why it goes down again before it ran.
  };

  /// One application to be started or stopped.
  struct task {
    std::string name;
    bool is_start;
  };
  /// A request that is carried out: its tasks, one after another.
  struct operation {
    enum class kind : std::uint8_t { start, ensure, stop, stop_all };
    kind what;
    std::uint64_t request;
    std::vector<std::string> names;
    std::optional<application_type> type;
    std::deque<task> tasks{};
    bool is_prepared = false;
    application_answer outcome{};
  };

  void enqueue(operation o);
  void proceed();
  void prepare(operation& o);
  void plan_stop_all(operation& o) const;
  void do_task(operation& o);
  void task_done(operation& o);
  void task_failed(operation& o, application_error why);
  void finish_operation();
  [[nodiscard]] task* task_of(const entry& e);
  [[nodiscard]] std::optional<application_error> objection_to_start(const entry& e) const;

  void begin_start(entry& e, const operation& o);
  void begin_phase(entry& e);
  void begin_stop(entry& e);
  void begin_tree_end(entry& e, bool is_kill);
  void begin_stop_hook(entry& e);
  void fail_start(entry& e, reason why, std::string where = {});
  void abort(entry& e);
  void now_running(entry& e);
  void now_loaded(entry& e);

  void run_hook(entry& e, stage at, application_hook what);
  void new_step(entry& e);
  void limit(const entry& e);
  void hang(const entry& e, std::string what);
  [[nodiscard]] entry* with_step(std::uint64_t step);
  [[nodiscard]] entry* with_tree(std::uint64_t step);
  [[nodiscard]] application_info info_of(const entry& e) const;

  template <class E>
  void emit(E e) {
    effects_.push_back(std::move(e));
  }

  time_point now_{};
  std::map<std::string, entry> applications_;
  std::deque<operation> operations_;  // The first is under way.
  std::vector<application_effect> effects_;
  bool is_proceeding_ = false;
  std::uint64_t progress_ = 0;  // Tasks done.
  std::uint64_t last_step_ = 0;
  std::uint64_t last_order_ = 0;
  bool is_stopping_ = false;
  std::optional<time_point> deadline_;  // Of stop_all.
  stop_report report_;
};

}  // namespace beamline::supervision
