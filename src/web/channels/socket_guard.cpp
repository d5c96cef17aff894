#include "web/channels/socket_guard.hpp"

#include "web/channels/broadcast.hpp"

#include <stdexcept>

namespace beamline::web::channels {

behavior socket_guard::init() {
  auto subscribed = pubsub::system_of(env(), setup_.pubsub).subscribe(self(), setup_.id);
  if (!subscribed)
    throw std::runtime_error{"no subscription to the socket id \"" + setup_.id + "\": " + subscribed.error().message};
  return handlers([this](const channel_broadcast& m) {
    if (m.event == disconnect_event)
      setup_.of->close_with(close_code::going_away, "disconnected");
  });
}

void socket_guard::terminate(const reason&) {
  setup_.of->close_with(close_code::service_restart, "the connection cannot be served on");
}

}  // namespace beamline::web::channels
