#pragma once

// What a dynamic supervisor decides (S110-S119), without processes: events and the time go in, calls of a `port` come
// out.
//
//   start, terminate, gone, started ...  -> dynamic_core ->  launch, signal, answer, report, end
//
// Children are independent of each other: their starts, stops and restarts overlap freely, so one slow `init` delays
// nobody. Everything about one child costs a constant, but for a list of them all.

#include "supervision/backoff.hpp"
#include "supervision/dynamic_port.hpp"
#include "supervision/dynamic_spec.hpp"
#include "supervision/restart_window.hpp"

#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace beamline::supervision {

/// The pure part of a dynamic supervisor. Owned by one process; not thread-safe.
class dynamic_core {
public:
  using token = request_token;
  using phase = child_phase;
  using child = dynamic_child;
  using port = dynamic_port;

  /// `p` and `b` are borrowed and outlive the core. `s` was checked.
  dynamic_core(port& p, child_budget& b, const dynamic_supervisor_spec& s);

  // -- requests ------------------------------------------------------------------------

  void start(child_spec s, token t, time_point now, std::uint32_t tag = 0);
  void start_instance(std::any arguments, token t, time_point now);
  void terminate(std::uint64_t id, token t, time_point now);
  /// Stops all children at once, each with its own time limit (S117), then ends with `why`. The first reason counts.
  void stop(const reason& why, time_point now);
  /// `s` was checked. Error: a template cannot be taken away, nor be given to a supervisor that started without one
  /// (S102).
  result<void> update(const dynamic_supervisor_spec& s);

  // -- children of a nursery -----------------------------------------------------------

  /// A thread is about to launch a child with that ref; its place in the budget is taken already.
  void adopt(birth_ref ref, std::shared_ptr<child_spec> s, time_point now);
  void adopted(birth_ref ref, std::uint64_t id);
  /// It was never born after all; whoever announced it has given its place back.
  void adoption_failed(birth_ref ref);
  [[nodiscard]] bool knows(birth_ref ref) const { return children_.contains(ref) || zombies_.contains(ref); }

  // -- what happens --------------------------------------------------------------------

  void started(birth_ref ref, std::any info, time_point now);
  void gone(birth_ref ref, child_gone::stage when, const reason& why, time_point now);
  void retry(birth_ref ref, time_point now);
  void wake(time_point now);

  // -- questions -----------------------------------------------------------------------

  [[nodiscard]] const child* find(std::uint64_t id) const;
  /// The newest first.
  [[nodiscard]] std::vector<const child*> list() const;
  [[nodiscard]] child_counts count() const;
  [[nodiscard]] bool is_stopping() const noexcept { return is_stopping_; }
  [[nodiscard]] bool is_template() const noexcept { return template_ != nullptr; }
  [[nodiscard]] const child_template* instances() const noexcept { return template_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }
  [[nodiscard]] const supervisor_flags& flags() const noexcept { return flags_; }
  [[nodiscard]] std::size_t restarts_in_period(time_point now) const { return window_.count(now); }
  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_; }

  struct zombie {
    std::shared_ptr<child_spec> spec;
    std::uint64_t id = 0;
    std::uint32_t incarnation = 1;
    time_point since{};
  };
  [[nodiscard]] const std::map<birth_ref, zombie>& zombies() const noexcept { return zombies_; }

  // A killed child that is in no handler (it waits for its turn, or its destructors run) gets kill_grace this often
  // before it is taken for a zombie all the same.
  static constexpr std::uint16_t graces_max = 10;
  // Different reasons in the reports of one shutdown; what ends otherwise is counted with the last of them.
  static constexpr std::size_t shutdown_reasons_max = 64;

private:
  struct deadline {
    time_point due;
    birth_ref ref;
    phase during;  // It counts only while the child is in that phase.
    friend bool operator>(const deadline& a, const deadline& b) {
      return std::tie(a.due, a.ref) > std::tie(b.due, b.ref);
    }
  };
  // Children whose stop went wrong in the same way.
  struct shutdown_group {
    child first;
    reason why;
    duration took{};
    std::size_t children = 0;
  };

  child* find_ref(birth_ref ref);
  child& add(child c);
  bool refuse_start(token t);
  void launch(child& c, time_point now);
  void enter(child& c, phase p, time_point now);
  void set_deadline(const child& c, duration within, time_point now);
  void sweep_deadlines();
  void expire(child& c, time_point now);
  void end_child(child& c, time_point now);
  void kill(child& c, time_point now);
  void become_zombie(child& c, time_point now);
  void ended_by_itself(child& c, const reason& why, time_point now);
  void was_ignored(child& c);
  void start_failed(child& c, child_error e, time_point now);
  void start_timed_out(child& c, time_point now);
  void restart(child& c, time_point now);
  void attempt(child& c, time_point now);
  void give_up(child& c, const std::string& limit, time_point now);
  [[nodiscard]] static bool is_fine_end(const child& c, const reason& why);
  void note_shutdown_error(const child& c, const reason& why, duration took);
  void forget(child& c, bool gives_back_its_place = true);
  void finish_if_empty();

  port& port_;
  child_budget& budget_;
  supervisor_flags flags_;
  std::shared_ptr<const child_template> template_;
  std::shared_ptr<child_spec> template_spec_;
  std::function<void(child_spec&)> adapt_;
  restart_window window_;
  std::uint64_t restarts_ = 0;
  std::size_t supervisors_ = 0;
  std::size_t active_ = 0;
  bool is_stopping_ = false;
  bool has_ended_ = false;
  reason stop_why_;
  std::unordered_map<birth_ref, child> children_;
  std::unordered_map<std::uint64_t, child*> by_id_;
  std::unordered_multimap<birth_ref, token> terminators_;
  std::map<birth_ref, zombie> zombies_;
  std::vector<deadline> deadlines_;  // A heap, the next first; stale ones are swept out.
  time_point armed_ = time_point::max();
  std::map<std::string, shutdown_group> shutdown_errors_;
};

}  // namespace beamline::supervision
