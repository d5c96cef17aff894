#include "supervision/tasks/task_outcome.hpp"

namespace beamline::supervision {

std::string_view to_string(task_error::kind k) noexcept {
  switch (k) {
    case task_error::kind::timeout: return "timeout";
    case task_error::kind::ended: return "ended";
    case task_error::kind::not_started: return "not_started";
  }
  return "unknown";
}

std::string to_string(const task_error& e) {
  std::string text{to_string(e.what)};
  if (e.refused)
    return text + ": " + to_string(*e.refused);
  if (e.what == task_error::kind::timeout)
    return text;
  return text + ": " + beamline::to_string(e.why);
}

reason as_exit_reason(const task_error& e, const std::string& task_label) {
  auto told = "task \"" + task_label + "\": " + to_string(e);
  if (e.what != task_error::kind::ended || e.why.is_normal())
    return reason::custom(std::move(told));
  // The kind is kept: who was asked to stop because its task was is no failure.
  return {e.why.why == reason::kind::kill ? reason::kind::killed : e.why.why, std::move(told)};
}

}  // namespace beamline::supervision
