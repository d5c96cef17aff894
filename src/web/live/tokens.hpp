#pragma once

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/token.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::web::live {

/// How long a page may stay open (or asleep) and still join. Older tokens are answered `stale`: the browser loads the
/// page anew.
inline constexpr duration page_token_age_max = std::chrono::days{14};

/// A flash lives only from one page to the next.
inline constexpr duration flash_token_age_max = std::chrono::seconds{60};

/// The cookies in which the client carries what must survive a page load (protocol note, sections 4, 5 and 11).
inline constexpr std::string_view flash_cookie = "__phoenix_flash__";
inline constexpr std::string_view reload_status_cookie = "__phoenix_reload_status__";
inline constexpr long carried_cookie_age_max_s = 60;

/// Which connected view a nested one belongs to: the one that rendered it, not one that was mounted after it.
struct parent_identity {
  std::string view_id;        // Empty: no parent.
  std::uint64_t process = 0;  // `pid::id` on the node that made the token.

  explicit operator bool() const noexcept { return !view_id.empty(); }
  friend bool operator==(const parent_identity&, const parent_identity&) = default;
};

/// What the page says about its view. Signed, not encrypted: the browser's owner can read it.
///
/// The token of the first page stays in use when the browser navigates to other views of the live session, so what is
/// in `session` must hold for the whole live session.
struct session_token {
  std::string view_id;       // The container's id; the topic is `lv:` and this.
  std::string view;          // Name under which the view is registered.
  std::string live_session;  // Views between which the browser may navigate without loading a page.
  bool is_routable = true;   // Has a URL of its own: gets history, title and handle_params.
  json session = json::object();
  parent_identity parent = {};  // Of a nested view; never of a routable one.

  friend bool operator==(const session_token&, const session_token&) = default;
};

/// What the first render of the page knew.
struct static_token {
  std::string view_id;
  json flash = json::object();

  friend bool operator==(const static_token&, const static_token&) = default;
};

// It travels in a cookie: a longer text is cut.
inline constexpr std::size_t reload_detail_octets_max = 512;

/// Why a connected mount failed, for the page load that shows it.
struct reload_token {
  int status = 404;
  std::string detail = {};  // What the visitor is told.

  friend bool operator==(const reload_token&, const reload_token&) = default;
};

/// Signs and checks the tokens of live pages. Each kind has its own purpose, so none passes as another; a format
/// version inside makes tokens of another format `stale` instead of misread. Thread-safe. The signer must outlive it.
///
/// With a `build` (in development) session tokens are those of one build only: after the server was built anew and
/// started, every open page joins with a token of the old one, is `stale`, and loads at once.
class page_tokens {
public:
  explicit page_tokens(const token_signer& signer, std::string build = {})
      : signer_{&signer}, build_{std::move(build)} {}

  [[nodiscard]] std::string sign(const session_token& content) const;
  [[nodiscard]] std::string sign(const static_token& content) const;
  /// `flash` is an object of texts by key.
  [[nodiscard]] std::string sign_flash(const json& flash) const;
  [[nodiscard]] std::string sign(const reload_token& content) const;

  // Errors of `token_signer::verify`, `unsupported` for another format version or build, `corrupt` for content that
  // only another program with our key can have signed.
  [[nodiscard]] result<session_token> verify_session(std::string_view token) const;
  [[nodiscard]] result<static_token> verify_static(std::string_view token) const;
  [[nodiscard]] result<json> verify_flash(std::string_view token) const;
  [[nodiscard]] result<reload_token> verify_reload(std::string_view token) const;

private:
  [[nodiscard]] result<json> verify(std::string_view purpose, std::string_view token, duration age_max) const;

  const token_signer* signer_;
  std::string build_;
};

}  // namespace beamline::web::live
