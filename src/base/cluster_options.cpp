#include "base/cluster_options.hpp"

#include "base/config/section.hpp"
#include "base/node_name.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace beamline {

namespace {

using namespace config::literals;

// A cluster is a full mesh; more static peers than this belong into DNS.
constexpr std::size_t peers_max = 128;
// Each query is one lookup per interval and kind of record.
constexpr std::size_t queries_max = 16;
// Rotation needs two beside the current one.
constexpr std::size_t cookies_max = 4;
constexpr std::size_t peer_cookies_max = 64;
constexpr std::size_t allow_max = 256;
constexpr std::size_t word_bytes_max = 64;

bool is_dns_name(std::string_view s) {
  return s.size() <= 253 && s.find(':') == std::string_view::npos && canonical_host(s).ok();
}

std::string_view host_of(std::string_view endpoint) {
  auto host = endpoint.substr(0, endpoint.rfind(':'));
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

bool is_endpoint(std::string_view s) {
  auto colon = s.rfind(':');
  if (colon == std::string_view::npos)
    return false;
  if (!s.starts_with('[') && s.find(':') != colon)
    return false;  // A bare IPv6 address: which colon ends it is anybody's guess.
  auto digits = s.substr(colon + 1);
  std::uint16_t port = 0;
  auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return failed == std::errc{} && end == digits.data() + digits.size() && port != 0 && canonical_host(host_of(s)).ok();
}

bool is_word(std::string_view s) {
  return s.size() <= word_bytes_max && std::ranges::all_of(s, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'
               || c == '.';
         });
}

bool is_key_id(std::string_view s) { return !s.empty() && is_word(s); }

bool is_role(std::string_view s) { return node_name::parse(std::string{s} + "@localhost").ok(); }

bool is_node_name(std::string_view s) { return node_name::parse(s).ok(); }

bool is_name_pattern(std::string_view s) {
  auto at = s.find('@');
  if (at == std::string_view::npos || s == "*@*")
    return false;  // Everybody is the empty list.
  auto name = s.substr(0, at);
  auto host = s.substr(at + 1);
  return is_node_name(std::string{name == "*" ? "any" : name} + "@" + std::string{host == "*" ? "any" : host});
}

const config::satisfies key_id_form{"1 to 64 of letters, digits, - _ and .", is_key_id};

config::section<dns_query> query_section() {
  return config::section<dns_query>{"query", "one name in DNS"}
      .key("dns", &dns_query::dns, "Name to resolve: whatever it stands for is a node.", config::required{},
           config::satisfies{"a DNS name such as \"accumulator.internal\"", is_dns_name})
      .key("role", &dns_query::role, "Role of the nodes found; who turns out to have another one is not linked.",
           config::required{}, config::satisfies{"letters, digits, - and _", is_role})
      .key("port", &dns_query::port, "Port of the addresses found. 0: that of this node, `cluster.port`.",
           config::range{0, 65535})
      .key("records", &dns_query::records,
           "Kinds of records to ask for; \"srv\" answers bring host names and ports of their own.",
           config::one_of{"a", "aaaa", "srv"}, config::items{1, 3});
}

config::section<further_cookie> further_cookie_section() {
  return config::section<further_cookie>{"cookie", "one more cookie"}
      .key("id", &further_cookie::id, "Name of this cookie, the same on every node.", config::required{}, key_id_form)
      .key("file", &further_cookie::file, "File that holds it; the rules of `cookie_file` apply.")
      .key("secret", &further_cookie::secret, "The cookie itself, instead of a file.", config::secret{});
}

config::section<peer_cookie> peer_cookie_section() {
  return config::section<peer_cookie>{"cookie", "the cookie for one node"}
      .key("peer", &peer_cookie::peer, "Name of the other node, `name@host`.", config::required{},
           config::satisfies{"a node name such as \"accumulator_1@10.0.0.7\"", is_node_name})
      .key("id", &peer_cookie::id, "Name of this cookie, the same on both nodes.", key_id_form)
      .key("file", &peer_cookie::file, "File that holds it; the rules of `cookie_file` apply.")
      .key("secret", &peer_cookie::secret, "The cookie itself, instead of a file.", config::secret{});
}

/// The one place of the cookie of an entry; else why it has none.
std::optional<std::string> source_objection(const std::filesystem::path& file, const std::string& secret) {
  if (file.empty() && secret.empty())
    return "has no cookie; give it a file or a secret";
  if (!file.empty() && !secret.empty())
    return "has both a file and a secret; give it one of them";
  return std::nullopt;
}

std::optional<config::complaint> check_further(const cluster_options& o) {
  std::set<std::string> ids{o.cookie_id};
  for (std::size_t i = 0; i < o.cookies.size(); ++i) {
    const auto& one = o.cookies[i];
    auto where = "cookies[" + std::to_string(i + 1) + "]";
    if (auto wrong = source_objection(one.file, one.secret))
      return config::complaint{where, *wrong};
    if (!ids.insert(one.id).second)
      return config::complaint{where + ".id", "is \"" + one.id
                                                  + "\", which another cookie has already (the current "
                                                    "one is cluster.cookie_id); an id means one cookie"};
    if (auto wrong = one.secret.empty() ? std::nullopt : cookie_objection(o, one.secret))
      return config::complaint{where + ".secret", *wrong};
  }
  std::set<std::string> peers;
  for (std::size_t i = 0; i < o.peer_cookies.size(); ++i) {
    const auto& one = o.peer_cookies[i];
    auto where = "peer_cookies[" + std::to_string(i + 1) + "]";
    if (auto wrong = source_objection(one.file, one.secret))
      return config::complaint{where, *wrong};
    if (!peers.insert(node_name::parse(one.peer)->text()).second)
      return config::complaint{where + ".peer", "is \"" + one.peer
                                                    + "\", which has a cookie already; one node, one "
                                                      "cookie"};
    if (auto wrong = one.secret.empty() ? std::nullopt : cookie_objection(o, one.secret))
      return config::complaint{where + ".secret", *wrong};
  }
  return std::nullopt;
}

std::optional<config::complaint> check_cookie(const cluster_options& o) {
  if (o.enabled && !o.has_cookie())
    return config::complaint{"cookie",
                             "has no value although cluster.enabled is true; make one with `beamline cookie new --file "
                             "PATH`, give every node a copy and its path in BEAMLINE_COOKIE_FILE (or the cookie itself "
                             "in BEAMLINE_COOKIE)"};
  // A cookie that the file goes before is not used.
  if (!o.cookie.empty() && o.cookie_file.empty())
    if (auto wrong = cookie_objection(o, o.cookie))
      return config::complaint{"cookie", *wrong};
  return check_further(o);
}

std::optional<config::complaint> check_transport(const cluster_options& o) {
  auto given = static_cast<int>(!o.tls_certificate.empty()) + static_cast<int>(!o.tls_key.empty())
             + static_cast<int>(!o.tls_ca.empty());
  if (given != 0 && given != 3)
    return config::complaint{o.tls_certificate.empty() ? "tls_certificate"
                             : o.tls_key.empty()       ? "tls_key"
                                                       : "tls_ca",
                             "is missing; tls_certificate, tls_key and tls_ca are given together or not at all"};
  if (o.enabled)
    if (auto wrong = insecurity(o))
      return config::complaint{wrong->key, wrong->words};
  return std::nullopt;
}

using section = config::section<cluster_options>;

section with_cookies(section s) {
  return std::move(s)
      .key("cookie_id", &cluster_options::cookie_id,
           "Name of the cookie that this node proves itself with; the same on every node. See operating/cookies.md.",
           key_id_form, config::reloadable{})
      .key("cookie_file", &cluster_options::cookie_file,
           "File that holds the cookie; before `cookie`. Regular, of this user or root, mode 0600 or less, or in "
           "`credentials_dir`.",
           config::env{"BEAMLINE_COOKIE_FILE"}, config::reloadable{})
      .key("cookie", &cluster_options::cookie,
           "Shared secret that admits a node, the same on every node; at least 128 bits, best from `beamline cookie "
           "new`.",
           config::env{"BEAMLINE_COOKIE"}, config::secret{}, config::reloadable{})
      .tables("cookies", &cluster_options::cookies, "Further cookies that are accepted: the previous, the next one.",
              further_cookie_section(), config::items{0, cookies_max}, config::reloadable{})
      .tables("peer_cookies", &cluster_options::peer_cookies,
              "Cookies for single nodes; with them no other one counts.", peer_cookie_section(),
              config::items{0, peer_cookies_max}, config::reloadable{})
      .key("credentials_dir", &cluster_options::credentials_dir,
           "Folder whose files are guarded by the service manager, so that their mode and owner do not count.",
           config::env{"CREDENTIALS_DIRECTORY"})
      .key("allow_weak_cookie", &cluster_options::allow_weak_cookie,
           "Whether cookies of less than 128 bits are accepted. For experiments.");
}

section with_transport(section s) {
  const config::satisfies pattern{"a node name, \"*@host\" or \"name@*\"", is_name_pattern};
  return std::move(s)
      .key("tls_certificate", &cluster_options::tls_certificate,
           "File (PEM) with this node's certificate and those in between. See operating/tls.md.")
      .key("tls_key", &cluster_options::tls_key, "File (PEM) with its private key.")
      .key("tls_ca", &cluster_options::tls_ca, "File (PEM) with the authority that all nodes' certificates are from.")
      .key("allow_insecure", &cluster_options::allow_insecure,
           "Whether links may leave this machine without TLS: everybody on the way can read and change them.")
      .key("allow", &cluster_options::allow,
           "Nodes that may link, in either direction: names, \"*@host\", \"name@*\". Empty: all that have the cookie.",
           pattern, config::items{0, allow_max});
}

section with_discovery(section s) {
  const config::satisfies dns_name{"a DNS name such as \"accumulator.internal\"", is_dns_name};
  const config::satisfies peer{"an address and port such as \"10.0.0.7:4400\" or \"[::1]:4400\"", is_endpoint};
  const config::names<cluster_mesh> meshes{
      {cluster_mesh::none, "none"}, {cluster_mesh::role, "role"}, {cluster_mesh::all, "all"}};
  return std::move(s)
      .key("peers", &cluster_options::peers,
           "Where to find other nodes, always tried; they say their names themselves.", peer,
           config::items{0, peers_max})
      .key(
          "remote_dns", &cluster_options::remote_dns,
          "DNS names whose addresses are nodes, whatever their role; the short form of `queries`, for the environment.",
          config::env{"BEAMLINE_REMOTE_DNS"}, dns_name, config::items{0, queries_max})
      .tables("queries", &cluster_options::queries,
              "DNS names to resolve again and again, each with the role behind it.", query_section(),
              config::items{0, queries_max})
      .key("query_interval", &cluster_options::query_interval,
           "Time between two rounds of queries. A resolver that fails disconnects nobody.", config::range{1s, 1h})
      .key("mesh", &cluster_options::mesh,
           "Which nodes that a peer tells of are linked too: none, those of this node's role, or all.", meshes)
      .key("remote_prefix", &cluster_options::remote_prefix,
           "How the names of nodes begin that this one's events go to, compared as it is: `accumulator_`. Empty: their "
           "role decides.",
           config::length{0, node_name_bytes_max})
      .key("hidden", &cluster_options::hidden,
           "Whether this node stays out of the others' lists and of their mesh: for tools.")
      .key("peers_max", &cluster_options::peers_max, "Links at the same time; further nodes are refused.",
           config::range{1, 4096});
}

section with_limits(section s) {
  const config::range lane{64_KiB, 1_GiB};
  return std::move(s)
      .key("tick_time", &cluster_options::tick_time,
           "A silent peer is given up after this time, give or take one part in `tick_intensity`. The greater one of "
           "both "
           "ends counts.",
           config::range{1s, 1h})
      .key("tick_intensity", &cluster_options::tick_intensity, "Checks for life per tick_time.", config::range{4, 1000})
      .key("setup_time", &cluster_options::setup_time,
           "Time for dialling and the whole handshake; then the attempt has failed.", config::range{100ms, 5min})
      .key("lane_control_bytes_max", &cluster_options::lane_control_bytes_max,
           "What may wait for one peer of the nodes' own messages; more ends the link.", lane)
      .key("lane_rpc_bytes_max", &cluster_options::lane_rpc_bytes_max,
           "What may wait for one peer of calls and messages to processes; more is answered \"busy\".", lane)
      .key("lane_presence_bytes_max", &cluster_options::lane_presence_bytes_max,
           "What may wait for one peer of presence; more is refused and sent anew later.", lane)
      .key("lane_broadcast_bytes_max", &cluster_options::lane_broadcast_bytes_max,
           "What may wait for one peer of broadcasts; the oldest are dropped for newer ones.", lane)
      .key("message_bytes_max", &cluster_options::message_bytes_max,
           "Larger messages between nodes are refused; a peer that sends one loses its link.",
           config::range{64_KiB, 1_GiB})
      .key("window_bytes", &cluster_options::window_bytes, "What may be on the way to one peer without its receipt.",
           config::range{64_KiB, 64_MiB});
}

}  // namespace

