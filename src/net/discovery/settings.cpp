#include "net/discovery/settings.hpp"

#include "base/config/value.hpp"
#include "base/node_name.hpp"

#include <string>
#include <utility>

namespace beamline::net {

namespace {

// RFC 1035.
constexpr std::size_t dns_name_bytes_max = 253;

error bad(const std::string& key, std::string_view value, const std::string& remedy) {
  return {errc::invalid, key + " is " + config::quote(value) + ", " + remedy};
}

result<void> check_name(const std::string& key, std::string_view name) {
  if (name.size() > dns_name_bytes_max || name.find(':') != std::string_view::npos || !canonical_host(name))
    return bad(key, name, "expected a DNS name such as \"accumulator.internal\"");
  return {};
}

result<dns_records> read_records(const std::string& key, const std::vector<std::string>& words) {
  dns_records out{.a = false, .aaaa = false, .srv = false};
  for (const auto& w : words) {
    if (w != "a" && w != "aaaa" && w != "srv")
      return bad(key, w, "expected some of \"a\", \"aaaa\" and \"srv\"");
    (w == "a" ? out.a : w == "aaaa" ? out.aaaa : out.srv) = true;
  }
  if (!out.any())
    return error{errc::invalid,
                 key
                     + " is empty, expected some of \"a\", \"aaaa\" and \"srv\"; to ask for nothing leave "
                       "the query out"};
  return out;
}

result<discovery_query> read_query(const std::string& key, const dns_query& q, std::uint16_t default_port) {
  if (auto ok = check_name(key + ".dns", q.dns); !ok)
    return ok.error();
  if (q.role.empty() || !node_name::parse(q.role + "@localhost"))
    return bad(key + ".role", q.role, "expected letters, digits, - and _");
  auto records = read_records(key + ".records", q.records);
  if (!records)
    return records.error();
  return discovery_query{q.dns, q.role, q.port != 0 ? q.port : default_port, *records};
}

}  // namespace

result<discovery_options> discovery_settings(const cluster_options& o, std::vector<endpoint> own) {
  discovery_options out{.own = std::move(own), .interval = o.query_interval};
  out.follows_hints = o.mesh != cluster_mesh::none;
  if (auto advertised = parse_endpoint(o.advertise))
    out.own.push_back(*advertised);
  out.own.push_back({o.bind, o.port});
  for (const auto& p : o.peers) {
    auto e = parse_endpoint(p);
    if (!e || !canonical_endpoint(*e))
      return bad("cluster.peers", p, "expected an address and port such as \"10.0.0.7:4400\" or \"[::1]:4400\"");
    out.peers.push_back(*canonical_endpoint(*e));
  }
  for (const auto& name : o.remote_dns) {
    if (name == ignored_dns_name)
      continue;
    if (auto ok = check_name("cluster.remote_dns", name); !ok)
      return ok.error();
    out.queries.push_back({.name = name, .port = o.port});
  }
  for (std::size_t i = 0; i < o.queries.size(); ++i) {
    if (o.queries[i].dns == ignored_dns_name)
      continue;
    auto q = read_query("cluster.queries[" + std::to_string(i) + "]", o.queries[i], o.port);
    if (!q)
      return q.error();
    out.queries.push_back(std::move(*q));
  }
  return out;
}

}  // namespace beamline::net
