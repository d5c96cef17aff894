#pragma once

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/token.hpp"
#include "web/origin.hpp"
#include "web/request.hpp"
#include "web/response.hpp"
#include "web/router.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace beamline::web {

// Browsers keep cookies up to this size, name and attributes included; a larger session is refused (`too_large`).
inline constexpr std::size_t session_cookie_bytes_max = 4096;

// Purpose of the tokens; see base/token.hpp.
inline constexpr std::string_view session_token_purpose = "session";

/// What the site remembers about one browser: a small JSON object that travels in a signed cookie. Anybody with
/// the browser can read it, so no secrets go in. A value type; not thread-safe.
class session_data {
public:
  session_data() = default;
  /// As it came from a cookie or a token; anything but an object gives an empty session.
  explicit session_data(json values);

  [[nodiscard]] const json& values() const noexcept { return values_; }
  /// The text under `key`, or nothing.
  [[nodiscard]] const std::string* find(std::string_view key) const { return find_string(values_, key); }
  void set(std::string_view key, json value);
  void remove(std::string_view key);
  void clear();
  /// Whether it must be written back to the browser.
  [[nodiscard]] bool changed() const noexcept { return changed_; }

private:
  json values_ = json::object();
  bool changed_ = false;
};

/// Reads and writes the session cookie. Thread-safe; the signer must outlive it.
class session_codec {
public:
  struct options {
    std::string cookie_name = "_beamline_session";
    duration max_age = std::chrono::hours{24 * 14};
    bool secure = false;  // Whether browsers reach the site by https.
  };
  session_codec(const token_signer& signer, options opts) : signer_{signer}, options_{std::move(opts)} {}

  /// The session of the request; an empty one when the cookie is missing, expired, forged or malformed.
  [[nodiscard]] session_data load(const request& req) const;
  /// The same, but says why there is none: `not_found` without a cookie, else as `token_signer::verify`.
  [[nodiscard]] result<session_data> read(const request& req) const;
  /// Sets the cookie (`HttpOnly`, `SameSite=Lax`) if the session has changed; an empty one deletes it.
  [[nodiscard]] result<void> store(const session_data& session, response& res) const;

private:
  const token_signer& signer_;
  options options_;
};

}  // namespace beamline::web

/// Protection against requests that another site makes a browser send.
namespace beamline::web::csrf {

// Octets of the secret that stays in the session.
inline constexpr std::size_t secret_octets = 18;

// Where the session keeps the secret, and where forms and scripts put the token.
inline constexpr std::string_view session_key = "_csrf";
inline constexpr std::string_view form_field = "_csrf_token";
inline constexpr std::string_view header_name = "x-csrf-token";

/// A token for one page: the session's secret under a fresh mask, so that no two pages have the same (a secret that
/// repeats can be guessed from the size of compressed pages). Makes the secret if the session has none yet; then
/// the session must be stored with the answer.
[[nodiscard]] std::string masked(session_data& session, random_source& random);

/// Whether `token` was made for this session. Constant time.
[[nodiscard]] bool matches(const session_data& session, std::string_view token);

/// Answers 403 to requests other than GET, HEAD and OPTIONS that come from a foreign origin or lack the session's
/// token. `codec` and `origins` must outlive the router that uses it.
[[nodiscard]] middleware guard(const session_codec& codec, const origin_policy& origins);

}  // namespace beamline::web::csrf
