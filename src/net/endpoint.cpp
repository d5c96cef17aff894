#include "net/byte_stream.hpp"

#include <charconv>

namespace beamline::net {

std::string to_string(const endpoint& e) {
  bool is_bare = e.host.find(':') == std::string::npos;
  return (is_bare ? e.host : "[" + e.host + "]") + ":" + std::to_string(e.port);
}

result<endpoint> parse_endpoint(std::string_view text) {
  error malformed{errc::invalid, "endpoint \"" + std::string{text} + "\" is not host:port, such as 127.0.0.1:4400"};
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return malformed;
  auto host = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  if (host.size() >= 2 && host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return malformed;
  std::uint16_t port = 0;
  auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (problem != std::errc{} || end != digits.data() + digits.size() || port == 0 || host.empty())
    return malformed;
  return endpoint{std::string{host}, port};
}

}  // namespace beamline::net
