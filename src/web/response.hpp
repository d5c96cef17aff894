#pragma once

#include "web/header_list.hpp"
#include "web/request.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::web {

/// An answer to one request. The server adds `date`, `content-length`, `connection` and those default headers
/// (see `default_headers`) that the answer does not set itself; an empty value leaves a default header out.
struct response {
  int status = 200;
  header_list headers;
  std::shared_ptr<const std::string> body;  // May be shared by many answers; null is empty. Never copied.
  bool close = false;                       // Closes the connection after this answer.

  [[nodiscard]] std::string_view body_text() const { return body ? std::string_view{*body} : std::string_view{}; }

  /// Sets a header and returns the response, so that answers read as one expression.
  response&& with(std::string_view name, std::string value) && {
    headers.set(name, std::move(value));
    return std::move(*this);
  }

  [[nodiscard]] static response empty(int status = 204);
  [[nodiscard]] static response html(std::string body, int status = 200);
  [[nodiscard]] static response json(std::string body, int status = 200);
  [[nodiscard]] static response text(std::string body, int status = 200);
  /// 302, or 303 after a form. `location` is a path or URL chosen by the program, never by the user.
  [[nodiscard]] static response redirect(std::string location, int status = 302);
  /// An error as a page or as JSON, whichever the request asks for. `detail` is text for people.
  [[nodiscard]] static response failure(const request& req, int status, std::string_view detail = {});
  [[nodiscard]] static response not_found(const request& req) { return failure(req, 404); }
};

/// Standard words for a status: `Not Found`.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// The headers every answer carries unless it sets them itself: content security policy without inline
/// scripts, nosniff, referrer, framing, opener and permissions policies.
[[nodiscard]] const header_list& default_headers();

/// `name=value; Path=/; HttpOnly; SameSite=Lax[; Secure][; Max-Age=…]`.
struct cookie {
  std::string name;
  std::string value;    // Only characters that a cookie may have; see `is_cookie_value`.
  long max_age_s = -1;  // -1: until the browser ends; 0 deletes the cookie.
  bool secure = false;
  bool http_only = true;
};
[[nodiscard]] std::string to_header(const cookie& c);
[[nodiscard]] bool is_cookie_value(std::string_view text) noexcept;

}  // namespace beamline::web
