#include "web/frame_codec.hpp"

#include "base/utf8.hpp"
#include "web/socket.hpp"

#include <algorithm>
#include <utility>

#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/core/detail/sha1.hpp>

namespace beamline::web {

namespace {

using event = message_reader::event;
using kind = message_reader::kind;

event failed(std::uint16_t code, std::string_view why) { return {kind::failed, std::string{why}, code}; }

bool is_control(unsigned op) { return (op & 8U) != 0; }

/// Codes a peer may put into a close frame.
bool is_sendable_code(unsigned code) {
  if (code >= 3000 && code <= 4999)
    return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != close_code::no_status && code != close_code::abnormal;
}

// The names are Beast's own details; nothing public in Boost computes a base64 or a SHA-1 of plain octets.
std::string base64(std::string_view octets) {
  namespace b64 = boost::beast::detail::base64;
  auto out = std::string(b64::encoded_size(octets.size()), '\0');
  out.resize(b64::encode(out.data(), octets.data(), octets.size()));
  return out;
}

}  // namespace

frame_header make_frame_header(opcode op, std::uint64_t payload_octets) {
  auto out = frame_header{};
  auto put = [&](std::uint64_t octet) { out.octets[out.size++] = static_cast<char>(octet); };
  put(0x80U | static_cast<unsigned>(op));
  auto length_octets = payload_octets < 126 ? 0 : payload_octets < 0x10000 ? 2 : 8;
  put(length_octets == 0 ? payload_octets : length_octets == 2 ? 126 : 127);
  for (auto shift = (length_octets - 1) * 8; shift >= 0; shift -= 8)
    put((payload_octets >> shift) & 0xff);
  return out;
}

std::string control_frame(opcode op, std::string_view payload) {
  payload = payload.substr(0, control_payload_max);
  auto out = std::string{make_frame_header(op, payload.size()).view()};
  return out.append(payload);
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  if (code == close_code::no_status)
    return control_frame(opcode::close, {});
  auto payload = std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return control_frame(opcode::close, payload.append(truncate_utf8(reason, close_reason_max)));
}

std::string accept_key(std::string_view key) {
  static constexpr auto salt = std::string_view{"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"};
  namespace beast = boost::beast::detail;
  auto context = beast::sha1_context{};
  beast::init(context);
  beast::update(context, key.data(), key.size());
  beast::update(context, salt.data(), salt.size());
  auto digest = std::array<char, beast::sha1_context::digest_size>{};
  beast::finish(context, digest.data());
  return base64({digest.data(), digest.size()});
}

bool is_websocket_key(std::string_view key) {
  // 16 octets are 22 digits and two paddings; the last digit has four spare bits, which must be zero.
  if (key.size() != 24 || !key.ends_with("=="))
    return false;
  auto is_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return std::ranges::all_of(key.substr(0, 22), is_digit);
}

std::optional<event> message_reader::next(std::string_view& in) {
  while (true) {
    if (!in_payload_) {
      if (!read_header(in))
        return std::nullopt;
      if (auto objection = check_header())
        return objection;
      in_payload_ = true;
    }
    read_payload(in);
    if (payload_left_ != 0)
      return std::nullopt;
    in_payload_ = false;
    header_size_ = 0;
    header_needed_ = 2;
    if (auto done = finish_frame())
      return done;
  }
}

bool message_reader::read_header(std::string_view& in) {
  while (header_size_ < header_needed_) {
    if (in.empty())
      return false;
    header_[header_size_++] = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    if (header_size_ == 2) {
      auto length = header_[1] & 0x7fU;
      auto more = (length == 126 ? 2 : length == 127 ? 8 : 0) + ((header_[1] & 0x80U) != 0 ? 4 : 0);
      header_needed_ = static_cast<std::uint8_t>(2 + more);
    }
  }
  return true;
}

std::optional<event> message_reader::check_header() {
  auto op = header_[0] & 0x0fU;
  auto is_final = (header_[0] & 0x80U) != 0;
  if ((header_[0] & 0x70U) != 0)
    return failed(close_code::protocol_error, "reserved bits are set, but no extension was agreed on");
  if ((op > 2 && op < 8) || op > 10)
    return failed(close_code::protocol_error, "unknown opcode");
  if ((header_[1] & 0x80U) == 0)
    return failed(close_code::protocol_error, "a client must mask its frames");

  auto length = std::uint64_t{header_[1] & 0x7fU};
  auto length_octets = length == 126 ? 2U : length == 127 ? 8U : 0U;
  if (length_octets != 0) {
    length = 0;
    for (auto i = 0U; i < length_octets; ++i)
      length = (length << 8) | header_[2 + i];
    if (length < (length_octets == 2 ? 126U : 0x10000U) || (length >> 63) != 0)
      return failed(close_code::protocol_error, "the length is not in its shortest form");
  }

  if (is_control(op)) {
    if (!is_final)
      return failed(close_code::protocol_error, "a control frame must not be fragmented");
    if (length > control_payload_max)
      return failed(close_code::protocol_error, "a control frame carries at most 125 octets");
    control_.clear();
  } else {
    if (in_message_ != (op == 0))
      return failed(close_code::protocol_error, in_message_ ? "a new message began inside another"
                                                            : "a continuation without a message to continue");
    if (length > message_bytes_max_ - message_.size())
      return failed(close_code::too_big, "a message may have " + std::to_string(message_bytes_max_) + " octets");
    if (op != 0)
      message_is_text_ = op == static_cast<unsigned>(opcode::text);
    in_message_ = true;
  }
  payload_left_ = length;
  mask_at_ = 0;
  return std::nullopt;
}

void message_reader::read_payload(std::string_view& in) {
  auto octets = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, in.size()));
  auto& out = is_control(header_[0] & 0x0fU) ? control_ : message_;
  const auto* mask = header_.data() + header_needed_ - 4;
  auto start = out.size();
  out.append(in.substr(0, octets));
  for (auto i = start; i < out.size(); ++i) {
    out[i] = static_cast<char>(static_cast<unsigned char>(out[i]) ^ mask[mask_at_]);
    mask_at_ = (mask_at_ + 1) & 3;
  }
  in.remove_prefix(octets);
  payload_left_ -= octets;
}

std::optional<event> message_reader::finish_frame() {
  auto op = static_cast<opcode>(header_[0] & 0x0fU);
  switch (op) {
    case opcode::close: return finish_close();
    case opcode::ping: return event{kind::ping, std::exchange(control_, {})};
    case opcode::pong: return event{kind::pong, std::exchange(control_, {})};
    default: break;
  }
  if ((header_[0] & 0x80U) == 0)
    return std::nullopt;
  in_message_ = false;
  auto message = std::exchange(message_, {});
  if (!message_is_text_)
    return event{kind::binary, std::move(message)};
  if (!is_utf8(message))
    return failed(close_code::invalid_payload, "a text message is not valid UTF-8");
  return event{kind::text, std::move(message)};
}

std::optional<event> message_reader::finish_close() {
  auto payload = std::exchange(control_, {});
  if (payload.empty())
    return event{kind::close, {}, close_code::no_status};
  if (payload.size() == 1)
    return failed(close_code::protocol_error, "a close frame has half a code");
  auto code =
      static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]));
  payload.erase(0, 2);
  if (!is_sendable_code(code))
    return failed(close_code::protocol_error, "a close frame has a code that must not be sent");
  if (!is_utf8(payload))
    return failed(close_code::invalid_payload, "the reason of a close frame is not valid UTF-8");
  return event{kind::close, std::move(payload), code};
}

}  // namespace beamline::web
