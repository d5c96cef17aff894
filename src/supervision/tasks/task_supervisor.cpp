#include "supervision/tasks/task_supervisor.hpp"

namespace beamline::supervision {

dynamic_supervisor_spec task_supervisor_spec(const task_supervisor_options& o) {
  dynamic_supervisor_spec s;
  s.flags = o.flags;
  s.max_children = o.max_children;
  return s;
}

child_spec child_task_supervisor(std::string id, const task_supervisor_options& o) {
  auto spec = child_dynamic_supervisor(std::move(id), task_supervisor_spec(o));
  spec.name = o.name;
  spec.kind = "beamline::supervision::task_supervisor";
  return spec;
}

}  // namespace beamline::supervision
