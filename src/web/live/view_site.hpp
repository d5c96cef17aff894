#pragma once

#include "web/live/connection_views.hpp"
#include "web/live/live_session.hpp"
#include "web/live/nested.hpp"
#include "web/live/page.hpp"
#include "web/live/reply.hpp"
#include "web/live/tokens.hpp"

#include <memory>
#include <optional>
#include <string>

namespace beamline::web::live {

/// Where a view belongs, as its process must know it; made by the endpoint for each mount. What it points to lives as
/// long as the process's route function.
struct view_site {
  std::string name;  // The view's own, for reports.
  const page_tokens* tokens = nullptr;
  std::shared_ptr<const live_session> session;  // Its `on_mount` hooks run first. Never null.
  nested_scope nested;                          // All but `process` (and `render`, in the first render).
  pid tasks{};                                  // Supervisor of the views' work; empty: views start their own.
  bool is_development = false;                  // Failures are shown with all that is known of them.
};

/// The same for a connected view.
struct connected_site : view_site {
  std::shared_ptr<connection_views> family;    // To be told when this view redirects, and when it ends.
  pid parent;                                  // Of a nested view, which ends with it.
  pid root;                                    // Carries out the patches of a nested view.
  bool has_static_changed = false;             // `view_socket::static_changed`.
  std::optional<container_element> container;  // To be told to the browser: it has another one now.
};

/// Cast by a nested view to its root, which patches itself and tells its browser.
struct nested_patch {
  patch_to to;
};

}  // namespace beamline::web::live
