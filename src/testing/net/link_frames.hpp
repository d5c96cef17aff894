#pragma once

// What the simple links of a simulated cluster say to each other. Included by them only.

#include "actors/message_codec.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace beamline::testing {

// Another number is another protocol: such nodes refuse each other.
inline constexpr std::uint32_t simple_link_protocol = 1;
// A longer frame is a broken connection, or a stranger.
inline constexpr std::size_t link_frame_bytes_max = 4U << 20;

/// The first frame each way.
struct link_hello {
  std::uint32_t protocol = simple_link_protocol;
  std::string node{};
  std::uint64_t incarnation = 0;
  std::string role{};
  std::uint64_t attempt = 0;  // Which one it is of the dialler's to this peer: of two connections the later one counts.
  BEAMLINE_MESSAGE(link_hello, "simple.hello", 1, protocol, node, incarnation, role, attempt)
};
/// The dialler has read the other's hello: the link is up.
struct link_ready {
  std::uint64_t attempt = 0;
  BEAMLINE_MESSAGE(link_ready, "simple.ready", 1, attempt)
};
struct link_refused {
  std::string why;
  BEAMLINE_MESSAGE(link_refused, "simple.refused", 1, why)
};
struct link_goodbye {
  std::string why;
  BEAMLINE_MESSAGE(link_goodbye, "simple.goodbye", 1, why)
};
/// Nothing to say, but still here.
struct link_tick {
  std::uint64_t count = 0;
  BEAMLINE_MESSAGE(link_tick, "simple.tick", 1, count)
};
struct link_payload {
  std::string service;
  std::string payload;
  BEAMLINE_MESSAGE(link_payload, "simple.payload", 1, service, payload)
};
/// For a process: `encoded` is its name on the wire and the message, as `peers::route` takes it.
struct link_route {
  pid to;
  std::string encoded;
  BEAMLINE_MESSAGE(link_route, "simple.route", 1, to, encoded)
};

/// What a frame carries.
enum class frame_kind : std::uint8_t { hello = 1, ready, refused, goodbye, tick, payload, route };

struct frame {
  frame_kind kind{};
  bytes body{};
};

/// Length of the rest in four octets, the kind in one, the message.
template <wire_message Message>
[[nodiscard]] bytes make_frame(frame_kind kind, const Message& m) {
  auto body = encode(m);
  byte_writer out;
  out.u32(static_cast<std::uint32_t>(body.size() + 1));
  out.u8(static_cast<std::uint8_t>(kind));
  out.raw(body);
  return out.take();
}

/// Makes frames out of octets that come in any pieces.
class frame_reader {
public:
  void feed(std::string_view octets) { octets_.append(octets); }
  /// The next one; nothing yet. Errors: `corrupt`, `too_large`; nothing that follows can be read then.
  [[nodiscard]] result<std::optional<frame>> next();

private:
  bytes octets_;
  std::size_t at_ = 0;
};

}  // namespace beamline::testing
