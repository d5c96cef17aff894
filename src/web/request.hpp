#pragma once

#include "web/header_list.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::web {

enum class http_method { get, head, post, put, delete_, patch, options, other };

/// `GET`, `DELETE`, …; `other` gives `OTHER`.
[[nodiscard]] std::string_view to_string(http_method m) noexcept;
[[nodiscard]] http_method method_from(std::string_view text) noexcept;

/// Names and values in the order they came, decoded. Names may repeat and may contain `[]`.
using pair_list = std::vector<std::pair<std::string, std::string>>;

/// The first value under `name`.
[[nodiscard]] std::optional<std::string_view> find_in(const pair_list& pairs, std::string_view name);

/// One HTTP request, read completely and checked. All text is untrusted. The server keeps it alive, unchanged,
/// until its `responder` is gone; whoever needs it longer copies it.
struct request {
  std::uint64_t id = 0;  // Unique within one run of the server; goes into logs.
  http_method method = http_method::get;
  std::string method_text;            // As sent, for example `PROPFIND` when `method` is `other`.
  std::string target;                 // As sent, percent-encoded, with the query.
  std::string path = "/";             // Decoded and normalised; an encoded slash stays `%2F`. Valid UTF-8.
  std::vector<std::string> segments;  // Of the path, decoded completely: one may contain a slash.
  std::string query_text;             // After the `?`, as sent.
  pair_list query;
  header_list headers;
  pair_list cookies;
  std::string body;
  std::string route;       // The pattern that matched, `/blog/:slug`; empty when none did.
  pair_list params;        // From the pattern, decoded: `slug`, or the rest under the name of a wildcard.
  std::string auth_token;  // WebSocket upgrades: the bearer token offered as a sub-protocol, decoded.
  std::string peer;        // Address of the other side, without port: `127.0.0.1`, `::1`.
  std::string client;      // That of the browser: `peer`, or what a trusted proxy says of it.
  std::uint16_t peer_port = 0;
  bool is_secure = false;  // Whether the browser speaks https: to a trusted proxy that says so, else `web.scheme`.
  int http_minor = 1;      // HTTP/1.0 or 1.1.
  bool keep_alive = true;  // Whether the connection stays open after the answer.

  [[nodiscard]] std::string_view header(std::string_view name) const { return headers.get(name); }
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const {
    return find_in(query, name);
  }
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const { return find_in(cookies, name); }
  /// The route's parameter; empty when the pattern has none of that name.
  [[nodiscard]] std::string_view param(std::string_view name) const {
    return find_in(params, name).value_or(std::string_view{});
  }
  /// Whether errors should be written for a person (`text/html`) rather than for a program.
  [[nodiscard]] bool wants_html() const;
};

/// The fields of an `application/x-www-form-urlencoded` body; empty for other types and for malformed bodies.
[[nodiscard]] pair_list form_fields(const request& req);

}  // namespace beamline::web
