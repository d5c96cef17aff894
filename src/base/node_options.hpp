#pragma once

#include "base/config/fwd.hpp"
#include "base/time.hpp"

#include <string>
#include <vector>

namespace beamline {

// Shorter secrets can be guessed from one signed cookie.
inline constexpr std::size_t node_secret_bytes_min = 32;

/// `[node]`: who this process is and what it runs.
struct node_options {
  std::string name = "{role}_1@127.0.0.1";  // A pattern; see base/name_facts.hpp.
  std::string role = "event_horizon";
  std::vector<std::string> applications;  // Empty: the application named like the role.
  std::string data_dir = "var/{name}";    // A pattern; `{name}` is the name half of the node name.
  duration shutdown_timeout = 10s;
  std::string secret;
  std::string machine_id;  // Empty: asked of the machine.
  std::string private_ip;  // Empty: asked of the machine.
};

[[nodiscard]] config::section<node_options> node_section();

}  // namespace beamline
