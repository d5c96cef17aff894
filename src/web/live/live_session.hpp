#pragma once

#include "web/live/hooks.hpp"
#include "web/live/page.hpp"
#include "web/request.hpp"
#include "web/session.hpp"

#include <functional>
#include <string>
#include <vector>

namespace beamline::web::live {

/// Views between which a browser navigates without loading a page. A navigation out of it, or into it, loads the page:
/// so what its hooks and session data decide holds for every view in it.
struct live_session {
  std::string name = "default";           // Goes into tokens: stays the same over releases.
  std::vector<on_mount_hook> on_mount{};  // Before the mounts of all its views, in this order; see hooks.hpp.
  /// What the views get as their session besides `visitor` and `csrf`, from the request for the page. On the server's
  /// thread. It travels in a signed token that the visitor can read and keep for 14 days: names, not secrets, and
  /// nothing that can be taken back (look that up in a hook, by name).
  std::function<json(const request&, const session_data&)> session{};
  /// The document around its views. Empty: the endpoint's.
  page_layout layout{};
};

}  // namespace beamline::web::live
