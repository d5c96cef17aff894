#pragma once

#include "actors/node.hpp"
#include "supervision/nursery.hpp"
#include "web/assets.hpp"
#include "web/live/live_session.hpp"
#include "web/live/page.hpp"
#include "web/live/view.hpp"
#include "web/live/view_table.hpp"
#include "web/rate_limit.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web::live {

/// The key of the cookie session under which a login names its connections: `endpoint::disconnect` with it ends them.
inline constexpr std::string_view socket_id_key = "live_socket_id";

/// Where a view stands among the others.
struct view_options {
  std::string live_session = "default";
  std::string action{};           // `mount_params::action`: what the view is to do at this URL ("index", "edit").
  container_element container{};  // The element around the view.
  page_preparation prepare{};     // Before the first render. Empty: nothing to wait for.
};

/// Puts live views on a router: their pages, and the WebSocket that the client connects to.
///
///   live::endpoint live{node, signer, sessions, {.title = {.suffix = " · Blog"}, .layout = layout}};
///   live.session({.name = "admin", .on_mount = {require_admin}});
///   live.view<blog_show>(routes, "/blog/:slug", "blog_show");
///   live.view<admin_home>(routes, "/admin", "admin_home", {.live_session = "admin"});
///   live.nested<clock>("clock");
///   live.connect(routes, "/live/websocket");
///
/// What a view gets as its session, in both renders: the values of the cookie session as they are at that moment,
/// `visitor` (a random id of this browser, kept in the session cookie), `csrf` (a token for forms on the page),
/// `client` (the address that it is asked from, `request::client`), and what its live session adds.
///
/// Filled before the server starts; then read by its thread. Mistakes throw std::invalid_argument: a name or URL that
/// is there twice, a view or live session that is not there. Node, signer and codec must outlive the server.
class endpoint {
public:
  struct options {
    page_title title;    // What is around each view's own title.
    page_layout layout;  // The document around each view whose live session has none.
    // Whose children the views are, and the processes that make first pages. Without: nobody's.
    std::optional<supervision::nursery> sessions{};
    // The task supervisor of the views' work (async.hpp). Without: a view starts its own when it needs one.
    pid tasks{};
    // What `view_socket::static_changed` compares with. Must outlive the server. Without: never changed.
    const asset_store* assets = nullptr;
    // The PubSub system through which `disconnect` reaches all nodes; empty: `socket_id_key` has no effect.
    std::string pubsub{};
    /// Set in development: failures are shown in the browser with all that is known of them, and pages of another
    /// build of the server (`running_build`) load anew as soon as they have reconnected.
    std::optional<std::string> development_build{};

    // A join beyond this is answered `too many channels joined`.
    std::size_t channels_max = 100;
    // A message of a client beyond these closes its connection (1009 or 1011).
    json_limits message_limits{};
    // Who sends more than this is not read from until it is made up for, so that TCP slows the sender down; nothing is
    // lost. Heartbeats wait, too, but never for so long that the client gives up: see channels::connection.
    rate_limit messages = default_rates::messages;
    rate_limit octets = default_rates::octets;
    // Joins are counted once more here: each is a process and a render.
    rate_limit joins = default_rates::joins;
  };

  endpoint(node& home, const token_signer& signer, const session_codec& sessions, options o);
  ~endpoint();
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  /// Declares a live session, before its views. "default" is there already, and may be declared to say more about it.
  void session(live_session s);

  /// Serves GET `pattern` with the view, and lets browsers join it on URLs that match. `name` goes into tokens: it
  /// must stay the same over releases, and one name has one factory.
  void view(router& routes, std::string_view pattern, std::string name, view_factory make, view_options o = {});
  template <class View>
  void view(router& routes, std::string_view pattern, std::string name, view_options o = {}) {
    view(
        routes, pattern, std::move(name), [] { return std::make_unique<View>(); }, std::move(o));
  }
  /// Another URL for a view: `o.container` is the view's and not looked at.
  void also(router& routes, std::string_view pattern, const std::string& name, const view_options& o = {});

  /// A view without URLs, for `<.live_render>` in others.
  void nested(std::string name, view_factory make, container_element container = {});
  template <class View>
  void nested(std::string name, container_element container = {}) {
    nested(
        std::move(name), [] { return std::make_unique<View>(); }, std::move(container));
  }

  /// The endpoint of the npm client: `/live/websocket`. Long polling is not offered: beside a path `.../websocket` its
  /// `.../longpoll` answers 404 and says so.
  void connect(router& routes, std::string_view path);

  /// Closes with 1001 all connections, on all nodes, of browsers whose session has that `socket_id_key`: after a
  /// logout, above all. They reconnect with the session they have then. Any thread, at once. Needs `options::pubsub`;
  /// what fails later is logged.
  void disconnect(const std::string& socket_id);

private:
  std::shared_ptr<class endpoint_state> state_;
};

/// The id of this browser in its session; made on the first visit.
[[nodiscard]] const std::string& visitor_of(session_data& session, random_source& random);

}  // namespace beamline::web::live
