#include "supervision/tasks/start_task.hpp"

namespace beamline::supervision::detail {

child_spec task_spec(const start_task_options& o, std::string function) {
  require_valid(o.task);
  child_spec spec;
  spec.id = o.task.label;
  spec.name = o.task.name;
  spec.kind = std::move(function);
  spec.restart = o.restart;
  spec.shutdown = o.task.shutdown;
  spec.kill_grace = o.task.kill_grace;
  spec.has_own_thread = o.task.has_own_thread;
  return spec;
}

}  // namespace beamline::supervision::detail
