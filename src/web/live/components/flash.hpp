#pragma once

#include "web/live/template.hpp"

#include <string>

namespace beamline::web::live::components {

/// The messages for the visitor, and word of a lost connection:
///
///   <.flash_group />
///
/// Each message is a live region (`role="alert"` for kind "error", else `role="status"`) of the classes `flash` and
/// `flash-<kind>`, with a button that dismisses it here and on the server (`lv:clear-flash`). In a component it shows
/// the component's messages. The two notices are hidden until the client loses the server, or the view has crashed.
struct flash_group_attrs {
  std::string id = "flash-group";
  std::string dismiss_label = "Dismiss";
  std::string client_error = "Connection lost. Trying to reach the server again …";  // Empty: none.
  std::string server_error = "Something went wrong. Hang in there while we get back on track …";
  attributes rest{};
};
[[nodiscard]] rendered flash_group(const flash_group_attrs& a, render_context& context);

}  // namespace beamline::web::live::components
