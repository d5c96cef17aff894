#include "base/id.hpp"

#include "base/crypto.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace beamline {

namespace {

constexpr std::uint64_t mask(unsigned bits) { return (std::uint64_t{1} << bits) - 1; }

// RFC 9562, 5.7: 48 bits of milliseconds, 4 of version, 12 random; 2 of variant, 62 random.
constexpr unsigned ms_bits = 48;
constexpr unsigned upper_bits = 12;
constexpr unsigned lower_bits = 62;
constexpr std::uint64_t version = 7;
constexpr std::uint64_t variant = 2;

// The counter of a millisecond starts in its lower half, so it has room for 2^73 more, and moves on in steps of 1 to
// this: the next id of a source cannot be guessed from the last, and the counter cannot run out.
constexpr std::uint64_t step_max = std::uint64_t{1} << 32;

constexpr std::size_t text_octets = 36;
constexpr std::array<std::size_t, 4> dash_positions = {8, 13, 18, 23};

error not_a_uid(std::string_view why) {
  return {errc::invalid, fmt::format("id {}, expected the form 018bcfe5-6800-7000-8000-0123456789ab", why)};
}

}  // namespace

result<uid> uid::parse(std::string_view text) {
  if (text.size() != text_octets)
    return not_a_uid(fmt::format("has {} characters", text.size()));
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto is_dash_position = std::find(dash_positions.begin(), dash_positions.end(), i) != dash_positions.end();
    if (is_dash_position != (text[i] == '-'))
      return not_a_uid(fmt::format("has {} at position {}", is_dash_position ? "no dash" : "a dash", i));
    if (!is_dash_position)
      digits.push_back(text[i]);
  }
  auto octets = hex_decode(digits);
  if (!octets)
    return not_a_uid("has a character that is no hexadecimal digit");
  return from_octets(*octets);
}

result<uid> uid::from_octets(std::string_view octets) {
  auto in = byte_reader{octets};
  auto high = in.u64();
  auto low = in.u64();
  if (auto end = in.finish(); !end)
    return error{errc::invalid, fmt::format("id has {} octets, expected 16", octets.size())};
  return uid{high, low};
}

std::string uid::str() const {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high_ >> 32, (high_ >> 16) & mask(16), high_ & mask(16),
                     low_ >> 48, low_ & mask(48));
}

bytes uid::octets() const {
  byte_writer out;
  out.u64(high_);
  out.u64(low_);
  return out.take();
}

wall_time uid::made_at() const {
  return wall_time{std::chrono::milliseconds{static_cast<std::int64_t>(high_ >> (64 - ms_bits))}};
}

void uid_source::start_millisecond(std::uint64_t ms) {
  ms_ = ms;
  upper_ = random_.next() & mask(upper_bits - 1);
  lower_ = random_.next() & mask(lower_bits);
}

uid uid_source::next() {
  auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall_now().time_since_epoch());
  auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch.count(), 0)) & mask(ms_bits);
  auto lock = std::lock_guard{mutex_};
  if (!has_started_ || now > ms_) {
    has_started_ = true;
    start_millisecond(now);
  } else {
    lower_ += 1 + random_.below(step_max);
    upper_ += lower_ >> lower_bits;  // The carry.
    lower_ &= mask(lower_bits);
  }
  return {(ms_ << 16) | (version << 12) | upper_, (variant << 62) | lower_};
}

}  // namespace beamline
