#pragma once

#include "web/live/page.hpp"

#include <string>

namespace gallery {

/// The document around every page. `style` and `script` are URL paths.
[[nodiscard]] beamline::web::live::page_layout make_layout(std::string style, std::string script);

}  // namespace gallery
