#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web {

// WebSocket frames (RFC 6455), server side: what clients send is masked, what we send is not. Pure; knows no
// sockets. Written by hand, so that shared payloads leave with gather writes and an idle connection needs no buffer.

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Control frames carry at most this much; a longer one breaks the protocol.
inline constexpr std::size_t control_payload_max = 125;

/// The reason in a close frame, which shares its payload with the code.
inline constexpr std::size_t close_reason_max = control_payload_max - 2;

/// The header of an unfragmented server frame.
struct frame_header {
  std::array<char, 10> octets{};
  std::uint8_t size = 0;

  [[nodiscard]] std::string_view view() const { return {octets.data(), size}; }
};
[[nodiscard]] frame_header make_frame_header(opcode op, std::uint64_t payload_octets);

/// A whole control frame. A longer payload is cut to `control_payload_max`.
[[nodiscard]] std::string control_frame(opcode op, std::string_view payload);

/// A whole close frame; the reason is cut to whole characters that fit. `no_status` (1005) gives an empty one.
[[nodiscard]] std::string close_frame(std::uint16_t code, std::string_view reason);

/// The value of `sec-websocket-accept` for a client's key.
[[nodiscard]] std::string accept_key(std::string_view key);

/// Whether `key` is base64 of 16 octets, as a client must send.
[[nodiscard]] bool is_websocket_key(std::string_view key);

/// Turns octets from a client into messages: unmasks, joins fragments, lets control frames through between
/// them, checks everything the RFC demands.
///
/// After `failed` it must not be used again. Holds nothing but the unfinished message; between messages no memory.
/// At most `message_bytes_max` octets of one message are kept.
class message_reader {
public:
  explicit message_reader(std::size_t message_bytes_max) : message_bytes_max_{message_bytes_max} {}

  enum class kind { text, binary, ping, pong, close, failed };
  struct event {
    kind what;
    std::string payload;     // Of the message or ping; the reason of a close; the objection when it failed.
    std::uint16_t code = 0;  // Of a received close (1005 when it had none); when it failed, how to close.
  };

  /// Takes octets from the front of `in`, until an event is complete or `in` is empty (then: nothing).
  [[nodiscard]] std::optional<event> next(std::string_view& in);

private:
  [[nodiscard]] bool read_header(std::string_view& in);
  [[nodiscard]] std::optional<event> check_header();
  void read_payload(std::string_view& in);
  [[nodiscard]] std::optional<event> finish_frame();
  [[nodiscard]] std::optional<event> finish_close();

  std::size_t message_bytes_max_;
  std::array<unsigned char, 14> header_{};
  std::uint8_t header_size_ = 0;    // Octets of the header that have come.
  std::uint8_t header_needed_ = 2;  // Octets it is known to have.
  bool in_payload_ = false;
  bool in_message_ = false;  // Between the first and the last fragment.
  bool message_is_text_ = false;
  std::uint64_t payload_left_ = 0;
  std::uint8_t mask_at_ = 0;
  std::string message_;
  std::string control_;
};

}  // namespace beamline::web
