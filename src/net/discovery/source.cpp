#include "net/discovery/source.hpp"

#include "base/node_name.hpp"

#include <utility>

namespace beamline::net {

std::optional<endpoint> canonical_endpoint(const endpoint& e) {
  auto text = e.host;
  if (!text.empty() && text.back() == '.')
    text.pop_back();
  auto host = canonical_host(text);
  if (!host || e.port == 0 || *host == "0.0.0.0" || *host == "::")
    return std::nullopt;
  for (char& c : *host)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return endpoint{std::move(*host), e.port};
}

}  // namespace beamline::net
