#pragma once

#include "base/random.hpp"
#include "supervision/report.hpp"
#include "supervision/slot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace beamline::supervision {

/// What a supervisor's core makes happen. The actor implements it with processes, the model check without. None of
/// these may call the core back before it has returned.
class supervisor_port {
public:
  struct spawn_order {
    std::uint64_t ref;  // Comes back in the notices about this life; never used twice.
    const slot& what;
  };
  struct spawned {
    pid who;
    bool is_foreign = false;  // Counts as started at once.
  };
  /// Somebody has the name that the child wants (S37).
  struct name_conflict {
    pid owner;
  };
  using spawn_outcome = std::variant<spawned, start_ignored, reason, name_conflict>;

  /// What can be seen of a child from outside.
  struct child_facts {
    std::string handling;  // Type of the message in its handler; empty: none.
    std::string last;      // ... of the one before.
    duration handling_for{};
  };

  supervisor_port() = default;
  supervisor_port(const supervisor_port&) = delete;
  supervisor_port& operator=(const supervisor_port&) = delete;
  virtual ~supervisor_port() = default;

  // -- children ------------------------------------------------------------------------

  /// Runs the start function. After `spawned` exactly one `handle_started` or `handle_gone` follows for that number,
  /// and after `handle_started`, or when it is foreign, one `handle_gone`.
  virtual spawn_outcome spawn(const spawn_order& o) = 0;
  virtual void signal(const pid& who, const reason& why) = 0;
  /// Cuts off a child that cannot be ended. False: it has ended by itself, and its `handle_gone` is on its way.
  virtual bool fence(const pid& who) = 0;
  /// Empty: there is no such process any more.
  [[nodiscard]] virtual std::optional<child_facts> facts(const pid& who) const = 0;

  // -- time and chance -----------------------------------------------------------------

  /// `handle_timer(key)` after `d`, unless disarmed.
  virtual void arm(std::uint64_t key, duration d) = 0;
  virtual void disarm(std::uint64_t key) = 0;
  /// `handle_retry(key)`, behind everything that waits in the mailbox already (S64).
  virtual void post_retry(std::uint64_t key) = 0;
  [[nodiscard]] virtual random_source& random() = 0;

  // -- words ---------------------------------------------------------------------------

  virtual void reply(std::uint64_t token, const start_answer& a) = 0;
  virtual void reply(std::uint64_t token, const change_answer& a) = 0;
  [[nodiscard]] virtual bool wants_report(report::kind what, bool is_api_start) const = 0;
  /// Who speaks is filled in by the port.
  virtual void report(supervision::report r) = 0;

  // -- what others see -----------------------------------------------------------------

  /// Its state or its process changed, or it is new.
  virtual void slot_changed(const slot& s) = 0;
  virtual void slot_moved(std::uint64_t old_position, const slot& s) = 0;
  virtual void slot_removed(const slot& s) = 0;
  /// From now on messages to the name of such a child wait for its next life; and no more. Only with `park_max`.
  virtual void declare_name(const child_spec& s) = 0;
  virtual void withdraw_name(const child_spec& s) = 0;
  virtual void flags_changed(const supervisor_flags& f) = 0;
  virtual void restart_counted(time_point now) = 0;
  virtual void zombie_added(std::uint64_t ref, const zombie_info& z, time_point since) = 0;
  virtual void zombie_removed(std::uint64_t ref) = 0;

  // -- the supervisor itself -------------------------------------------------------------

  /// All children of its list run.
  virtual void started() = 0;
  /// From now on it only stops its children.
  virtual void ending() = 0;
  /// No child is left. Called once; nothing is called afterwards but `reply`, to late questions.
  virtual void end(const reason& why) = 0;
  /// Ends the operating system process (zombie_policy::abort). Does not return, except in tests.
  virtual void abort(const std::string& why) = 0;
};

}  // namespace beamline::supervision
