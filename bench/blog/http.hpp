#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// HTTP/1.1 to a server on this machine, a connection per request, as far as a benchmark needs it. All throw
/// std::runtime_error.
namespace beamline::bench {

/// The whole answer, head and body. Waits at most 20 s.
[[nodiscard]] std::string http_get(std::uint16_t port, const std::string& path);

/// The value of a metric without labels of that node's /metrics; 0 when it is not there yet.
[[nodiscard]] double metric_of(std::uint16_t port, std::string_view name);

}  // namespace beamline::bench
