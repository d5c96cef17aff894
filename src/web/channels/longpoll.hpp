#pragma once

#include "web/router.hpp"

#include <string_view>

namespace beamline::web::channels {

/// Long polling is not offered: beside a path `.../websocket` its `.../longpoll` answers 404 and says so, in a way that
/// the npm client takes as an error. Other paths have nothing beside them.
void refuse_longpoll(router& routes, std::string_view websocket_path);

}  // namespace beamline::web::channels
