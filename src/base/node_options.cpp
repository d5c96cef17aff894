#include "base/node_options.hpp"

#include "base/config/section.hpp"
#include "base/node_name.hpp"

#include <algorithm>

namespace beamline {

namespace {

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z'
      && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

config::section<node_options> node_section() {
  const config::satisfies word{"a word of a-z, 0-9 and _", is_word};
  const config::satisfies long_enough{
      "at least " + std::to_string(node_secret_bytes_min)
          + " bytes, best from a random generator (openssl rand -hex 32)",
      [](std::string_view s) { return s.empty() || s.size() >= node_secret_bytes_min; }};
  const config::satisfies address{"an IPv4 or IPv6 address",
                                  [](std::string_view s) { return s.empty() || is_ip_address(s); }};
  const config::satisfies id{"letters, digits, - and _", [](std::string_view s) {
                               return s.empty() || node_name::parse(std::string{s} + "@localhost").ok();
                             }};
  return config::section<node_options>{"node", "who this process is and what it runs"}
      .key(
          "name", &node_options::name,
          "Name among nodes, `name@host`. `{role}`, `{machine_id}` and `{private_ip}` stand for facts of this machine.",
          config::env{"BEAMLINE_NODE"}, config::length{3, node_name_bytes_max})
      .key("role", &node_options::role, "What other nodes take this one for.", word)
      .key("applications", &node_options::applications,
           "Applications to boot, in this order. Empty: the one named like the role.", word, config::items{0, 16})
      .key("data_dir", &node_options::data_dir,
           "Directory for everything this node keeps. `{name}` stands for the part of its name before the @.",
           config::length{1, 1024})
      .key("shutdown_timeout", &node_options::shutdown_timeout,
           "Time for a clean stop after SIGTERM; what still runs then is listed and left.", config::range{1s, 10min},
           config::reloadable{})
      .key("secret", &node_options::secret, "Signs cookies and tokens; the same on all hosts that serve one site.",
           config::env{"BEAMLINE_SECRET"}, config::secret{}, long_enough)
      .key("machine_id", &node_options::machine_id,
           "What `{machine_id}` stands for. Empty: derived from /etc/machine-id.", config::env{"BEAMLINE_MACHINE_ID"},
           id, config::length{0, 64})
      .key("private_ip", &node_options::private_ip,
           "What `{private_ip}` stands for. Empty: the first private address of this machine.",
           config::env{"BEAMLINE_PRIVATE_IP"}, address, config::length{0, 64});
}

}  // namespace beamline
