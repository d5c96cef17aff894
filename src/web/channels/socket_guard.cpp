#include "web/channels/socket_guard.hpp"

#include "pubsub/system.hpp"
#include "web/channels/broadcast.hpp"

#include <stdexcept>

namespace beamline::web::channels {

behavior socket_guard::init() {
  return handlers([this](const channel_broadcast& m) {
    if (m.event == disconnect_event)
      of_->close_with(close_code::going_away, "disconnected");
  });
}

void socket_guard::terminate(const reason&) {
  of_->close_with(close_code::service_restart, "the connection cannot be served on");
}

result<void> guard_connection(const std::shared_ptr<connection>& c, const std::string& id, std::string_view pubsub,
                              node& home, const spawner& processes) {
  auto* system = pubsub::find_system(home.env(), pubsub);
  if (system == nullptr)
    return error{errc::unavailable, "there is no PubSub system \"" + std::string{pubsub} + "\" on this node"};
  try {
    const auto who = processes.spawn<socket_guard>(c);
    c->accompany(who);
    auto subscribed = system->subscribe(who, id, {.when_full = pubsub::overflow::disconnect});
    if (!subscribed)
      return subscribed.error().in("the socket id \"" + id + "\"");
  } catch (const std::runtime_error& full) {
    return error{errc::busy, full.what()};
  }
  return {};
}

}  // namespace beamline::web::channels
