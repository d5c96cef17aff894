#include "web/response.hpp"

#include <algorithm>
#include <array>

namespace beamline::web {

namespace {

response made(std::string_view type, std::string body, int status) {
  auto res = response{};
  res.status = status;
  res.headers.add("content-type", std::string{type});
  res.body = std::make_shared<const std::string>(std::move(body));
  return res;
}

struct status_text {
  int status;
  std::string_view text;
};
constexpr auto status_texts = std::to_array<status_text>({
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
});

}  // namespace

response response::empty(int status) {
  auto res = response{};
  res.status = status;
  return res;
}

response response::html(std::string body, int status) {
  return made("text/html; charset=utf-8", std::move(body), status);
}

response response::json(std::string body, int status) { return made("application/json", std::move(body), status); }

response response::text(std::string body, int status) {
  return made("text/plain; charset=utf-8", std::move(body), status);
}

response response::redirect(std::string location, int status) {
  return empty(status).with("location", std::move(location));
}

std::string_view reason_phrase(int status) noexcept {
  auto at = std::ranges::find(status_texts, status, &status_text::status);
  return at == status_texts.end() ? std::string_view{"Status"} : at->text;
}

const header_list& default_headers() {
  static const auto headers = [] {
    auto list = header_list{};
    // No inline scripts; inline styles are allowed because LiveView's JS commands set them.
    list.add("content-security-policy",
             "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
             "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; "
             "frame-ancestors 'none'");
    list.add("x-content-type-options", "nosniff");
    list.add("referrer-policy", "strict-origin-when-cross-origin");
    list.add("cross-origin-opener-policy", "same-origin");
    list.add("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    return list;
  }();
  return headers;
}

std::string to_header(const cookie& c) {
  auto out = c.name + "=" + c.value + "; Path=/; SameSite=Lax";
  if (c.http_only)
    out += "; HttpOnly";
  if (c.secure)
    out += "; Secure";
  if (c.max_age_s >= 0)
    out += "; Max-Age=" + std::to_string(c.max_age_s);
  return out;
}

bool is_cookie_value(std::string_view text) noexcept {
  return std::ranges::all_of(
      text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'; });
}

}  // namespace beamline::web
