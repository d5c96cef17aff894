#include "supervision/tasks/task_options.hpp"

#include <stdexcept>

namespace beamline::supervision {

namespace {

error wrong(const std::string& field, const std::string& value, const std::string& expected) {
  return error{errc::invalid, field + " is " + value + ", expected " + expected};
}

std::string in_ms(duration d) { return std::to_string(to_ms(d)) + " ms"; }

void throw_unless(const result<void>& ok) {
  if (!ok)
    throw std::invalid_argument{ok.error().message};
}

}  // namespace

result<void> check_task_options(const task_options& o) {
  if (o.label.empty())
    return wrong("task.label", "empty", "a word for lists and logs");
  const auto& s = o.shutdown;
  if (!s.is_brutal_kill() && s.limit() < duration::zero())
    return wrong("task.shutdown", in_ms(s.limit()), "0 ms or more, infinity or brutal_kill");
  if (o.kill_grace < duration::zero())
    return wrong("task.kill_grace", in_ms(o.kill_grace), "0 ms or more");
  return {};
}

result<void> check_stream_options(const stream_options& o) {
  if (o.max_concurrency == 0)
    return wrong("max_concurrency", "0", "1 or more");
  if (o.timeout <= duration::zero())
    return wrong("timeout", in_ms(o.timeout), "more than 0 ms, or duration::max() for none");
  if (o.buffered_max == 0)
    return wrong("buffered_max", "0", "1 or more");
  return check_task_options(o.task);
}

namespace detail {

void require_valid(const task_options& o) { throw_unless(check_task_options(o)); }
void require_valid(const stream_options& o) { throw_unless(check_stream_options(o)); }

}  // namespace detail

}  // namespace beamline::supervision
