#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/link/carrier.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace beamline::net::basp {

// CAF's wire protocol (BASP, as of CAF 0.17), as far as two carriers use it: each message is a header and a payload.
//
//   dialler                              acceptor
//     client handshake            ──>
//                                 <──      server handshake: its node id, its door
//     client handshake, "select"  ──>
//     hello: empty envelope       ──>      whose sender is the dialler's door
//     envelopes                   <──>     from now on without a sender

enum class operation : std::uint8_t {
  server_handshake = 0,
  client_handshake = 1,
  direct_message = 2,
  routed_message = 3,
  monitor_message = 4,
  down_message = 5,
  heartbeat = 6,
};

struct header {
  operation what{};
  std::uint8_t flags = 0;
  std::uint32_t payload_octets = 0;
  std::uint64_t data = 0;
  std::uint64_t source = 0;
  std::uint64_t destination = 0;
};
inline constexpr std::size_t header_octets = 32;
[[nodiscard]] header read_header(std::string_view octets);

inline constexpr std::uint8_t flag_named = 1;   // The destination is a name: CAF's own servers.
inline constexpr std::uint8_t flag_select = 2;  // Of the second client handshake.

// An envelope and what CAF puts before it; more is refused.
inline constexpr std::size_t payload_octets_max = 68U << 10;

inline constexpr std::size_t node_id_octets = 32;

/// What this CAF writes, asked of it once.
struct dialect {
  bytes node_id;           // Of this node, as in a handshake.
  bytes handshake_middle;  // Of a server handshake, between node id and actor id.
  bytes envelope_begin;    // Of a direct message that holds an envelope: all before the envelope's length.
  std::uint64_t handshake_version = 0;
  std::uint64_t message_id = 0;  // Of a message that is neither request nor response.
};

/// Looks at what a peer sent before CAF does, and lets nothing pass but the exchange above, octet by octet: CAF would
/// crash on a handshake without a payload, allocate any length it is told, and deliver anything to anybody (the CAF
/// note, 7.5). Pure; not thread-safe. At most a header and a handshake are kept.
class inspector {
public:
  struct options {
    link_side here{};
    std::uint64_t door = 0;  // The actor here that the peer may write to.
    const dialect* caf = nullptr;
    /// Asked once, with the node id that the peer shows. False: another link has it.
    std::function<bool(std::string_view node_id)> claim{};
  };
  explicit inspector(options o) : options_{std::move(o)} {}

  /// Errors: `corrupt`, `too_large`; saying what came, and where. After one, no more octets may be passed on.
  result<void> feed(std::string_view octets);
  /// That were whole in what it has seen, but for the hello.
  [[nodiscard]] std::uint64_t envelopes() const noexcept {
    return messages_ - (options_.here == link_side::acceptor && messages_ > 0 ? 1 : 0);
  }

private:
  result<void> judge(const header& h);
  result<void> judge_handshake(const header& h);
  result<void> judge_message(const header& h);
  result<void> read_handshake();
  result<void> read_envelope_begin();
  [[nodiscard]] error refusal(errc code, std::string_view why) const;

  options options_;
  bytes kept_;  // A header, a handshake or the begin of an envelope, as far as it came.
  std::size_t wanted_ = header_octets;
  std::optional<header> now_{};
  std::size_t to_skip_ = 0;     // Of an envelope that was looked at.
  std::uint64_t position_ = 0;  // Of the message looked at, in the stream.
  std::uint64_t read_ = 0;
  int handshakes_ = 0;
  std::uint64_t messages_ = 0;  // Whole ones.
  bool has_hello_ = false;
  bytes peer_id_;
};

/// Takes out of what the CAF here sends everything that carriers do not need: that it watches actors there, and asks
/// the peer for its spawn server. Thus the peer's inspector can be strict. Pure; keeps less than a header.
class sieve {
public:
  /// What is to be sent of this; may be nothing yet.
  [[nodiscard]] bytes pass(bytes octets);
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
  bytes kept_;
  std::size_t to_pass_ = 0;
  std::size_t to_drop_ = 0;
  std::uint64_t dropped_ = 0;  // Messages.
};

}  // namespace beamline::net::basp
