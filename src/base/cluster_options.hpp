#pragma once

#include "base/config/fwd.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace beamline {

// Shorter cookies are refused: one recorded handshake allows guessing at leisure (D17, D18).
inline constexpr std::size_t cookie_bytes_min = 16;

/// One `[[cluster.queries]]`: nodes of one role, found under one name in DNS.
struct dns_query {
  std::string dns;
  std::string role;
};

/// `[cluster]`: how this node finds and meets the others.
struct cluster_options {
  bool enabled = false;
  std::string bind = "127.0.0.1";
  std::uint16_t port = 4400;
  std::string cookie;
  std::vector<std::string> peers;       // Endpoints, `host:port`.
  std::vector<std::string> remote_dns;  // DNS names; the short form of `queries`, whatever the role.
  std::vector<dns_query> queries;
  duration query_interval = 10s;
};

[[nodiscard]] config::section<cluster_options> cluster_section();

}  // namespace beamline
