#include "live/load/wire.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace beamline::bench {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t status_at = 9;  // Behind "HTTP/1.1 ".

template <class T>
T number_in(std::string_view text) {
  T out{};
  (void)std::from_chars(text.data(), text.data() + text.size(), out);  // 0 for what is none.
  return out;
}

bool is_same_name(std::string_view a, std::string_view small) {
  if (a.size() != small.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(a[i])) != small[i])
      return false;
  return true;
}

/// One of the four strings before the payload; `at` moves behind it.
std::optional<std::string_view> read_element(std::string_view text, std::size_t& at) {
  if (at < text.size() && text[at] == ',')
    ++at;
  if (text.substr(at, 4) == "null") {
    at += 4;
    return std::string_view{};
  }
  if (at >= text.size() || text[at] != '"')
    return std::nullopt;
  const auto begin = ++at;
  while (at < text.size() && text[at] != '"')
    at += text[at] == '\\' ? 2 : 1;
  if (at >= text.size())
    return std::nullopt;
  return text.substr(begin, at++ - begin);
}

}  // namespace

std::optional<http_answer> read_answer(std::string_view octets) {
  const auto end = octets.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return std::nullopt;
  http_answer out;
  out.head = octets.substr(0, end + line_end.size());
  if (out.head.size() > status_at)
    out.status = number_in<int>(out.head.substr(status_at));
  const auto length = number_in<std::size_t>(field_of(out.head, "content-length").value_or("0"));
  const auto body_at = end + 2 * line_end.size();
  if (octets.size() < body_at + length)
    return std::nullopt;
  out.body = octets.substr(body_at, length);
  out.octets = body_at + length;
  return out;
}

std::optional<std::string_view> field_of(std::string_view head, std::string_view name) {
  for (auto at = head.find(line_end); at != std::string_view::npos; at = head.find(line_end, at)) {
    at += line_end.size();
    const auto line = head.substr(at, head.find(line_end, at) - at);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_same_name(line.substr(0, colon), name))
      continue;
    const auto value = line.substr(colon + 1);
    return value.substr(std::min(value.find_first_not_of(' '), value.size()));
  }
  return std::nullopt;
}

void append_text_frame(std::string& out, std::string_view text) {
  constexpr unsigned char final_text = 0x81;
  constexpr unsigned char masked = 0x80;
  auto put = [&](std::size_t octet) { out.push_back(static_cast<char>(octet)); };
  put(final_text);
  if (text.size() < 126) {
    put(masked | text.size());
  } else if (text.size() < 65536) {
    put(masked | 126);
    put(text.size() >> 8);
    put(text.size() & 0xff);
  } else {
    put(masked | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      put((text.size() >> shift) & 0xff);
  }
  out.append(4, '\0');
  out += text;
}

std::optional<server_frame> read_frame(std::string_view octets) {
  if (octets.size() < 2)
    return std::nullopt;
  auto octet = [&](std::size_t at) { return static_cast<unsigned char>(octets[at]); };
  const auto first = octet(0);
  if ((first & 0xf0) != 0x80 || (octet(1) & 0x80) != 0)
    throw std::runtime_error{"the server sent a frame that is a fragment, masked, or of an extension"};
  auto length = std::size_t{octet(1)};
  auto header = std::size_t{2};
  if (length >= 126) {
    const auto extra = length == 126 ? std::size_t{2} : std::size_t{8};
    if (octets.size() < header + extra)
      return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < extra; ++i)
      length = length << 8 | octet(header + i);
    header += extra;
  }
  if (octets.size() < header + length)
    return std::nullopt;
  return server_frame{static_cast<std::uint8_t>(first & 0x0f), octets.substr(header, length), header + length};
}

std::optional<channel_message> read_message(std::string_view text) {
  if (text.empty() || text.front() != '[' || text.back() != ']')
    return std::nullopt;
  std::array<std::string_view, 4> names;
  std::size_t at = 1;
  for (auto& name : names) {
    auto read = read_element(text, at);
    if (!read)
      return std::nullopt;
    name = *read;
  }
  if (at + 1 >= text.size() || text[at] != ',')
    return std::nullopt;
  return channel_message{names[0], names[1], names[2], names[3], text.substr(at + 1, text.size() - at - 2)};
}

}  // namespace beamline::bench
