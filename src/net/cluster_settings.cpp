#include "net/cluster_settings.hpp"

#include "base/node_name.hpp"
#include "net/auth/cookie.hpp"

namespace beamline::net {

namespace {

/// The key that one place of `[cluster]` means: `key` is what the configuration calls it.
result<auth_key> key_of(const cluster_options& o, const cookie_reader& read, const std::string& key,
                        const std::string& id, const std::filesystem::path& file, const std::string& secret) {
  auto cookie = file.empty() ? result<std::string>{secret} : read(file);
  if (!cookie)
    return cookie.error().in(key);
  if (cookie->empty())
    return error{errc::invalid, key + " has no value; make a cookie with `beamline cookie new`"};
  if (auto wrong = cookie_objection(o, *cookie))
    return error{errc::denied, key + (file.empty() ? " " : ": the cookie in " + file.string() + " ") + *wrong};
  return auth_key{id, key_of_cookie(*cookie), *cookie == development_cookie};
}

mesh_mode mode_of(cluster_mesh m) {
  switch (m) {
    case cluster_mesh::none: return mesh_mode::none;
    case cluster_mesh::role: return mesh_mode::role;
    case cluster_mesh::all: return mesh_mode::all;
  }
  return mesh_mode::none;
}

gate::limits lanes_of(const cluster_options& o) {
  gate::limits l;
  l.lane_octets = {o.lane_control_bytes_max.bytes, o.lane_rpc_bytes_max.bytes, o.lane_presence_bytes_max.bytes,
                   o.lane_broadcast_bytes_max.bytes};
  l.message_octets_max = o.message_bytes_max.bytes;
  l.window_octets = o.window_bytes.bytes;
  return l;
}

}  // namespace

result<keyring> keyring_of(const cluster_options& o, const cookie_reader& read) {
  if (!o.has_cookie())
    return error{errc::invalid, "cluster.cookie has no value; make one with `beamline cookie new --file PATH` and give "
                                "its path in BEAMLINE_COOKIE_FILE on every node"};
  keyring out;
  auto current = key_of(o, read, o.cookie_file.empty() ? "cluster.cookie" : "cluster.cookie_file", o.cookie_id,
                        o.cookie_file, o.cookie);
  if (!current)
    return current.error();
  out.current = std::move(*current);
  for (std::size_t i = 0; i < o.cookies.size(); ++i) {
    const auto& one = o.cookies[i];
    auto key = key_of(o, read, "cluster.cookies[" + std::to_string(i + 1) + "]", one.id, one.file, one.secret);
    if (!key)
      return key.error();
    out.others.push_back(std::move(*key));
  }
  for (std::size_t i = 0; i < o.peer_cookies.size(); ++i) {
    const auto& one = o.peer_cookies[i];
    auto where = "cluster.peer_cookies[" + std::to_string(i + 1) + "]";
    auto peer = node_name::parse(one.peer);
    if (!peer)
      return peer.error().in(where);
    auto key = key_of(o, read, where, one.id, one.file, one.secret);
    if (!key)
      return key.error();
    out.of_peer.insert_or_assign(peer->text(), std::move(*key));
  }
  if (auto ok = out.check(); !ok)
    return ok.error().in("cluster");
  return out;
}

result<links_options> links_options_of(const cluster_options& o, const cluster_facts& facts,
                                       const cookie_reader& read) {
  if (auto wrong = insecurity(o))
    return error{errc::denied, "cluster." + wrong->key + " " + wrong->words};
  auto keys = keyring_of(o, read);
  if (!keys)
    return keys.error();
  links_options out;
  out.role = facts.role;
  out.version = facts.version;
  out.cluster = o.id;
  out.is_hidden = o.hidden;
  out.listen = endpoint{o.bind, o.port};
  out.advertise = o.advertise;
  out.keys = std::move(*keys);
  out.needs_certificates = o.has_tls();
  out.allow_insecure = o.allow_insecure;
  out.tick_time = o.tick_time;
  out.tick_intensity = static_cast<int>(o.tick_intensity);
  out.setup_time = o.setup_time;
  out.mesh = mode_of(o.mesh);
  out.allow = o.allow;
  out.peers_max = o.peers_max;
  out.lanes = lanes_of(o);
  // All nodes of a machine come from one address then, and one with a wrong cookie must not shut the others out.
  if (is_loopback_host(o.bind))
    out.strangers.connections_per_address_max = 0;
  return out;
}

std::vector<std::string> warnings_of(const cluster_options& o) {
  std::vector<std::string> out;
  if (auto where = o.has_tls() || !o.allow_insecure ? std::nullopt : beyond_loopback(o))
    out.push_back(
        (where->key == "bind" ? "links on " + to_string(endpoint{o.bind, o.port})
                              : "links beyond this machine, such as with \"" + where->value + "\",")
        + " are neither encrypted nor bound to certificates (cluster.allow_insecure): who can reach the network "
          "can read and change everything between nodes; set up TLS (operating/tls.md)");
  if (o.allow_weak_cookie)
    out.push_back(
        "weak cookies are accepted (cluster.allow_weak_cookie): who records one handshake can guess them; make "
        "one with `beamline cookie new`");
  return out;
}

}  // namespace beamline::net
