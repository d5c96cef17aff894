#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The client's side of HTTP/1.1, WebSocket and Channels v2, as far as a load client needs it. Pure; what is read
/// refers to the octets it was read from.
namespace beamline::bench {

struct http_answer {
  int status = 0;
  std::string_view head;  // Status line and fields.
  std::string_view body;
  std::size_t octets = 0;  // Of the whole answer.
};
/// Nothing: the octets do not hold a whole answer yet. Bodies have a length; chunks are not understood.
[[nodiscard]] std::optional<http_answer> read_answer(std::string_view octets);
/// The value of a field, or nothing. `name` in small letters.
[[nodiscard]] std::optional<std::string_view> field_of(std::string_view head, std::string_view name);

/// Adds a masked text frame. The mask is zero: masks guard caches between client and server, and cost the server the
/// same whatever they are.
void append_text_frame(std::string& out, std::string_view text);

struct server_frame {
  std::uint8_t opcode = 0;
  std::string_view payload;
  std::size_t octets = 0;  // Of the whole frame.
};
/// Nothing: not a whole frame yet. Throws std::runtime_error when it is none a server may send to a client that offered
/// no extensions; fragments are none either.
[[nodiscard]] std::optional<server_frame> read_frame(std::string_view octets);

/// `[join_ref, ref, topic, event, payload]`; a null is empty.
struct channel_message {
  std::string_view join_ref, ref, topic, event, payload;
};
/// Nothing: it is none.
[[nodiscard]] std::optional<channel_message> read_message(std::string_view text);

}  // namespace beamline::bench
