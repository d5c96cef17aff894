#pragma once

#include "actors/pid.hpp"
#include "actors/reason.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace beamline::remote {

// What two remote_processes tell each other:
//
//   signal = tag octet, fields                     a process: incarnation (0: any), id, and with id 0 a name
//                                                  a reason: kind octet, text;  octets: length, octets
// Later releases append fields, and add tags: a reader ignores octets behind the fields it knows, and drops a signal
// whose tag it does not know. Views point into what was read.

// The text of a reason is cut to this length: it is for people.
inline constexpr std::size_t reason_text_octets_max = 4096;

/// A process of the node that receives the signal.
struct address {
  std::uint64_t incarnation = 0;
  std::uint64_t id = 0;
  std::string_view name{};

  friend bool operator==(const address&, const address&) = default;
};

/// A message: name in the contract, octets.
struct content {
  std::string_view name;
  std::string_view octets;

  friend bool operator==(const content&, const content&) = default;
};

struct cast {
  address to;
  content what;
};
struct exit {
  std::uint64_t from = 0;  // 0: the node.
  address to;
  reason why;
};
// `watcher`, `caller` and `ref` are of the node that watches or calls; the answers bring them back.
struct watch {
  std::uint64_t watcher = 0, ref = 0;
  address target;
};
struct unwatch {
  std::uint64_t watcher = 0, ref = 0;
};
struct down {
  std::uint64_t watcher = 0, ref = 0;
  reason why;
};
struct call {
  std::uint64_t caller = 0, ref = 0;
  address to;
  duration within{};  // What is left of the caller's time; never negative.
  content what;
};
struct reply {
  std::uint64_t caller = 0, ref = 0;
  content what;
};
struct failure {
  std::uint64_t caller = 0, ref = 0;
  call_error why;
};
/// Of a later release; nobody here knows what it means.
struct unknown {
  std::uint8_t tag = 0;
};

using signal = std::variant<cast, exit, watch, unwatch, down, call, reply, failure, unknown>;

/// Why a call fails whose message or answer cannot cross: `crashed`, "notsup: ...".
[[nodiscard]] call_error not_supported(const std::string& why);

[[nodiscard]] bytes encode(const signal& s);
/// Errors: `corrupt`.
[[nodiscard]] result<signal> decode(std::string_view octets);

}  // namespace beamline::remote
