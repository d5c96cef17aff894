#include "apps/event_horizon/content/image_size.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace beamline::event_horizon {

namespace {

/// Numbers at places of the file; 0 behind its end.
class octets {
public:
  explicit octets(std::string_view text) : text_{text} {}

  [[nodiscard]] std::size_t size() const { return text_.size(); }
  [[nodiscard]] bool has(std::size_t at, std::string_view word) const {
    return at <= text_.size() && text_.substr(at, word.size()) == word;
  }
  [[nodiscard]] std::uint32_t at(std::size_t i) const {
    return i < text_.size() ? static_cast<unsigned char>(text_[i]) : 0U;
  }
  [[nodiscard]] int big16(std::size_t i) const { return static_cast<int>(at(i) << 8 | at(i + 1)); }
  [[nodiscard]] int little16(std::size_t i) const { return static_cast<int>(at(i + 1) << 8 | at(i)); }
  [[nodiscard]] int little24(std::size_t i) const { return static_cast<int>(at(i + 2) << 16 | at(i + 1) << 8 | at(i)); }
  [[nodiscard]] std::int64_t big32(std::size_t i) const {
    return static_cast<std::int64_t>(at(i)) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3);
  }
  [[nodiscard]] std::string_view sub(std::size_t from, std::size_t n) const {
    return from < text_.size() ? text_.substr(from, n) : std::string_view{};
  }

private:
  std::string_view text_;
};

std::optional<image_size> checked(std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1 || width > image_side_max || height > image_side_max)
    return std::nullopt;
  return image_size{static_cast<int>(width), static_cast<int>(height)};
}

/// Whether an Exif block says that the picture lies on its side.
bool is_turned(std::string_view exif) {
  auto in = octets{exif};
  if (!in.has(0, std::string_view{"Exif\0\0", 6}))
    return false;
  constexpr std::size_t tiff = 6;
  bool is_little = in.has(tiff, "II");
  auto short_at = [&](std::size_t i) { return is_little ? in.little16(i) : in.big16(i); };
  auto first = tiff + static_cast<std::size_t>(is_little ? in.little16(tiff + 4) : in.big16(tiff + 6));
  auto count = std::min(short_at(first), 64);
  for (auto i = 0; i < count; ++i) {
    auto entry = first + 2 + 12 * static_cast<std::size_t>(i);
    constexpr int orientation = 0x112;
    if (short_at(entry) == orientation)
      return short_at(entry + 8) >= 5;
  }
  return false;
}

std::optional<image_size> read_jpeg(const octets& in) {
  bool is_on_its_side = false;
  for (auto at = std::size_t{2}; at + 9 < in.size();) {
    if (in.at(at) != 0xFF)
      return std::nullopt;
    auto marker = in.at(at + 1);
    if (marker == 0xFF || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
      at += marker == 0xFF ? 1 : 2;
      continue;
    }
    auto length = static_cast<std::size_t>(in.big16(at + 2));
    if (length < 2)
      return std::nullopt;
    if (marker == 0xE1)
      is_on_its_side = is_on_its_side || is_turned(in.sub(at + 4, length - 2));
    bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame)
      return is_on_its_side ? checked(in.big16(at + 5), in.big16(at + 7)) : checked(in.big16(at + 7), in.big16(at + 5));
    at += 2 + length;
  }
  return std::nullopt;
}

std::optional<image_size> read_webp(const octets& in) {
  if (in.has(12, "VP8X"))
    return checked(in.little24(24) + 1, in.little24(27) + 1);
  if (in.has(12, "VP8L") && in.at(20) == 0x2F) {
    auto bits = in.at(21) | in.at(22) << 8 | in.at(23) << 16 | in.at(24) << 24;
    return checked((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
  }
  if (in.has(12, "VP8 ") && in.has(23, "\x9d\x01\x2a"))
    return checked(in.little16(26) & 0x3FFF, in.little16(28) & 0x3FFF);
  return std::nullopt;
}

/// The text of an attribute of the tag; empty when it has none.
std::string_view attribute_of(std::string_view tag, std::string_view name) {
  for (auto at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
    auto rest = tag.substr(at + name.size());
    bool is_whole = at > 0 && (tag[at - 1] == ' ' || tag[at - 1] == '\n' || tag[at - 1] == '\t' || tag[at - 1] == '\r');
    if (!is_whole || rest.size() < 3 || rest[0] != '=' || (rest[1] != '"' && rest[1] != '\''))
      continue;
    return rest.substr(2, std::min(rest.find(rest[1], 2), rest.size()) - 2);
  }
  return {};
}

/// A length in pixels: `640`, `640px`; nothing for `100%` and `10em`.
std::optional<double> pixels(std::string_view text) {
  if (text.ends_with("px"))
    text.remove_suffix(2);
  if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  return std::strtod(std::string{text}.c_str(), nullptr);
}

std::optional<image_size> read_svg(std::string_view head) {
  auto begin = head.find("<svg");
  if (begin == std::string_view::npos)
    return std::nullopt;
  auto tag = head.substr(begin, std::min(head.find('>', begin), head.size()) - begin);
  auto width = pixels(attribute_of(tag, "width"));
  auto height = pixels(attribute_of(tag, "height"));
  if (width && height)
    return checked(static_cast<std::int64_t>(*width), static_cast<std::int64_t>(*height));
  auto numbers = std::string{attribute_of(tag, "viewBox")};
  std::replace(numbers.begin(), numbers.end(), ',', ' ');
  double box[4] = {};
  const char* at = numbers.c_str();
  for (auto& number : box) {
    char* end = nullptr;
    number = std::strtod(at, &end);
    if (end == at)
      return std::nullopt;
    at = end;
  }
  if (!(box[2] >= 1 && box[2] <= image_side_max && box[3] >= 1 && box[3] <= image_side_max))
    return std::nullopt;
  return checked(static_cast<std::int64_t>(box[2]), static_cast<std::int64_t>(box[3]));
}

}  // namespace

std::optional<image_size> read_image_size(std::string_view head) {
  auto in = octets{head};
  if (in.has(0, "\x89PNG\r\n\x1a\n") && in.has(12, "IHDR"))
    return checked(in.big32(16), in.big32(20));
  if (in.has(0, "GIF87a") || in.has(0, "GIF89a"))
    return checked(in.little16(6), in.little16(8));
  if (in.has(0, "\xff\xd8\xff"))
    return read_jpeg(in);
  if (in.has(0, "RIFF") && in.has(8, "WEBP"))
    return read_webp(in);
  return read_svg(head.substr(0, 4096));
}

}  // namespace beamline::event_horizon
