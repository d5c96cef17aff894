#include "web/channels/longpoll.hpp"

#include <string>

namespace beamline::web::channels {

namespace {

constexpr std::string_view websocket_end = "/websocket";
constexpr std::string_view longpoll_end = "/longpoll";
// The client's own long poll looks at the status in the body only: 403 is what it takes as an error.
constexpr std::string_view no_longpoll =
    R"({"status":403,"error":"Long polling is not offered here; connect with a WebSocket."})";

}  // namespace

void refuse_longpoll(router& routes, std::string_view websocket_path) {
  if (!websocket_path.ends_with(websocket_end))
    return;
  websocket_path.remove_suffix(websocket_end.size());
  routes.any(std::string{websocket_path} + std::string{longpoll_end},
             [](const request&, responder answer) { answer.send(response::json(std::string{no_longpoll}, 404)); });
}

}  // namespace beamline::web::channels
