#pragma once

#include "actors/node.hpp"
#include "supervision/nursery.hpp"
#include "web/live/page.hpp"
#include "web/live/view.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web::live {

/// Puts live views on a router: their pages, and the WebSocket that the client connects to.
///
///   live::endpoint live{node, signer, sessions, {.title = {.suffix = " · Blog"}, .layout = layout}};
///   live.view(routes, "/blog/:slug", "blog_show", [] { return std::make_unique<blog_show>(); });
///   live.connect(routes, "/live/websocket");
///
/// What a view gets as its session, in both renders: `visitor` (a random id of this browser, kept in the session
/// cookie) and `csrf` (a token for forms on the page). Filled before the server starts; then read by its thread.
/// Node, signer and codec must outlive the server.
class endpoint {
public:
  struct options {
    page_title title;    // What is around each view's own title.
    page_layout layout;  // The document around each view.
    std::string live_session = "default";
    // Whose children the views are, and the processes that make first pages. Without: nobody's.
    std::optional<supervision::nursery> sessions{};
  };

  endpoint(node& home, const token_signer& signer, const session_codec& sessions, options o);
  ~endpoint();
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  /// Serves GET `pattern` with the view, and lets browsers join it on URLs that match. `name` goes into tokens: it
  /// must stay the same over releases, and one name has one factory.
  void view(router& routes, std::string_view pattern, std::string name, view_factory make);

  /// The endpoint of the npm client: `/live/websocket`.
  void connect(router& routes, std::string_view path);

private:
  struct state;
  std::shared_ptr<state> state_;
};

/// The id of this browser in its session; made on the first visit.
[[nodiscard]] const std::string& visitor_of(session_data& session, random_source& random);

}  // namespace beamline::web::live
