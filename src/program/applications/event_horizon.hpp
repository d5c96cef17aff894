#pragma once

#include "apps/event_horizon/application.hpp"
#include "program/node_parts.hpp"
#include "supervision/applications/application.hpp"

namespace beamline::program {

/// The blog: its pages are served by `web`, which is started behind it.
///
///   event_horizon (rest_for_one)
///   ├─ analytics    also restarted when `broadcast` ends, to which it has subscribed
///   ├─ posts        looks at the content folder
///   ├─ cluster      what the page /cluster shows
///   ├─ presence     who is reading; behind those with a history, so that its restart is none of theirs
///   └─ readiness    the node counts as ready again once all of them are back
///
/// Both must outlive the node's processes.
[[nodiscard]] supervision::application event_horizon_application(node_parts& on, event_horizon::application& blog);

}  // namespace beamline::program
