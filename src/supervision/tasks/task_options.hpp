#pragma once

#include "supervision/child_spec.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace beamline::supervision {

/// What may be said about a task.
struct task_options {
  // What lists, logs and errors call it.
  std::string label = "task";
  // Registered while it runs; empty: none.
  std::string name{};
  // How its supervisor ends it when that one stops (S129).
  shutdown_policy shutdown = duration{std::chrono::seconds{5}};
  // After `kill`: how long its handler may go on before it is left behind as a zombie (M9).
  duration kill_grace = std::chrono::seconds{1};
  // For functions that block: they cost a thread of their own and none of the scheduler's.
  bool has_own_thread = false;
};

/// The same for a task nobody waits for (S130). A transient one is run again, from scratch, when it fails; a permanent
/// one whenever it ends.
struct start_task_options {
  task_options task{};
  restart_type restart = restart_type::temporary;
};

/// What a stream does about an item that takes too long (S131).
enum class on_timeout : std::uint8_t {
  exit,       // The stream is closed, and its owner ends with `custom: ... timeout`.
  kill_task,  // That task is killed, and the item's outcome is `timeout`.
};

// An ordered stream whose first undelivered item is this many finished items behind starts no more until it catches up.
inline constexpr std::size_t stream_buffered_max_default = 65'536;

/// How a stream of tasks runs (S131).
struct stream_options {
  // So many items at most are running. (OTP's default is the number of cores, which a process does not know.)
  std::size_t max_concurrency = 4;
  // Items are delivered in the order of the input, else as they finish.
  bool ordered = true;
  // Of one item, from its start on; duration::max(): as long as it likes.
  duration timeout = std::chrono::seconds{5};
  supervision::on_timeout on_timeout = on_timeout::exit;
  // Failed items carry their input.
  bool zip_input_on_exit = false;
  std::size_t buffered_max = stream_buffered_max_default;
  // Of each item's task.
  task_options task{};
};

/// Says what is wrong with options, naming the field, its value and what is allowed (S132). Functions that take options
/// throw std::invalid_argument with that text, before anything is started.
[[nodiscard]] result<void> check_task_options(const task_options& o);
[[nodiscard]] result<void> check_stream_options(const stream_options& o);

namespace detail {

// Supervisors answer at once or die. One that does not for so long has not started the task.
inline constexpr duration supervisor_answer_max = std::chrono::hours{1};

void require_valid(const task_options& o);
void require_valid(const stream_options& o);

}  // namespace detail

}  // namespace beamline::supervision
