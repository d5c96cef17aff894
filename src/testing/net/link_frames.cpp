#include "testing/net/link_frames.hpp"

namespace beamline::testing {

namespace {

constexpr std::size_t length_octets = 4;

}  // namespace

result<std::optional<frame>> frame_reader::next() {
  byte_reader in{std::string_view{octets_}.substr(at_)};
  if (in.remaining() < length_octets)
    return std::optional<frame>{};
  auto length = in.u32();
  if (length == 0 || length > link_frame_bytes_max)
    return error{length == 0 ? errc::corrupt : errc::too_large,
                 "a frame of " + std::to_string(length) + " octets; from 1 to " + std::to_string(link_frame_bytes_max)
                     + " are expected"};
  if (in.remaining() < length)
    return std::optional<frame>{};
  auto kind = in.u8();
  if (kind < static_cast<std::uint8_t>(frame_kind::hello) || kind > static_cast<std::uint8_t>(frame_kind::route))
    return error{errc::corrupt, "a frame of kind " + std::to_string(kind) + " is not known"};
  frame f{static_cast<frame_kind>(kind), bytes{in.raw(length - 1)}};
  at_ += length_octets + length;
  if (at_ == octets_.size() || at_ > octets_.size() / 2) {
    octets_.erase(0, at_);
    at_ = 0;
  }
  return std::optional{std::move(f)};
}

}  // namespace beamline::testing
