#include "web/upgrade.hpp"

#include "base/crypto.hpp"
#include "web/frame_codec.hpp"

#include <algorithm>
#include <charconv>

namespace beamline::web {

namespace {

constexpr auto token_prefix = std::string_view{"base64url.bearer.phx."};

std::vector<std::string> offered_subprotocols(const request& req) {
  auto out = std::vector<std::string>{};
  for (const auto& [name, value] : req.headers) {
    if (!iequals(name, "sec-websocket-protocol"))
      continue;
    for (auto rest = std::string_view{value}; !rest.empty();) {
      auto comma = std::min(rest.find(','), rest.size());
      if (auto part = trimmed(rest.substr(0, comma)); !part.empty())
        out.emplace_back(part);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return out;
}

upgrade_decision refused(int status, std::string detail) { return {status, std::move(detail), {}, {}}; }

std::string_view form_objection(const request& req) {
  if (req.method != http_method::get || req.http_minor < 1)
    return "a WebSocket begins with GET and HTTP/1.1";
  if (!req.headers.has_token("connection", "upgrade") || !req.headers.has_token("upgrade", "websocket"))
    return "this address speaks WebSocket; the request asks for no upgrade to it";
  if (trimmed(req.header("sec-websocket-version")) != "13")
    return "sec-websocket-version must be 13";
  if (req.headers.count("sec-websocket-key") != 1 || !is_websocket_key(trimmed(req.header("sec-websocket-key"))))
    return "sec-websocket-key must be base64 of 16 octets";
  if (!req.body.empty())
    return "an upgrade has no body";
  return {};
}

}  // namespace

bool is_supported_vsn(std::string_view vsn) {
  if (!vsn.starts_with("2.0."))
    return false;
  auto patch = vsn.substr(4);
  auto number = 0U;
  auto [end, ec] = std::from_chars(patch.data(), patch.data() + patch.size(), number);
  return ec == std::errc{} && end == patch.data() + patch.size() && (patch.size() == 1 || patch.front() != '0');
}

upgrade_decision decide_upgrade(const request& req, const upgrade_rules& rules, const origin_policy& origins) {
  if (auto objection = form_objection(req); !objection.empty())
    return refused(400, std::string{objection});
  if (!origins.allows(req))
    return refused(403, "a page from \"" + std::string{req.header("origin")}
                            + "\" may not connect here; see web.origins and web.public_host");

  auto out = upgrade_decision{};
  auto offered = offered_subprotocols(req);
  auto wanted = rules.subprotocols;
  if (std::ranges::any_of(offered, [](const auto& p) { return p.starts_with(token_prefix); }))
    wanted.emplace_back("phoenix");  // The client insists on it when it sends a token.
  for (const auto& name : wanted)
    if (out.subprotocol.empty() && std::ranges::find(offered, name) != offered.end())
      out.subprotocol = name;
  if (out.subprotocol.empty() && !offered.empty() && !wanted.empty())
    return refused(403, "none of the sub-protocols offered is spoken here");
  for (const auto& name : offered) {
    if (!name.starts_with(token_prefix))
      continue;
    // The client removes `=`, but keeps the plain base64 alphabet of `btoa`.
    auto text = name.substr(token_prefix.size());
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    auto token = base64url_decode(text);
    if (!token)
      return refused(403, "the bearer token among the sub-protocols is not base64url");
    out.auth_token = std::move(*token);
  }

  if (rules.requires_vsn && !is_supported_vsn(req.query_value("vsn").value_or("1.0.0")))
    return refused(403, "vsn \"" + std::string{req.query_value("vsn").value_or("1.0.0")}
                            + "\" is not spoken here; use a client with version 2.0.0 of the protocol");
  return out;
}

std::string upgrade_head(const request& req, std::string_view subprotocol) {
  auto out = std::string{"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
                         "sec-websocket-accept: "};
  out += accept_key(trimmed(req.header("sec-websocket-key")));
  if (!subprotocol.empty())
    out.append("\r\nsec-websocket-protocol: ").append(subprotocol);
  return out += "\r\n\r\n";
}

}  // namespace beamline::web
