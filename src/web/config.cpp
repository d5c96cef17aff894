#include "web/config.hpp"

#include "base/config/section.hpp"

namespace beamline::web {

config::section<web_config> web_section() {
  using namespace config::literals;
  const config::satisfies origin_list{
      "on, conn, off or a comma-separated list such as https://example.org, //*.example.org",
      [](std::string_view s) { return parse_origin_policy(s, {}).ok(); }};
  const config::satisfies proxy_list{"addresses and networks, separated by commas, such as 127.0.0.1, 10.0.0.0/8",
                                     [](std::string_view s) { return trusted_proxies::parse(s).ok(); }};
  return config::section<web_config>{"web", "pages and sockets for browsers"}
      .key(
          "bind", &web_config::bind,
          "Address to listen on: localhost (IPv4 and IPv6), 127.0.0.1, ::1, 0.0.0.0, :: (all, IPv4 too) or one of this "
          "machine.",
          config::length{2, 64})
      .key("port", &web_config::port, "Port to listen on; 0 takes any that is free.", config::range{0, 65535},
           config::env{"BEAMLINE_PORT"})
      .key("scheme", &web_config::scheme,
           "How browsers reach this node; https behind a proxy that ends TLS. Decides about secure cookies.",
           config::one_of{"http", "https"})
      .key("public_host", &web_config::public_host, "Host name under which browsers know the site.",
           config::env{"BEAMLINE_HOST"}, config::length{1, 253})
      .key(
          "origins", &web_config::origins,
          "Pages that may open sockets and send forms: on (of public_host), conn (of the address the request went to), "
          "a list of origins, or off.",
          origin_list)
      .key("trusted_proxies", &web_config::trusted_proxies,
           "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; of everybody else these are ignored.",
           proxy_list)
      .key("development", &web_config::development,
           "Show a failure of a page in the browser with all that is known of it, and load every open page anew when "
           "the program was built anew. Not for a site with visitors.")
      .key("connections_max", &web_config::connections_max, "More connections are answered with 503.",
           config::range{1, 1'000'000})
      .key("header_bytes_max", &web_config::header_bytes_max, "Longer request headers are answered with 431.",
           config::range{4_KiB, 1_MiB})
      .key("body_bytes_max", &web_config::body_bytes_max, "Longer request bodies are answered with 413.",
           config::range{1_KiB, 64_MiB})
      .key("message_bytes_max", &web_config::message_bytes_max, "Longer WebSocket messages close the socket with 1009.",
           config::range{64_KiB, 64_MiB})
      .key("socket_pending_bytes_max", &web_config::socket_pending_bytes_max,
           "A browser that is this far behind in reading is cut.", config::range{256_KiB, 256_MiB})
      .key("header_timeout", &web_config::header_timeout, "Time for a request's headers; then 408.",
           config::range{1s, 5min})
      .key("body_timeout", &web_config::body_timeout, "Time for a request's body; then 408.", config::range{1s, 1h})
      .key("keep_alive_timeout", &web_config::keep_alive_timeout,
           "Silence between two requests before the connection is closed.", config::range{1s, 1h})
      .key("answer_timeout", &web_config::answer_timeout, "Time for a handler to answer; then 503.",
           config::range{1s, 1h})
      .key("socket_idle_timeout", &web_config::socket_idle_timeout,
           "Silence of a browser before its socket is closed with 1001; browsers are heard every 30s.",
           config::range{31s, 1h});
}

result<web_options> to_options(const web_config& c) {
  auto origins = parse_origin_policy(c.origins, c.public_host);
  if (!origins)
    return origins.error().in("web.origins");
  auto proxies = trusted_proxies::parse(c.trusted_proxies);
  if (!proxies)
    return proxies.error().in("web.trusted_proxies");
  auto o = web_options{};
  o.bind = c.bind;
  o.port = c.port;
  o.scheme = c.scheme;
  o.origins = std::move(*origins);
  o.proxies = std::move(*proxies);
  o.connections_max = c.connections_max;
  o.header_bytes_max = c.header_bytes_max.bytes;
  o.body_bytes_max = c.body_bytes_max.bytes;
  o.message_bytes_max = c.message_bytes_max.bytes;
  o.socket_pending_bytes_max = c.socket_pending_bytes_max.bytes;
  o.header_timeout = c.header_timeout;
  o.body_timeout = c.body_timeout;
  o.keep_alive_timeout = c.keep_alive_timeout;
  o.answer_timeout = c.answer_timeout;
  o.socket_idle_timeout = c.socket_idle_timeout;
  return o;
}

}  // namespace beamline::web
