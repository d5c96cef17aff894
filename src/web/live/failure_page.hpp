#pragma once

#include "web/live/view_crash.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace beamline::web::live {

/// The answer to a request whose view threw in its first render: 500. In development with all that is known, of what
/// happened and where in which template; in production without a word of it. As a page or as JSON, whichever the
/// request asks for.
[[nodiscard]] response crash_response(const request& req, const view_crash& c, bool is_development);

}  // namespace beamline::web::live
