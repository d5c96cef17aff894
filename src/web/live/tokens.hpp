#pragma once

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/token.hpp"

#include <string>
#include <string_view>

namespace beamline::web::live {

/// How long a page may stay open (or asleep) and still join. Older tokens are answered `stale`: the browser loads the
/// page anew.
inline constexpr duration page_token_age_max = std::chrono::days{14};

/// A flash lives only from one page to the next.
inline constexpr duration flash_token_age_max = std::chrono::seconds{60};

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

  friend bool operator==(const session_token&, const session_token&) = default;
};

/// What the first render of the page knew.
struct static_token {
  std::string view_id;
  json flash = json::object();

  friend bool operator==(const static_token&, const static_token&) = default;
};

/// Signs and checks the tokens of live pages. Each kind has its own purpose, so none passes as another; a format
/// version inside makes tokens of another build `stale` instead of misread. Thread-safe. The signer must outlive it.
class page_tokens {
public:
  explicit page_tokens(const token_signer& signer) : signer_{&signer} {}

  [[nodiscard]] std::string sign(const session_token& content) const;
  [[nodiscard]] std::string sign(const static_token& content) const;
  /// `flash` is an object of texts by key.
  [[nodiscard]] std::string sign_flash(const json& flash) const;

  // Errors of `token_signer::verify`, `unsupported` for another format version, `corrupt` for content that only another
  // program with our key can have signed.
  [[nodiscard]] result<session_token> verify_session(std::string_view token) const;
  [[nodiscard]] result<static_token> verify_static(std::string_view token) const;
  [[nodiscard]] result<json> verify_flash(std::string_view token) const;

private:
  [[nodiscard]] result<json> verify(std::string_view purpose, std::string_view token, duration age_max) const;

  const token_signer* signer_;
};

}  // namespace beamline::web::live
