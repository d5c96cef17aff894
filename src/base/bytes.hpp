#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace beamline {

/// Octets. A `std::string`, because sockets, SQLite, OpenSSL and JSON all take one without a copy.
using bytes = std::string;

/// A varint of 64 bits takes at most ten octets.
inline constexpr std::size_t varint_octets_max = 10;

/// Appends fixed-width big-endian numbers, varints and blobs to octets that it owns or borrows.
///
/// Not thread-safe. What it writes, `byte_reader` reads back with the calls of the same name.
class byte_writer {
public:
  /// Writes into its own octets, handed out by `take`.
  byte_writer() : out_{own_} {}
  /// Appends to `out`, which must outlive the writer.
  explicit byte_writer(bytes& out) : out_{out} {}
  byte_writer(const byte_writer&) = delete;
  byte_writer& operator=(const byte_writer&) = delete;

  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void u16(std::uint16_t value) { big_endian(value, 2); }
  void u32(std::uint32_t value) { big_endian(value, 4); }
  void u64(std::uint64_t value) { big_endian(value, 8); }
  /// One octet, 0 or 1.
  void boolean(bool value) { u8(value ? 1 : 0); }
  /// LEB128: seven bits per octet, lowest first, the top bit says that more follow. Always the shortest form.
  void varint(std::uint64_t value);
  /// Zigzag, then varint: numbers near zero are short, whatever their sign.
  void svarint(std::int64_t value);
  /// The bit pattern of an IEEE 754 double: every value survives, NaNs and -0 included.
  void f64(double value);
  /// Length as varint, then the octets.
  void blob(std::string_view value);
  /// The octets alone.
  void raw(std::string_view value) { out_.append(value); }

  [[nodiscard]] const bytes& written() const noexcept { return out_; }
  /// The octets written so far; the writer is empty afterwards.
  [[nodiscard]] bytes take();

private:
  void big_endian(std::uint64_t value, unsigned octets);

  bytes own_;
  bytes& out_;
};

/// Reads what `byte_writer` wrote, or anything an attacker sends instead.
///
/// Failure is sticky: the first bad read is remembered with its position, every read from then on gives zero or
/// nothing and touches no octet, so a decoder reads all its fields and asks `finish()` once. Nothing is ever
/// allocated from a length before that length was checked. Not thread-safe; the octets must outlive the reader
/// and every view that it returned.
class byte_reader {
public:
  explicit byte_reader(std::string_view in) : in_{in} {}

  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  [[nodiscard]] std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
  [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
  [[nodiscard]] std::uint64_t u64() { return big_endian(8); }
  /// Refuses octets other than 0 and 1.
  [[nodiscard]] bool boolean();
  /// Refuses more than 64 bits and forms longer than needed: a value has one encoding only.
  [[nodiscard]] std::uint64_t varint();
  [[nodiscard]] std::int64_t svarint();
  [[nodiscard]] double f64();
  /// A length-prefixed run of at most `octets_max` octets, not copied. A longer one is `too_large`.
  [[nodiscard]] std::string_view blob(std::size_t octets_max);
  /// The next `octets` octets, not copied.
  [[nodiscard]] std::string_view raw(std::size_t octets);
  /// Number of elements that follow, each at least `element_octets_min` (>= 1) octets long: refused (`too_large`)
  /// above `count_max`, and when what is left cannot hold so many. Safe to `reserve`.
  [[nodiscard]] std::size_t count(std::size_t count_max, std::size_t element_octets_min = 1);

  [[nodiscard]] bool ok() const noexcept { return !has_failed_; }
  [[nodiscard]] bool failed() const noexcept { return has_failed_; }
  /// Octets not read yet; 0 after a failure, so a loop over them ends.
  [[nodiscard]] std::size_t remaining() const noexcept { return has_failed_ ? 0 : in_.size() - at_; }
  /// Octets read; after a failure, where the field began that could not be read.
  [[nodiscard]] std::size_t position() const noexcept { return at_; }

  /// Records the caller's own objection to what was read, for example an unknown tag. Only the first failure is kept.
  void fail(errc code, std::string_view message);

  /// Success if every read succeeded; else the first failure, with its position.
  [[nodiscard]] result<void> status() const;
  /// As `status`, and refuses octets left over: an encoding ends where its last field ends.
  [[nodiscard]] result<void> finish() const;

private:
  [[nodiscard]] std::uint64_t big_endian(std::size_t octets);
  [[nodiscard]] bool has(std::size_t octets, std::string_view what);

  std::string_view in_;
  std::size_t at_ = 0;
  bool has_failed_ = false;
  error error_;
};

}  // namespace beamline
