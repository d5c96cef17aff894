#include "base/node_name.hpp"

#include "base/config/value.hpp"
#include "base/utf8.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace beamline {

namespace {

// RFC 1035: a label of a host name.
constexpr std::size_t label_bytes_max = 63;
// Rejected names are cut in errors: they may come from a stranger.
constexpr std::size_t shown_bytes_max = 80;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::string shown(std::string_view text) {
  auto start = truncate_utf8(text, shown_bytes_max);
  return config::quote(start) + (start.size() < text.size() ? "…" : "");
}

error bad(std::string_view text, std::string_view why) {
  return {errc::invalid, "node name " + shown(text) + " " + std::string{why}};
}

error bad_host(std::string_view host, std::string_view why) {
  return {errc::invalid, "host " + shown(host) + " " + std::string{why}};
}

std::string format_ipv4(const unsigned char* octets) {
  std::string out;
  for (int i = 0; i < 4; ++i)
    out += (i == 0 ? "" : ".") + std::to_string(octets[i]);
  return out;
}

result<std::string> canonical_ipv6(std::string_view host) {
  // A zone id means something on one machine only.
  std::string text{host.substr(0, host.find('%'))};
  std::array<unsigned char, 16> octets{};
  if (text.find('\0') != std::string::npos || inet_pton(AF_INET6, text.c_str(), octets.data()) != 1)
    return bad_host(host, "is not an IPv6 address; write it bare, like fd00::1, without brackets and port");
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(mapped.begin(), mapped.end(), octets.begin()))
    return format_ipv4(octets.data() + mapped.size());
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(AF_INET6, octets.data(), out.data(), out.size());
  return std::string{out.data()};
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= label_bytes_max && label.front() != '-' && label.back() != '-'
      && std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

bool is_number(std::string_view label) {
  return !label.empty() && std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; });
}

result<std::string> canonical_name_or_ipv4(std::string_view host) {
  std::string text{host};
  auto last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0: the whole host.
  std::array<unsigned char, 4> octets{};
  if (is_number(last)) {  // No top-level domain is a number: this must be an address.
    if (inet_pton(AF_INET, text.c_str(), octets.data()) != 1)
      return bad_host(host, "is not an IPv4 address; write four numbers from 0 to 255, without leading zeros");
    return text;
  }
  for (std::string_view rest = host;;) {
    auto dot = rest.find('.');
    if (!is_label(rest.substr(0, dot)))
      return bad_host(host, "is not a host name; its parts are 1 to 63 letters, digits, - and _, with dots between");
    if (dot == std::string_view::npos)
      return text;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace

result<std::string> canonical_host(std::string_view host) {
  if (host.empty())
    return bad_host(host, "is empty; use a host name or an address");
  return host.find(':') != std::string_view::npos ? canonical_ipv6(host) : canonical_name_or_ipv4(host);
}

bool is_ip_address(std::string_view text) {
  bool looks_like_one = text.find(':') != std::string_view::npos || is_number(text.substr(text.rfind('.') + 1));
  return looks_like_one && canonical_host(text).ok();
}

node_name::node_name(std::string_view name, std::string_view host)
    : text_{std::string{name} + "@" + std::string{host}}, at_{name.size()} {}

result<node_name> node_name::parse(std::string_view text) {
  if (text.size() > node_name_bytes_max)
    return bad(text, "has " + std::to_string(text.size()) + " bytes, more than the "
                         + std::to_string(node_name_bytes_max) + " allowed; shorten it");
  auto at = text.find('@');
  if (at == std::string_view::npos)
    return bad(text, "has no @; write name@host, like event_horizon_1@127.0.0.1");
  if (text.find('@', at + 1) != std::string_view::npos)
    return bad(text, "has more than one @; write name@host, like event_horizon_1@127.0.0.1");
  auto name = text.substr(0, at);
  if (name.empty())
    return bad(text, "has nothing before the @; write name@host");
  if (!std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; }))
    return bad(text, "has an illegal character before the @; use letters, digits, - and _");
  auto host = canonical_host(text.substr(at + 1));
  if (!host)
    return host.error().in("node name " + shown(text));
  if (name.size() + 1 + host->size() > node_name_bytes_max)
    return bad(text, "is too long once its host is written out; shorten it");
  return node_name{name, *host};
}

}  // namespace beamline
