#pragma once

#include "supervision/dynamic_supervisor.hpp"

#include <cstddef>
#include <string>

namespace beamline::supervision {

/// A supervisor of tasks is a dynamic supervisor (S129): its children are temporary unless they say otherwise, and it
/// answers all of api.hpp about them. Any other dynamic supervisor will do as well.
///
///   auto tasks = node.spawn<task_supervisor>(task_supervisor_spec({.max_children = 100}));
///   ... child_task_supervisor("tasks", {}) ...                                as a child of another
using task_supervisor = dynamic_supervisor;

struct task_supervisor_options {
  // Registered under it; empty: not registered.
  std::string name{};
  // Running tasks; one more is refused, see task_error::kind::not_started.
  std::size_t max_children = dynamic_supervisor_spec::unlimited;
  // For transient and permanent tasks: their restarts together (S55).
  supervisor_flags flags{};
};

[[nodiscard]] dynamic_supervisor_spec task_supervisor_spec(const task_supervisor_options& o = {});

/// As a child: permanent, with all the time it wants to stop.
[[nodiscard]] child_spec child_task_supervisor(std::string id, const task_supervisor_options& o = {});

}  // namespace beamline::supervision
