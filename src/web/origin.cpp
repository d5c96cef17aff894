#include "web/origin.hpp"

#include "web/header_list.hpp"

#include <algorithm>
#include <charconv>

namespace beamline::web {

namespace {

// A host name has at most 253 octets in DNS; longer ones match nothing.
constexpr std::size_t host_octets_max = 253;

std::string lowered(std::string_view text) {
  auto out = std::string{text};
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws")
    return 80;
  return scheme == "https" || scheme == "wss" ? 443 : 0;
}

bool is_host(std::string_view host) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
      return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
    });
  return !host.empty() && host.size() <= host_octets_max && std::ranges::all_of(host, allowed);
}

struct authority {
  std::string host;
  std::uint16_t port;  // 0: not given.
};

/// `host[:port]`, `[v6][:port]`.
std::optional<authority> parse_authority(std::string_view text) {
  auto out = authority{lowered(text), 0};
  auto colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
    auto digits = text.substr(colon + 1);
    auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (ec != std::errc{} || end != digits.data() + digits.size() || out.port == 0)
      return std::nullopt;
    out.host.resize(colon);
  }
  if (!is_host(out.host))
    return std::nullopt;
  return out;
}

}  // namespace

std::optional<origin> parse_origin(std::string_view text) {
  auto marker = text.find("://");
  if (marker == std::string_view::npos || marker == 0)
    return std::nullopt;
  auto scheme = lowered(text.substr(0, marker));
  auto rest = text.substr(marker + 3);
  auto place = parse_authority(rest.substr(0, rest.find('/')));
  if (!place)
    return std::nullopt;
  return origin{scheme, place->host, place->port != 0 ? place->port : default_port(scheme)};
}

bool origin_pattern::matches(const origin& o) const {
  if (!scheme.empty() && scheme != o.scheme)
    return false;
  if (port != 0 && port != o.port)
    return false;
  return o.host == host || (with_subdomains && o.host.ends_with("." + host));
}

result<origin_pattern> parse_origin_pattern(std::string_view text) {
  auto out = origin_pattern{};
  auto marker = text.find("//");
  auto scheme = text.substr(0, marker == std::string_view::npos ? 0 : marker);
  auto rest = marker == std::string_view::npos ? std::string_view{} : text.substr(marker + 2);
  if (rest.starts_with("*.")) {
    out.with_subdomains = true;
    rest.remove_prefix(2);
  }
  auto place = parse_authority(rest);
  if (!place || (!scheme.empty() && !scheme.ends_with(':')) || scheme == ":")
    return error{errc::invalid,
                 "origin \"" + std::string{text} + "\" is not of the form scheme://host[:port], //host or //*.host"};
  out.scheme = lowered(scheme.substr(0, scheme.empty() ? 0 : scheme.size() - 1));
  out.host = place->host;
  out.port = place->port != 0 ? place->port : default_port(out.scheme);
  return out;
}

bool origin_policy::allows(const request& req) const {
  auto text = req.headers.find("origin");
  if (!text || how == mode::off)
    return true;
  auto from = parse_origin(*text);
  if (!from)
    return false;
  switch (how) {
    case mode::on: return from->host == lowered(public_host);
    case mode::list: return std::ranges::any_of(allowed, [&](const auto& p) { return p.matches(*from); });
    case mode::conn: {
      auto own = parse_origin((req.is_secure ? "https://" : "http://") + std::string{req.header("host")});
      return own && *own == *from;
    }
    case mode::callback: return check && check(*from, req);
    case mode::off: return true;
  }
  return false;
}

result<origin_policy> parse_origin_policy(std::string_view text, std::string public_host) {
  auto policy = origin_policy{};
  policy.public_host = std::move(public_host);
  if (text == "on")
    return policy;
  if (text == "conn" || text == "off") {
    policy.how = text == "conn" ? origin_policy::mode::conn : origin_policy::mode::off;
    return policy;
  }
  policy.how = origin_policy::mode::list;
  while (!text.empty()) {
    auto comma = std::min(text.find(','), text.size());
    auto pattern = parse_origin_pattern(trimmed(text.substr(0, comma)));
    if (!pattern)
      return pattern.error();
    policy.allowed.push_back(std::move(*pattern));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  if (policy.allowed.empty())
    return error{errc::invalid, "the list of origins is empty; write on, conn, off or origins such as //*.example.org"};
  return policy;
}

}  // namespace beamline::web
