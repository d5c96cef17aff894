#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline::net {

/// What the two ends of a link say to each other beside CAF, each in one control frame: the verb in one octet, then its
/// fields. Protocol 1 knows ticks without a time, and no `tock`.
namespace control {

// What a frame may hold. More neighbours or a longer table: several frames.
inline constexpr std::size_t contract_part_octets_max = 60 * 1024;
inline constexpr std::size_t contract_parts_max = 64;
inline constexpr std::size_t contract_octets_max = contract_parts_max * contract_part_octets_max;
inline constexpr std::size_t neighbours_max = 256;
inline constexpr std::size_t neighbours_octets_max = 60 * 1024;
inline constexpr std::size_t neighbour_octets_max = 1024;  // Of name, endpoint and role together.
inline constexpr std::size_t why_octets_max = 64;          // Of a goodbye; longer words are cut.
inline constexpr std::size_t detail_octets_max = 1024;

/// Still here (D39). With protocol 2 it carries the sender's clock, which comes back in `tock`.
struct tick {
  std::uint64_t sent_us = 0;
};
/// The answer to a tick of protocol 2: measures the link's latency.
struct tock {
  std::uint64_t sent_us = 0;
};
/// So many octets of envelopes more were handled; never 0.
struct credit {
  std::uint64_t octets = 0;
};
/// One part of the sender's table of messages, when the hashes differ: the first is part 0, and they come in order.
struct contract {
  std::uint32_t part = 0;
  std::uint32_t of = 1;
  bytes octets{};
};
/// The peers it is linked with, for a mesh (D33).
struct neighbour {
  std::string name{}, endpoint{}, role{};
  friend bool operator==(const neighbour&, const neighbour&) = default;
};
struct neighbours {
  std::vector<neighbour> known{};
};
/// The last that is said; `why` is a down_reason.
struct goodbye {
  std::string why{};
  std::string detail{};
};
/// A verb of a newer release: skipped.
struct unknown {
  std::uint8_t verb = 0;
};

}  // namespace control

using control_message = std::variant<control::tick, control::tock, control::credit, control::contract,
                                     control::neighbours, control::goodbye, control::unknown>;

/// The body of the frame. Empty: nothing is to be sent, since the peer's protocol has no such verb (a `tock` of
/// protocol 1, `unknown`). Of neighbours those are left out that exceed a limit above: cut_neighbours loses none but
/// the oversized. A part of a table that is too long is a broken invariant, and throws.
[[nodiscard]] bytes encode_control(const control_message& m, std::uint32_t protocol);
/// Errors: `corrupt`, `too_large`: the link must end (D68).
[[nodiscard]] result<control_message> decode_control(std::string_view octets, std::uint32_t protocol);

/// A table of messages in frames; an empty one is one empty part. Errors: `too_large`.
[[nodiscard]] result<std::vector<control::contract>> cut_contract(std::string_view table);

/// Any number of neighbours in frames; none: no frame.
[[nodiscard]] std::vector<control::neighbours> cut_neighbours(const std::vector<control::neighbour>& known);

/// Puts a table of messages together again. Holds contract_octets_max at most.
class contract_joiner {
public:
  /// The whole table with its last part, else nothing. Errors: `corrupt` (not the part that was to come), `too_large`.
  [[nodiscard]] result<std::optional<bytes>> add(const control::contract& part);

private:
  bytes table_;
  std::uint32_t next_ = 0, of_ = 0;
};

}  // namespace beamline::net
