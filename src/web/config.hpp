#pragma once

#include "base/config/fwd.hpp"
#include "base/config/value.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "web/options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace beamline::web {

/// `[web]`: those of `web_options` that an operator may want to set, in the form of the configuration file. What is
/// not here keeps the value that `web_options` gives it.
struct web_config {
  std::string bind = web_options{}.bind;
  std::uint16_t port = web_options{}.port;
  std::string scheme = web_options{}.scheme;
  std::string public_host = origin_policy{}.public_host;
  std::string origins = "on";
  std::string trusted_proxies;
  bool development = false;
  std::uint32_t connections_max = static_cast<std::uint32_t>(web_options{}.connections_max);
  config::byte_size header_bytes_max{web_options{}.header_bytes_max};
  config::byte_size body_bytes_max{web_options{}.body_bytes_max};
  config::byte_size message_bytes_max{web_options{}.message_bytes_max};
  config::byte_size socket_pending_bytes_max{web_options{}.socket_pending_bytes_max};
  duration header_timeout = web_options{}.header_timeout;
  duration body_timeout = web_options{}.body_timeout;
  duration keep_alive_timeout = web_options{}.keep_alive_timeout;
  duration answer_timeout = web_options{}.answer_timeout;
  duration socket_idle_timeout = web_options{}.socket_idle_timeout;
};

[[nodiscard]] config::section<web_config> web_section();

/// The server's options. Fails only for origins and proxies that `web_section` would have refused.
[[nodiscard]] result<web_options> to_options(const web_config& c);

}  // namespace beamline::web
