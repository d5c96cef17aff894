#include "base/bytes.hpp"

#include <bit>

#include <fmt/format.h>

namespace beamline {

namespace {

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0);
}

constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ ((value & 1) != 0 ? ~std::uint64_t{0} : 0));
}

}  // namespace

void byte_writer::big_endian(std::uint64_t value, unsigned octets) {
  for (auto shift = octets * 8; shift > 0; shift -= 8)
    u8(static_cast<std::uint8_t>(value >> (shift - 8)));
}

void byte_writer::varint(std::uint64_t value) {
  while (value >= 0x80) {
    u8(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  u8(static_cast<std::uint8_t>(value));
}

void byte_writer::svarint(std::int64_t value) { varint(zigzag(value)); }

void byte_writer::f64(double value) { u64(std::bit_cast<std::uint64_t>(value)); }

void byte_writer::blob(std::string_view value) {
  varint(value.size());
  raw(value);
}

bytes byte_writer::take() {
  bytes taken;
  taken.swap(out_);
  return taken;
}

void byte_reader::fail(errc code, std::string_view message) {
  if (has_failed_)
    return;
  has_failed_ = true;
  error_ = {code, fmt::format("octet {} of {}: {}", at_, in_.size(), message)};
}

bool byte_reader::has(std::size_t octets, std::string_view what) {
  if (has_failed_)
    return false;
  if (auto left = in_.size() - at_; left < octets) {
    fail(errc::corrupt, fmt::format("{} of {} octets is cut off, {} are left", what, octets, left));
    return false;
  }
  return true;
}

std::uint64_t byte_reader::big_endian(std::size_t octets) {
  if (!has(octets, "a number"))
    return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < octets; ++i)
    value = (value << 8) | static_cast<unsigned char>(in_[at_ + i]);
  at_ += octets;
  return value;
}

bool byte_reader::boolean() {
  if (!has(1, "a boolean"))
    return false;
  auto octet = static_cast<unsigned char>(in_[at_]);
  if (octet > 1) {
    fail(errc::corrupt, fmt::format("a boolean is {}, expected 0 or 1", octet));
    return false;
  }
  ++at_;
  return octet == 1;
}

std::uint64_t byte_reader::varint() {
  if (has_failed_)
    return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < varint_octets_max; ++i) {
    if (at_ + i == in_.size()) {
      fail(errc::corrupt, fmt::format("a varint is cut off after {} octets", i));
      return 0;
    }
    auto octet = static_cast<unsigned char>(in_[at_ + i]);
    if (i == varint_octets_max - 1 && octet > 1) {
      fail(errc::corrupt, "a varint has more than 64 bits");
      return 0;
    }
    value |= static_cast<std::uint64_t>(octet & 0x7F) << (7 * i);
    if ((octet & 0x80) == 0) {
      if (octet == 0 && i > 0) {
        fail(errc::corrupt, fmt::format("a varint takes {} octets, but fewer would do", i + 1));
        return 0;
      }
      at_ += i + 1;
      return value;
    }
  }
  return 0;  // Not reached: the tenth octet either fails or ends the number.
}

std::int64_t byte_reader::svarint() { return unzigzag(varint()); }

double byte_reader::f64() { return std::bit_cast<double>(u64()); }

std::string_view byte_reader::raw(std::size_t octets) {
  if (!has(octets, "a run"))
    return {};
  auto run = in_.substr(at_, octets);
  at_ += octets;
  return run;
}

std::string_view byte_reader::blob(std::size_t octets_max) {
  auto start = at_;
  auto length = varint();
  if (has_failed_)
    return {};
  auto left = in_.size() - at_;
  if (length > octets_max || length > left) {
    at_ = start;
    if (length > octets_max)
      fail(errc::too_large, fmt::format("a blob has {} octets, at most {} are allowed here", length, octets_max));
    else
      fail(errc::corrupt, fmt::format("a blob of {} octets is cut off, {} are left", length, left));
    return {};
  }
  return raw(static_cast<std::size_t>(length));
}

std::size_t byte_reader::count(std::size_t count_max, std::size_t element_octets_min) {
  auto start = at_;
  auto elements = varint();
  if (has_failed_)
    return 0;
  auto left = in_.size() - at_;
  if (elements > count_max || elements > left / element_octets_min) {
    at_ = start;
    if (elements > count_max)
      fail(errc::too_large, fmt::format("a list has {} elements, at most {} are allowed here", elements, count_max));
    else
      fail(errc::corrupt, fmt::format("a list of {} elements does not fit into the {} octets left", elements, left));
    return 0;
  }
  return static_cast<std::size_t>(elements);
}

result<void> byte_reader::status() const {
  if (has_failed_)
    return error_;
  return {};
}

result<void> byte_reader::finish() const {
  if (has_failed_)
    return error_;
  if (at_ != in_.size())
    return error{errc::corrupt,
                 fmt::format("octet {} of {}: {} octets follow the last field", at_, in_.size(), in_.size() - at_)};
  return {};
}

}  // namespace beamline
