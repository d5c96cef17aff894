#pragma once

// What supervisors are asked, as messages, and what they answer (S85-S92). Cast nothing of this: call it.
//
//   call<start_answer>(sup, start_child{child<counter>("counter")}, 5s).then([](const start_answer& a) {
//     if (a) use(a->who); else log(a.error()); }, ...);
//   auto a = node.call_sync<start_answer>(sup, start_child{...}, 5s);          outside processes
//
// Supervisors and dynamic supervisors understand the same messages; what one of them cannot do is answered
// `unsupported`. A supervisor answers queries at once, and changes one after another, in order.

#include "supervision/supervisor_spec.hpp"

#include <vector>

namespace beamline::supervision {

/// Why a supervisor did not do what it was asked.
struct child_error {
  enum class kind : std::uint8_t {
    already_started,  // A child with that id runs, or somebody has its name: `who`.
    already_present,  // A slot with that id exists, without a running child.
    running,          // It runs: terminate it first.
    restarting,       // It waits to be restarted: terminate it first.
    not_found,
    max_children,    // The dynamic supervisor has as many as it may.
    invalid_spec,    // `detail` says what is wrong with it.
    start_failed,    // `why`: what it threw, refused with or died of while starting; `timeout` in `detail` when it took
                     // too long.
    would_deadlock,  // The caller is a child that is just being started by this supervisor (S38).
    stopping,        // The supervisor is ending.
    busy,            // More changes are waiting than may: `requests_max`.
    unsupported,     // This kind of supervisor cannot do that.
  };

  kind what = kind::not_found;
  std::string detail{};  // For people.
  pid who{};
  reason why{};
};
[[nodiscard]] std::string_view to_string(child_error::kind k) noexcept;
[[nodiscard]] std::string to_string(const child_error& e);

/// A `T`, or why not.
template <class T>
class answer {
public:
  answer(T value) : state_{std::in_place_index<0>, std::move(value)} {}    // NOLINT: implicit on purpose
  answer(child_error e) : state_{std::in_place_index<1>, std::move(e)} {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] const T& operator*() const { return std::get<0>(state_); }
  [[nodiscard]] const T* operator->() const { return &std::get<0>(state_); }
  /// Only to be called when `!ok()`.
  [[nodiscard]] const child_error& error() const { return std::get<1>(state_); }

private:
  std::variant<T, child_error> state_;
};

/// A child that was started. `who` is empty when it asked to be ignored (S36).
struct started_child {
  pid who;
  std::any info{};
};
struct nothing {};

using start_answer = answer<started_child>;
using change_answer = answer<nothing>;

// -- changes ---------------------------------------------------------------------------

/// S85. Answers start_answer.
struct start_child {
  child_spec spec;
};
/// S86. Answers change_answer when the child is gone. By id; dynamic supervisors by pid.
struct terminate_child {
  std::string id;
  pid who{};
};
/// S87. Answers start_answer.
struct restart_child {
  std::string id;
};
/// S88. Answers change_answer.
struct delete_child {
  std::string id;
};
/// S101, S102: new flags and specs for a running supervisor. Specs of known ids replace the old ones for the next
/// restart, new ids are added without being started, ids left out are kept behind them. Answers change_answer.
struct update_supervisor {
  supervisor_spec spec;
};

// -- queries ---------------------------------------------------------------------------

enum class slot_state : std::uint8_t {
  starting,
  running,
  stopping,
  restarting,  // Its restart failed or waits for its back-off.
  stopped,     // OTP's `undefined`: ended and not to be restarted, ignored, or terminated.
};
[[nodiscard]] std::string_view to_string(slot_state s) noexcept;

struct child_info {
  std::string id;  // Empty for children of dynamic supervisors.
  pid who;         // Empty unless starting, running or stopping.
  slot_state state = slot_state::stopped;
  child_type type = child_type::worker;
  std::string kind;
  std::uint32_t incarnation = 0;  // How often it was started.
};
/// S89: newest first. Answers child_list.
struct which_children {};
using child_list = std::vector<child_info>;
/// One entry. Answers answer<child_info>.
struct which_child {
  std::string id;
  pid who{};
};

/// S90.
struct child_counts {
  std::size_t specs = 0;
  std::size_t active = 0;
  std::size_t supervisors = 0;
  std::size_t workers = 0;
  friend bool operator==(const child_counts&, const child_counts&) = default;
};
/// Answers child_counts.
struct count_children {};

/// S91: with all defaults filled in; temporary children that were added later show no start function (S28).
/// Answers answer<child_spec>.
struct get_child_spec {
  std::string id;
  pid who{};
};

/// A child that was killed, did not end and was left behind (M9).
struct zombie_info {
  std::string id;
  pid who;
  std::string kind;
  std::string handling;  // Type of the message it is stuck with.
  duration handling_for{};
  duration zombie_for{};
};
/// Answers zombie_list.
struct which_zombies {};
using zombie_list = std::vector<zombie_info>;

/// Strategy, budget and the like of a running supervisor.
struct supervisor_status {
  supervisor_flags flags;
  std::size_t restarts_in_period = 0;  // Of `flags.intensity`; one more than that is too many.
  std::uint64_t restarts = 0;          // Ever.
  std::size_t zombies = 0;
  bool is_stopping = false;
};
/// Answers supervisor_status.
struct get_status {};

// Changes that wait while another one is under way; one more is answered `busy`.
inline constexpr std::size_t requests_max = 65'536;

}  // namespace beamline::supervision
