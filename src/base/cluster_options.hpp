#pragma once

#include "base/config/fwd.hpp"
#include "base/config/value.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline {

// Weaker cookies are refused unless `allow_weak_cookie` is set: one recorded handshake allows guessing at leisure (D17,
// D18). From the second number on a cookie is as good as a random key.
inline constexpr unsigned cookie_bits_min = 128;
inline constexpr unsigned cookie_bits_recommended = 256;

// Of config/dev.toml, and known to everybody: good on loopback only.
inline constexpr std::string_view development_cookie = "beamline-development-cookie";

// In place of a name: there is nothing to ask (DC3).
inline constexpr std::string_view ignored_dns_name = "ignore";

/// One `[[cluster.queries]]`: nodes of one role, found under one name in DNS.
struct dns_query {
  std::string dns{};
  std::string role{};
  std::uint16_t port = 0;                         // Of what A and AAAA records give; 0: `cluster.port`.
  std::vector<std::string> records{"a", "aaaa"};  // Also "srv", which brings its own ports.
};

/// One `[[cluster.cookies]]`: a further cookie that is accepted, the previous or the next one (D24).
struct further_cookie {
  std::string id{};
  std::filesystem::path file{};
  std::string secret{};
};

/// One `[[cluster.peer_cookies]]`: the cookie that alone counts with one node (D15).
struct peer_cookie {
  std::string peer{};
  std::string id = "1";
  std::filesystem::path file{};
  std::string secret{};
};

/// Which nodes that a peer tells of are linked as well (D33). role: those of this node's own.
enum class cluster_mesh : std::uint8_t { none, role, all };

/// `[cluster]`: how this node finds and meets the others.
struct cluster_options {
  bool enabled = false;
  std::string id;  // Nodes of different ids do not link.
  std::string bind = "127.0.0.1";
  std::uint16_t port = 4400;
  std::string advertise;  // `host:port`; empty: where it listens, as each peer sees it.

  std::string cookie_id = "1";
  std::filesystem::path cookie_file;  // Before `cookie`.
  std::string cookie;
  std::vector<further_cookie> cookies;
  std::vector<peer_cookie> peer_cookies;
  std::filesystem::path credentials_dir;
  bool allow_weak_cookie = false;
  std::filesystem::path tls_certificate, tls_key, tls_ca;  // All or none.
  bool allow_insecure = false;
  std::vector<std::string> allow;  // Names, `*@host`, `name@*`; empty: everybody with the cookie.

  std::vector<std::string> peers;       // Endpoints, `host:port`.
  std::vector<std::string> remote_dns;  // DNS names; the short form of `queries`, whatever the role.
  std::vector<dns_query> queries;
  duration query_interval = 10s;
  cluster_mesh mesh = cluster_mesh::role;
  std::string remote_prefix;  // Of the names of nodes that events go to; empty: their role decides.
  bool hidden = false;
  std::uint32_t peers_max = 256;

  duration tick_time = 20s;
  std::uint32_t tick_intensity = 4;
  duration setup_time = 5s;

  config::byte_size lane_control_bytes_max{1U << 20};
  config::byte_size lane_rpc_bytes_max{16U << 20};
  config::byte_size lane_presence_bytes_max{8U << 20};
  config::byte_size lane_broadcast_bytes_max{16U << 20};
  config::byte_size message_bytes_max{64U << 20};
  config::byte_size window_bytes{256U << 10};

  [[nodiscard]] bool has_cookie() const { return !cookie_file.empty() || !cookie.empty(); }
  [[nodiscard]] bool has_tls() const { return !tls_certificate.empty(); }
};

[[nodiscard]] config::section<cluster_options> cluster_section();

/// How hard a cookie is to guess at best, judged by its length and alphabet alone: an upper bound. `openssl rand -hex
/// 32` has 256 bits, "correct horse" 78, sixteen times the same letter 16.
[[nodiscard]] unsigned cookie_bits(std::string_view cookie);

/// What is wrong with using `cookie` as configured: too weak, or the development cookie on a node that listens on, or
/// dials, anything but loopback addresses. Nothing: it is good. Words that follow the name of what holds the cookie.
[[nodiscard]] std::optional<std::string> cookie_objection(const cluster_options& o, std::string_view cookie);

/// A place in `[cluster]` that means other machines than this one.
struct place_beyond_loopback {
  std::string key;  // "bind", "peers", "remote_dns", "queries".
  std::string value;
};
/// The first such place: where links are accepted, or whom this node dials. Nothing: links stay on this machine.
[[nodiscard]] std::optional<place_beyond_loopback> beyond_loopback(const cluster_options& o);

/// What is wrong with linking to others as configured, apart from cookies: a place beyond loopback without TLS.
/// `key` is one of `[cluster]`, `words` follow it.
struct insecure_place {
  std::string key;
  std::string words;
};
[[nodiscard]] std::optional<insecure_place> insecurity(const cluster_options& o);

/// Whether a host can only be this very machine: 127.0.0.0/8, ::1, localhost and names below it.
[[nodiscard]] bool is_loopback_host(std::string_view host);

}  // namespace beamline
