#include "web/trusted_proxies.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace beamline::web {

namespace ip = boost::asio::ip;

namespace {

// An IPv4 address stands in the last of the 16 octets, behind this many bits.
constexpr unsigned mapped_bits = 96;

using octets = std::array<std::uint8_t, 16>;

struct address {
  octets bits{};
  bool is_v4 = false;
};

std::optional<address> parse_address(std::string_view text) {
  auto failed = boost::system::error_code{};
  const auto parsed = ip::make_address(std::string{text}, failed);
  if (failed)
    return std::nullopt;
  if (parsed.is_v4())
    return address{ip::make_address_v6(ip::v4_mapped, parsed.to_v4()).to_bytes(), true};
  if (parsed.to_v6().scope_id() != 0)
    return std::nullopt;
  return address{parsed.to_v6().to_bytes(), false};
}

/// As a person would write it: IPv4 in its own form.
std::string text_of(const octets& bits) {
  const auto v6 = ip::address_v6{bits};
  return v6.is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, v6).to_string() : v6.to_string();
}

std::optional<unsigned> parse_prefix(std::string_view text, unsigned max) {
  unsigned bits = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (failed != std::errc{} || end != text.data() + text.size() || bits > max)
    return std::nullopt;
  return bits;
}

bool has_prefix(const octets& a, const octets& b, unsigned bits) {
  const auto whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin()))
    return false;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> (bits % 8));
  return bits % 8 == 0 || (a[whole] & mask) == (b[whole] & mask);
}

/// Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('['))
    return text.substr(1, std::min(text.find(']'), text.size()) - 1);
  const auto colon = text.find(':');
  return colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos ? text.substr(0, colon)
                                                                                                : text;
}

/// Takes the last element off a comma-separated list.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return trimmed(last);
}

/// All fields of that name are one list.
std::string joined(const header_list& headers, std::string_view name) {
  auto out = std::string{};
  for (const auto& [field, value] : headers)
    if (iequals(field, name))
      out += (out.empty() ? "" : ",") + value;
  return out;
}

}  // namespace

result<trusted_proxies> trusted_proxies::parse(std::string_view text) {
  auto out = trusted_proxies{};
  for (auto rest = trimmed(text); !rest.empty();) {
    const auto comma = rest.find(',');
    const auto entry = trimmed(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    if (entry.empty() && rest.empty())
      break;  // A comma at the end.
    const auto slash = entry.find('/');
    const auto at = parse_address(entry.substr(0, slash));
    if (!at)
      return error{errc::invalid,
                   "\"" + std::string{entry} + "\" is no address or network, such as 127.0.0.1 or 10.0.0.0/8"};
    const auto behind = at->is_v4 ? mapped_bits : 0U;
    auto prefix = std::optional{128U - behind};
    if (slash != std::string_view::npos)
      prefix = parse_prefix(entry.substr(slash + 1), 128U - behind);
    if (!prefix)
      return error{errc::invalid, "\"" + std::string{entry} + "\": behind the slash stands a number of bits, at most "
                                      + std::to_string(128U - behind)};
    if (out.networks_.size() == proxies_max)
      return error{errc::invalid,
                   "more than " + std::to_string(proxies_max) + " addresses; name their networks instead"};
    out.networks_.push_back({at->bits, *prefix + behind});
  }
  return out;
}

bool trusted_proxies::contains(std::string_view text) const {
  const auto at = parse_address(text);
  return at && std::any_of(networks_.begin(), networks_.end(), [&](const network& n) {
           return has_prefix(at->bits, n.octets, n.prefix);
         });
}

std::string client_address(const trusted_proxies& proxies, std::string_view peer, const header_list& headers) {
  auto client = std::string{peer};
  if (proxies.empty() || !proxies.contains(client))
    return client;
  const auto all = joined(headers, "x-forwarded-for");
  auto rest = std::string_view{all};
  for (std::size_t hop = 0; hop < forwarded_hops_max && !rest.empty(); ++hop) {
    const auto named = parse_address(without_port(take_last(rest)));
    if (!named)
      break;
    client = text_of(named->bits);
    if (!proxies.contains(client))
      break;
  }
  return client;
}

bool is_secure_behind(const trusted_proxies& proxies, std::string_view peer, const header_list& headers,
                      bool otherwise) {
  if (proxies.empty() || !proxies.contains(peer))
    return otherwise;
  const auto all = joined(headers, "x-forwarded-proto");
  auto rest = std::string_view{all};
  const auto last = take_last(rest);
  return iequals(last, "https") || (otherwise && !iequals(last, "http"));
}

bool is_unnamed_proxy(const trusted_proxies& proxies, std::string_view peer, const header_list& headers) {
  if (!proxies.empty() || !headers.find("x-forwarded-for"))
    return false;
  static const auto near_by =
      trusted_proxies::parse("127.0.0.0/8, ::1, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, fc00::/7")
          .value();
  return near_by.contains(peer);
}

}  // namespace beamline::web
