#pragma once

#include "base/result.hpp"
#include "web/channels/channel_socket.hpp"
#include "web/live/page.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// The payloads a live view sends: answers to joins and events, and navigation. All results are JSON text.
namespace beamline::web::live {

/// Release of the npm client that this server speaks to. Another one only makes the client print a warning.
inline constexpr std::string_view client_version = "1.2.12";

// Events a view pushes.
inline constexpr std::string_view diff_event = "diff";
inline constexpr std::string_view live_patch_event = "live_patch";
inline constexpr std::string_view live_redirect_event = "live_redirect";
inline constexpr std::string_view redirect_event = "redirect";

/// Whether a new entry is made in the browser's history.
enum class history { push, replace };

/// Another URL for the same view. Pushed before the diff or reply that shows it.
struct patch_to {
  std::string to;
  history kind = history::push;
};
/// Another view of the live session, without loading a page. Ends this view.
struct navigate_to {
  std::string to;
  history kind = history::push;
  std::string flash_token = {};  // Empty for none.
};
/// Another page, possibly of another site. Ends this view.
struct redirect_to {
  std::string to;
  std::string flash_token = {};
};

/// Accepts the targets for `patch_to` and `navigate_to`, and for redirects that came from outside: an absolute path of
/// this site. Refused as `invalid`, because browsers read it as another site or stumble over it: `//host`, backslashes,
/// control characters, white space, schemes, relative paths.
[[nodiscard]] result<void> check_local_path(std::string_view to);
/// Accepts the targets for `redirect_to`: what `check_local_path` accepts, and http and https URLs. Refused as
/// `invalid`: other schemes, of which some are scripts, and what browsers stumble over.
[[nodiscard]] result<void> check_redirect_target(std::string_view to);

/// The payload of a push, named by the `*_event` above.
[[nodiscard]] std::string encode(const patch_to& target);
[[nodiscard]] std::string encode(const navigate_to& target);
[[nodiscard]] std::string encode(const redirect_to& target);

/// What the answer to a join may carry beside the page.
struct join_extras {
  std::optional<patch_to> patch = std::nullopt;               // The mount ended in a patch.
  std::optional<container_element> container = std::nullopt;  // For live navigation only.
};

/// The response of an accepted join. `rendered` is the text made by `encode_full`.
[[nodiscard]] std::string join_response(std::string_view rendered, const join_extras& extras = {});
/// The same around a text that many views of equal state share.
[[nodiscard]] channels::json_text join_response(std::shared_ptr<const std::string> rendered,
                                                const join_extras& extras = {});

/// The response of a refused join that leads elsewhere; `events` is a JSON array and dispatched before.
[[nodiscard]] std::string join_response(const navigate_to& target, std::string_view events = "[]");
[[nodiscard]] std::string join_response(const redirect_to& target, std::string_view events = "[]");
/// The response of a join that failed with an HTTP status: the browser loads the page with the token in a cookie, and
/// the server answers that status with its error page.
[[nodiscard]] std::string reload_response(int status, std::string_view reload_token);

/// The response to an event, with status ok. An event must be answered even if nothing changed (`diff` is empty): the
/// client keeps its form locked until then.
[[nodiscard]] std::string event_response(std::string_view diff);
[[nodiscard]] channels::json_text event_response(std::shared_ptr<const std::string> diff);
[[nodiscard]] std::string event_response(const navigate_to& target);
[[nodiscard]] std::string event_response(const redirect_to& target);
/// The response to a `live_patch` whose URL is not this view's: the client navigates by itself.
[[nodiscard]] std::string link_redirect_response();

}  // namespace beamline::web::live
