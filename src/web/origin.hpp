#pragma once

#include "base/result.hpp"
#include "web/request.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::web {

/// Scheme, host and port, lower case; the port is the scheme's default when the text names none.
struct origin {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const origin&, const origin&) = default;
};

/// An `Origin` header's value, or an absolute URL. Nothing for `null`, and for what has no host.
[[nodiscard]] std::optional<origin> parse_origin(std::string_view text);

/// An allowed origin: `scheme://host[:port]`, `//host`, `//*.host`. Missing parts match anything, and `*.x` also
/// matches `x`.
struct origin_pattern {
  std::string scheme;      // Empty: any.
  std::string host;        // Without `*.`.
  std::uint16_t port = 0;  // 0: any.
  bool with_subdomains = false;

  [[nodiscard]] bool matches(const origin& o) const;
};
[[nodiscard]] result<origin_pattern> parse_origin_pattern(std::string_view text);

/// Decides from which pages a browser may open sockets and send forms. No `Origin` header is always fine: then
/// the client is no browser, or the request is not a cross-site one. An origin without a host (`null`) never is,
/// except in mode `off`.
struct origin_policy {
  enum class mode {
    on,        // The host must be `public_host`.
    list,      // Must match one of `allowed`.
    conn,      // Scheme, host and port must be those of the request itself.
    off,       // Anything goes.
    callback,  // `check` decides.
  };
  mode how = mode::on;
  std::string public_host = "localhost";
  std::vector<origin_pattern> allowed;
  std::function<bool(const origin&, const request&)> check;

  [[nodiscard]] bool allows(const request& req) const;
};

/// `on`, `conn`, `off`, or a comma-separated list of origin patterns.
[[nodiscard]] result<origin_policy> parse_origin_policy(std::string_view text, std::string public_host);

}  // namespace beamline::web
