#pragma once

// What is in an envelope. Included by the gate and its parts only.
//
//   envelope = version (1 octet), connection (8), number (8, from 0, without gaps), items
//   item     = head (1): lane in bits 0-1, form in bits 2-3, the others 0; then by its form:
//     whole    length, message
//     first    transfer, length of the whole message, length, piece
//     more     transfer, length, piece           (the piece that makes the message complete is the last one)
//   message  = kind (1), for a service: length, its name; the payload is the rest
//
// Lengths and transfers are varints. A transfer is a number that no other open one of its lane has.

#include "actors/peers.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/link/link_message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace beamline::net {

inline constexpr std::uint8_t envelope_version = 1;
inline constexpr std::size_t envelope_head_octets = 1 + 8 + 8;
inline constexpr std::size_t lanes = 4;

enum class item_form : std::uint8_t { whole = 0, first = 1, more = 2 };

// Of any item, before the message or piece in it.
inline constexpr std::size_t item_head_octets_max = 1 + 3 * varint_octets_max;
// Of any message, before its payload and beside the name of its service.
inline constexpr std::size_t message_head_octets_max = 1 + varint_octets_max;

[[nodiscard]] constexpr std::uint8_t item_head(std::size_t lane, item_form form) {
  return static_cast<std::uint8_t>(lane | static_cast<unsigned>(form) << 2);
}

/// Octets in front of something longer, made without an allocation.
class short_octets {
public:
  void u8(std::uint8_t value) { octets_[size_++] = static_cast<char>(value); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      u8(static_cast<std::uint8_t>(value | 0x80));
    u8(static_cast<std::uint8_t>(value));
  }
  [[nodiscard]] std::string_view view() const { return {octets_.data(), size_}; }

private:
  std::array<char, item_head_octets_max + message_head_octets_max> octets_;
  std::size_t size_ = 0;
};

/// The views are into `octets`. Errors: `corrupt`, `too_large`.
[[nodiscard]] result<link_message> read_message(std::string_view octets);

}  // namespace beamline::net
