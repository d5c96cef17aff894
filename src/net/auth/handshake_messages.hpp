#pragma once

#include "actors/message.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "net/auth/node_card.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What handshake.hpp sends and reads: one octet that says which message it is, then the message. Anything else than
/// these five, a field out of its bounds included, is refused.
namespace beamline::net::messages {

enum class tag : std::uint8_t { hello = 1, challenge = 2, dialler_proof = 3, acceptor_proof = 4, go = 5 };

inline constexpr std::string_view magic = "beamline";
inline constexpr std::size_t nonce_octets = 32;

// Of what a peer says of itself; a node name has node_name_bytes_max. All of it is printable ASCII, since it is logged.
inline constexpr std::size_t word_octets_max = 64;       // Role, version, cluster, key id.
inline constexpr std::size_t endpoint_octets_max = 300;  // A DNS name has 253.
inline constexpr duration tick_time_max = 24h;

struct card {
  std::string name;
  std::uint64_t incarnation = 0;
  std::string role;
  std::string version;
  std::string cluster;
  std::string endpoint;
  bool is_hidden = false;
  duration tick_time{};
  std::uint64_t contract_hash = 0;
  BEAMLINE_MESSAGE(card, "net.card", 1, name, incarnation, role, version, cluster, endpoint, is_hidden, tick_time,
                   contract_hash)
};

struct hello {
  std::string what;  // `magic`: so that a stray connection of something else is told from a broken node.
  std::uint32_t protocol_min = 0;
  std::uint32_t protocol_max = 0;
  card from;
  std::string nonce;
  BEAMLINE_MESSAGE(hello, "net.hello", 1, what, protocol_min, protocol_max, from, nonce)
};

struct challenge {
  std::uint32_t verdict = 0;
  std::uint32_t protocol = 0;  // The one to use; 0 with a verdict that ends it.
  card from;
  std::string nonce;
  BEAMLINE_MESSAGE(challenge, "net.challenge", 1, verdict, protocol, from, nonce)
};

/// Messages 3, 4 and 5. The key id stands here and not in the hello, because a dialler that knows only an address
/// learns from the challenge whom it is talking with, and may have a key of its own for that peer (D15).
struct proof {
  std::string key_id;
  std::string mac;
  BEAMLINE_MESSAGE(proof, "net.proof", 1, key_id, mac)
};

[[nodiscard]] card to_message(const node_card& c);
[[nodiscard]] node_card from_message(const card& c);

[[nodiscard]] bytes write(const hello& m);
[[nodiscard]] bytes write(const challenge& m);
[[nodiscard]] bytes write(tag which, const proof& m);

// Errors: `invalid`, `too_large`; the message says what is wrong with which field, in printable ASCII.
[[nodiscard]] result<hello> read_hello(std::string_view octets);
[[nodiscard]] result<challenge> read_challenge(std::string_view octets);
[[nodiscard]] result<proof> read_proof(tag which, std::string_view octets);

/// Whether a node may say this of itself: lengths, alphabet, a canonical node name, a real incarnation and tick time.
[[nodiscard]] result<void> check(const card& c);

}  // namespace beamline::net::messages
