#pragma once

#include "actors/node.hpp"
#include "supervision/nursery.hpp"
#include "web/channels/route.hpp"
#include "web/rate_limit.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::web {

/// Puts channels on a router: the WebSocket that the npm client `phoenix` connects to.
///
///   user_socket sockets{node, {.connect = [](const request& req, socket_assigns& s) -> result<void> { ... },
///                              .channels = {channel_at<lobby>("lobby"), channel_at<room>("room:*", store)}}};
///   sockets.connect(routes, "/socket/websocket");
///
/// An upgrade is refused by the first of: method and form (400), origin, sub-protocol, `vsn`, the query, the connect
/// hook (403), room for the connection (503). Node and session codec must outlive the server.
class user_socket {
public:
  struct options {
    // Whether this client may connect: gets the request and what is known of it so far, adds `user` and `id`. An error
    // refuses it, 503 for `busy` and `unavailable`, else 403; its message goes to the client. On the server's thread:
    // must not block. None: everybody may.
    std::function<result<void>(const request&, socket_assigns&)> connect{};
    std::vector<channel_route> channels{};
    // The system for broadcasts, set up with `add_channels_to`; empty: none, and ids have no effect.
    std::string pubsub{pubsub::default_system};
    std::string presence = "presence";  // For channels that show who is there.
    // Whose children the channels are. Without: nobody's.
    std::optional<supervision::nursery> processes{};
    // Where `socket_assigns::session` comes from. Without: nowhere.
    const session_codec* sessions = nullptr;

    // A join beyond this is answered `too many channels joined`.
    std::size_t channels_max = 100;
    // More octets than this waiting for a client that does not read end its connection; see channels::connection.
    // Choose it above the largest message that is pushed.
    std::size_t outgoing_bytes_max = std::size_t{2} * 1024 * 1024;
    // A message of a client beyond these closes its connection (1009 or 1011).
    json_limits message_limits{};
    // Who sends more than this is not read from until it is made up for, so that TCP slows the sender down; nothing is
    // lost. Heartbeats wait, too, but never for so long that the client gives up: see channels::connection.
    rate_limit messages = default_rates::messages;
    rate_limit octets = default_rates::octets;
    // Joins are counted once more here: each is a process.
    rate_limit joins = default_rates::joins;
  };

  /// Throws std::invalid_argument for a route whose pattern is empty, too long, there twice, or has a `*` before its
  /// end, and for one that nothing can reach behind another.
  user_socket(node& home, options o);
  ~user_socket();
  user_socket(const user_socket&) = delete;
  user_socket& operator=(const user_socket&) = delete;

  /// Serves `path`. Long polling is not offered: beside a path `.../websocket` its `.../longpoll` answers 404 and says
  /// so.
  void connect(router& routes, std::string_view path);

private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace beamline::web