unsigned cookie_bits(std::string_view cookie) {
  auto all_in = [&](auto is_member) { return std::ranges::all_of(cookie, is_member); };
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  auto is_hex = [&](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  std::size_t alphabet = all_in(is_digit) ? 10 : all_in(is_hex) ? 16 : all_in(is_lower) || all_in(is_upper) ? 26 : 64;
  // Random text of 22 letters and more has at least half of such an alphabet's, or of its own length, different.
  std::size_t distinct = std::set<char>(cookie.begin(), cookie.end()).size();
  auto choices = std::min(alphabet, 2 * distinct);
  return choices == 0
           ? 0U
           : static_cast<unsigned>(static_cast<double>(cookie.size()) * std::log2(static_cast<double>(choices)));
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost"))
    return true;
  if (!is_ip_address(host))
    return false;
  auto address = canonical_host(host);
  return address && (*address == "::1" || (address->starts_with("127.") && is_ip_address(*address)));
}

std::optional<place_beyond_loopback> beyond_loopback(const cluster_options& o) {
  if (!is_loopback_host(o.bind))
    return place_beyond_loopback{"bind", o.bind};
  for (const auto& peer : o.peers)
    if (!is_loopback_host(host_of(peer)))
      return place_beyond_loopback{"peers", peer};
  for (const auto& name : o.remote_dns)
    if (name != ignored_dns_name && !is_loopback_host(name))
      return place_beyond_loopback{"remote_dns", name};
  for (const auto& query : o.queries)
    if (query.dns != ignored_dns_name && !is_loopback_host(query.dns))
      return place_beyond_loopback{"queries", query.dns};
  return std::nullopt;
}

std::optional<std::string> cookie_objection(const cluster_options& o, std::string_view cookie) {
  if (auto where = cookie == development_cookie ? beyond_loopback(o) : std::nullopt)
    return "is the development cookie, which everybody knows, and "
         + std::string{where->key == "bind" ? "" : "an entry of "} + "cluster." + where->key + " \"" + where->value
         + "\" is not on this machine alone; make a cookie of your own with `beamline cookie new`, or stay with "
           "loopback addresses";
  if (auto bits = cookie_bits(cookie); bits < cookie_bits_min && !o.allow_weak_cookie)
    return "can be guessed: its length and letters make " + std::to_string(bits) + " bits at best, and "
         + std::to_string(cookie_bits_min) + " are needed; make one with `beamline cookie new`, or set "
         + "cluster.allow_weak_cookie for an experiment";
  return std::nullopt;
}

std::optional<insecure_place> insecurity(const cluster_options& o) {
  if (o.has_tls() || o.allow_insecure)
    return std::nullopt;
  auto where = beyond_loopback(o);
  if (!where)
    return std::nullopt;
  const std::string keys = "give cluster.tls_certificate, tls_key and tls_ca (operating/tls.md), ";
  if (where->key == "bind")
    return insecure_place{where->key, "is \"" + where->value
                                          + "\", which other machines can reach, and there is no TLS; " + keys
                                          + "bind to 127.0.0.1 or ::1, or set cluster.allow_insecure"};
  return insecure_place{where->key, "has \"" + where->value
                                        + "\", which is not on this machine alone, and there is no TLS; " + keys
                                        + "stay with loopback addresses, or set cluster.allow_insecure"};
}

config::section<cluster_options> cluster_section() {
  const config::satisfies address{"an address of this machine such as \"127.0.0.1\" or \"::1\"", is_ip_address};
  const config::satisfies endpoint{"an address and port such as \"10.0.0.7:4400\"",
                                   [](std::string_view s) { return s.empty() || is_endpoint(s); }};
  auto s = section{"cluster", "how this node finds and meets the others"}
               .key("enabled", &cluster_options::enabled, "Whether this node links to others at all.",
                    config::env{"BEAMLINE_CLUSTER_ENABLED"})
               .key("id", &cluster_options::id, "Name of the cluster. Nodes of different clusters do not link.",
                    config::satisfies{"letters, digits, - _ and .", is_word})
               .key("bind", &cluster_options::bind, "Address on which links from other nodes are accepted.", address)
               .key("port", &cluster_options::port, "TCP port on which links from other nodes are accepted.",
                    config::range{1, 65535})
               .key("advertise", &cluster_options::advertise,
                    "Where other nodes shall dial this one. Empty: where it listens; if that is all addresses, the "
                    "one that each peer sees it at.",
                    endpoint);
  s = with_cookies(std::move(s));
  s = with_transport(std::move(s));
  s = with_discovery(std::move(s));
  s = with_limits(std::move(s));
  return std::move(s).check(check_cookie).check(check_transport);
}

}  // namespace beamline
