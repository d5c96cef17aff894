#pragma once

#include "web/live/render_context.hpp"
#include "web/live/rendered.hpp"

namespace beamline::event_horizon {

/// A component as part of a document that no view is behind.
template <class Attrs>
[[nodiscard]] web::live::rendered
render_alone(web::live::rendered (*component)(const Attrs&, web::live::render_context&), const Attrs& attrs) {
  auto scope = web::live::render_scope{.is_connected = false};
  auto context = web::live::render_context{scope, 0, nullptr};
  return component(attrs, context);
}

}  // namespace beamline::event_horizon
