#pragma once

#include "apps/event_horizon/facade.hpp"
#include "web/router.hpp"

namespace beamline::event_horizon {

/// For the route of `blog_show`: each post has one address. A slug in other letters, /blog/Hello, is answered 301 with
/// that one, and with the query as it came. Unknown slugs pass.
[[nodiscard]] web::middleware one_address(const blog& of);

}  // namespace beamline::event_horizon
