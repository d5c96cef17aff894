#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace beamline::net {

/// What is on the wire between two nodes: kind in one octet, length of the body in three (big-endian), body.
enum class frame_kind : std::uint8_t {
  handshake = 1,  // auth/handshake.hpp; nothing else before it is done (D23).
  carried = 2,    // Octets of the carrier: BASP in production.
  control = 3,    // link/control.hpp: ticks, credit, goodbye. Never enters CAF.
};

inline constexpr std::size_t relay_frame_header_octets = 4;
// A longer body is a broken peer. Short enough for a tick not to wait behind it.
inline constexpr std::size_t relay_frame_octets_max = 64 * 1024;

struct relay_frame {
  frame_kind kind{};
  std::string_view body;  // Never empty. Valid until the reader is fed or asked again.
};

/// `body` has one octet at least. One of more than relay_frame_octets_max becomes several frames if it is `carried`,
/// which is a stream; of another kind it is a broken invariant, and throws.
void append_relay_frame(bytes& out, frame_kind kind, std::string_view body);

/// Makes frames out of octets that come in any pieces. Before `allow_all` only handshake frames of at most
/// handshake_octets_max are read; a later handshake frame is an error.
///
/// Not thread-safe. Holds what it was fed and has not handed out: less than one frame, if `next` is asked until nothing
/// is left before it is fed again. Nothing is allocated because of a length that the peer states.
class relay_frame_reader {
public:
  void feed(std::string_view octets);
  void allow_all() noexcept { is_authenticated_ = true; }
  /// The next one; nothing yet. Errors: `corrupt` (an unknown kind, one out of place, an empty frame), `too_large`; the
  /// same again from then on, since nothing that follows can be read.
  [[nodiscard]] result<std::optional<relay_frame>> next();

private:
  [[nodiscard]] result<void> check(std::uint8_t kind, std::size_t octets) const;

  bytes octets_;
  std::size_t at_ = 0;
  bool is_authenticated_ = false;
  std::optional<error> fault_;
};

}  // namespace beamline::net
