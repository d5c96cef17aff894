#pragma once

#include "net/byte_stream.hpp"
#include "net/links.hpp"

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace beamline::net {

/// Somewhere a node may be, and who is expected there. A proposal only: the handshake decides (D197).
struct proposal {
  endpoint at;  // Canonical.
  expectation who{};
};

/// What a source says when it is asked.
struct source_answer {
  // What follows differs (D191): `found` and `nobody` are answers, and who is absent from three in a row is stale;
  // `failed` says nothing about anybody, and changes nothing; `partial` names some, and says nothing about the others.
  enum class kind : std::uint8_t { found, nobody, partial, failed };

  kind what = kind::failed;
  std::vector<proposal> found{};
  std::size_t unusable = 0;  // Entries of the answer that are no address.
  std::string why{};         // Of a failure, or of what is missing.
};

/// Where addresses of nodes come from: a list, a name in DNS, what peers say.
class discovery_source {
public:
  using on_answer = std::function<void(source_answer)>;

  virtual ~discovery_source() = default;

  /// For logs and people: `accumulator.internal (a, aaaa)`.
  [[nodiscard]] virtual const std::string& label() const = 0;
  /// Calls `done` exactly once: at once, or later on any thread, also when the source is gone by then.
  virtual void resolve(on_answer done) = 0;
};

/// The one spelling of an endpoint that all others are compared in: addresses as canonical_host writes them (D3), host
/// names in lower case and without the final dot. Nothing: it cannot be dialled (no host, a port of 0, 0.0.0.0 or ::).
[[nodiscard]] std::optional<endpoint> canonical_endpoint(const endpoint& e);

}  // namespace beamline::net
