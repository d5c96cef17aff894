#include "base/cluster_options.hpp"

#include "base/config/section.hpp"
#include "base/node_name.hpp"

#include <charconv>

namespace beamline {

namespace {

// A cluster is a full mesh; more static peers than this belong into DNS.
constexpr std::size_t peers_max = 128;
// Each query is one lookup per interval.
constexpr std::size_t queries_max = 16;

bool is_dns_name(std::string_view s) {
  return s.size() <= 253 && s.find(':') == std::string_view::npos && canonical_host(s).ok();
}

bool is_endpoint(std::string_view s) {
  auto colon = s.rfind(':');
  if (colon == std::string_view::npos)
    return false;
  auto host = s.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return false;  // A bare IPv6 address: which colon ends it is anybody's guess.
  auto digits = s.substr(colon + 1);
  std::uint16_t port = 0;
  auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return failed == std::errc{} && end == digits.data() + digits.size() && port != 0 && canonical_host(host).ok();
}

config::section<dns_query> query_section() {
  return config::section<dns_query>{"query", "one name in DNS"}
      .key("dns", &dns_query::dns, "Name to resolve: all its A and AAAA records are nodes.", config::required{},
           config::satisfies{"a DNS name such as \"accumulator.internal\"", is_dns_name})
      .key("role", &dns_query::role, "Role of the nodes found, the name half of their node names.", config::required{},
           config::satisfies{"letters, digits, - and _",
                             [](std::string_view s) { return node_name::parse(std::string{s} + "@localhost").ok(); }});
}

std::optional<config::complaint> check(const cluster_options& o) {
  if (o.enabled && o.cookie.empty())
    return config::complaint{"cookie", "has no value although cluster.enabled is true; set BEAMLINE_COOKIE to the "
                                       "same random text on every node (openssl rand -hex 32)"};
  return std::nullopt;
}

}  // namespace

config::section<cluster_options> cluster_section() {
  const config::satisfies cookie{"at least " + std::to_string(cookie_bytes_min)
                                     + " bytes, best from a random generator (openssl rand -hex 32)",
                                 [](std::string_view s) { return s.empty() || s.size() >= cookie_bytes_min; }};
  const config::satisfies address{"an address of this machine such as \"127.0.0.1\" or \"::1\"", is_ip_address};
  const config::satisfies peer{"an address and port such as \"10.0.0.7:4400\" or \"[::1]:4400\"", is_endpoint};
  return config::section<cluster_options>{"cluster", "how this node finds and meets the others"}
      .key("enabled", &cluster_options::enabled, "Whether this node links to others at all.",
           config::env{"BEAMLINE_CLUSTER_ENABLED"})
      .key("bind", &cluster_options::bind, "Address on which links from other nodes are accepted.", address)
      .key("port", &cluster_options::port, "TCP port on which links from other nodes are accepted.",
           config::range{1, 65535})
      .key("cookie", &cluster_options::cookie, "Shared secret that admits a node; the same on every node.",
           config::env{"BEAMLINE_COOKIE"}, config::secret{}, cookie)
      .key("peers", &cluster_options::peers,
           "Where to find other nodes, always tried; they say their names themselves.", peer,
           config::items{0, peers_max})
      .key(
          "remote_dns", &cluster_options::remote_dns,
          "DNS names whose addresses are nodes, whatever their role; the short form of `queries`, for the environment.",
          config::env{"BEAMLINE_REMOTE_DNS"},
          config::satisfies{"a DNS name such as \"accumulator.internal\"", is_dns_name}, config::items{0, queries_max})
      .tables("queries", &cluster_options::queries,
              "DNS names to resolve again and again, each with the role behind it.", query_section(),
              config::items{0, queries_max})
      .key("query_interval", &cluster_options::query_interval,
           "Time between two rounds of queries. A resolver that fails disconnects nobody.", config::range{1s, 1h})
      .check(check);
}

}  // namespace beamline
