#pragma once

#include "base/json.hpp"
#include "web/channels/message.hpp"
#include "web/live/tokens.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline::web::live {

/// Topics of live views begin with this; the view id follows.
inline constexpr std::string_view topic_prefix = "lv:";

/// Which view a URL leads to.
struct route_match {
  std::string view;
  std::string live_session;
  json params = json::object();  // Of the path and the query.
  std::string action = {};
};

/// What has become of the view that a nested one belongs to.
enum class parent_status {
  alive,        // It is mounted on this connection.
  redirecting,  // It has told the browser to go elsewhere.
  gone,         // Neither; another one may have been mounted in its place.
};

/// What a join is judged by, apart from what it says itself.
struct join_context {
  std::string_view topic;
  /// Whether the connection brought a session cookie and the CSRF token that belongs to it.
  bool has_session = false;
  /// The live route of a full URL, if it has one.
  std::function<std::optional<route_match>(std::string_view url)> route;
  /// Whether a view of that name exists in this build.
  std::function<bool(std::string_view view)> has_view;
  /// Without it parents are gone.
  std::function<parent_status(const parent_identity&)> find_parent{};
};

/// The view may be mounted.
struct join_accepted {
  std::string view_id;
  std::string view;
  std::string live_session;
  bool is_routable = true;
  bool is_live_navigation = false;  // Reached by a link within the live session; no page was loaded for it.
  std::optional<std::string> url;   // Path and query of what the browser shows.
  json params = json::object();     // Of the URL.
  std::string action = {};          // What the view is to do there.
  json session = json::object();    // Of the session token.
  json flash = json::object();
  json connect_params = json::object();  // What the page's script sent along; never to be trusted.
  std::int64_t mounts = 0;               // Successful joins of this view before this one.
  std::int64_t mount_attempts = 0;       // Failed ones since the last success.
  parent_identity parent = {};           // Of a nested view.

  /// The URLs of what the page was loaded with (`phx-track-static`), as its script says.
  [[nodiscard]] std::vector<std::string> tracked_statics() const;
};

/// Why the browser must do something else than show the view.
enum class join_refusal {
  stale,            // The page is too old, from another site or without cookies: load it anew.
  unauthorized,     // This view may not be shown on that URL within this live session: load the URL as a page.
  parent_redirect,  // The view around it is about to be replaced, and it with it.
  crashed,          // No client of ours sends this.
};

/// `stale`, `unauthorized`, `parent_redirect` or `join crashed`: the reason as the client knows it.
[[nodiscard]] std::string_view to_string(join_refusal why) noexcept;
/// The response of the join reply: `{"reason":"stale"}`.
[[nodiscard]] std::string refusal_response(join_refusal why);

using join_decision = std::variant<join_accepted, join_refusal>;

/// Decides on a `phx_join`. Pure but for the clock behind the tokens.
///
/// Note that `stale` and `unauthorized` make the browser load a page at once, for ever if it helps nothing (see
/// stale_guard.hpp). `crashed` makes it wait 5 to 10 seconds.
[[nodiscard]] join_decision check_join(const page_tokens& tokens, const channels::message_payload& payload,
                                       const join_context& context);

}  // namespace beamline::web::live
