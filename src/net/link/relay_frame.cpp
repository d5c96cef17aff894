#include "net/link/relay_frame.hpp"

#include "net/auth/handshake.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace beamline::net {

namespace {

// What a reader keeps when everything was read; a burst of large frames does not stay in memory for ever.
constexpr std::size_t octets_kept_max = 2 * relay_frame_octets_max;

void append_one(bytes& out, frame_kind kind, std::string_view body) {
  byte_writer w{out};
  w.u32(static_cast<std::uint32_t>(kind) << 24 | static_cast<std::uint32_t>(body.size()));
  w.raw(body);
}

}  // namespace

void append_relay_frame(bytes& out, frame_kind kind, std::string_view body) {
  if (body.empty() || (body.size() > relay_frame_octets_max && kind != frame_kind::carried))
    throw std::logic_error{fmt::format("a relay frame of kind {} with {} octets, from 1 to {} are possible",
                                       static_cast<int>(kind), body.size(), relay_frame_octets_max)};
  for (; body.size() > relay_frame_octets_max; body.remove_prefix(relay_frame_octets_max))
    append_one(out, kind, body.substr(0, relay_frame_octets_max));
  append_one(out, kind, body);
}

void relay_frame_reader::feed(std::string_view octets) {
  if (fault_)
    return;
  if (at_ == octets_.size()) {
    octets_.clear();
    if (octets_.capacity() > octets_kept_max)
      octets_.shrink_to_fit();
  } else {
    octets_.erase(0, at_);
  }
  at_ = 0;
  octets_.append(octets);
}

result<void> relay_frame_reader::check(std::uint8_t kind, std::size_t octets) const {
  constexpr auto handshake = static_cast<std::uint8_t>(frame_kind::handshake);
  if (kind < handshake || kind > static_cast<std::uint8_t>(frame_kind::control))
    return error{errc::corrupt, fmt::format("a relay frame is of kind {}, expected 1 to 3", kind)};
  if ((kind == handshake) == is_authenticated_)
    return error{errc::corrupt, is_authenticated_
                                    ? std::string{"a handshake frame came after the handshake was done"}
                                    : fmt::format("a relay frame of kind {} came before the handshake was done", kind)};
  auto octets_max = is_authenticated_ ? relay_frame_octets_max : handshake_octets_max;
  if (octets > octets_max)
    return error{errc::too_large, fmt::format("a relay frame of kind {} has {} octets, at most {} are allowed", kind,
                                              octets, octets_max)};
  if (octets == 0)
    return error{errc::corrupt, fmt::format("a relay frame of kind {} is empty", kind)};
  return {};
}

result<std::optional<relay_frame>> relay_frame_reader::next() {
  if (fault_)
    return *fault_;
  auto rest = std::string_view{octets_}.substr(at_);
  if (rest.size() < relay_frame_header_octets)
    return std::optional<relay_frame>{};
  byte_reader header{rest.substr(0, relay_frame_header_octets)};
  auto word = header.u32();
  auto kind = static_cast<std::uint8_t>(word >> 24);
  std::size_t octets = word & 0xFF'FFFFU;
  if (auto good = check(kind, octets); !good) {
    fault_ = good.error();
    octets_ = {};
    at_ = 0;
    return *fault_;
  }
  if (rest.size() - relay_frame_header_octets < octets)
    return std::optional<relay_frame>{};
  at_ += relay_frame_header_octets + octets;
  return std::optional{relay_frame{static_cast<frame_kind>(kind), rest.substr(relay_frame_header_octets, octets)}};
}

}  // namespace beamline::net
