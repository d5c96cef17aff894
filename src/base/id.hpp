#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace beamline {

/// An identifier of 128 bits that is unique without asking anybody. Those from a `uid_source` sort by the time they
/// were made (UUID version 7, RFC 9562); comparison, text and octets all sort alike. A small value.
class uid {
public:
  /// The nil id, all zeros: no id.
  constexpr uid() = default;
  constexpr uid(std::uint64_t high, std::uint64_t low) : high_{high}, low_{low} {}

  /// Reads the form `018bcfe5-6800-7000-8000-0123456789ab`, digits of either case. UUIDs of every version are
  /// accepted, since ids also come from other systems; anything else is `invalid`.
  [[nodiscard]] static result<uid> parse(std::string_view text);
  /// Reads the 16 octets of `octets()`; `invalid` on any other length.
  [[nodiscard]] static result<uid> from_octets(std::string_view octets);

  /// 36 characters, lower case.
  [[nodiscard]] std::string str() const;
  /// 16 octets, big-endian.
  [[nodiscard]] bytes octets() const;

  [[nodiscard]] constexpr std::uint64_t high() const noexcept { return high_; }
  [[nodiscard]] constexpr std::uint64_t low() const noexcept { return low_; }
  [[nodiscard]] constexpr bool is_nil() const noexcept { return high_ == 0 && low_ == 0; }
  /// When the id was made, to the millisecond; means something only for ids of version 7.
  [[nodiscard]] wall_time made_at() const;

  friend constexpr auto operator<=>(const uid&, const uid&) = default;

private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

[[nodiscard]] inline std::string to_string(const uid& id) { return id.str(); }

/// Makes ids. Each is greater than all before it from the same source, also within one millisecond and when the
/// clock steps back: then the last time goes on being used. Ids of different sources differ by 61 random bits
/// or more within one millisecond. Thread-safe. Clock and random source must outlive it; the random source is used
/// under the lock of this object only, so one that is not thread-safe must not be shared.
class uid_source {
public:
  uid_source(const clock& time, random_source& random) : clock_{time}, random_{random} {}
  uid_source(const uid_source&) = delete;
  uid_source& operator=(const uid_source&) = delete;

  [[nodiscard]] uid next();

private:
  void start_millisecond(std::uint64_t ms);

  const clock& clock_;
  random_source& random_;
  std::mutex mutex_;
  bool has_started_ = false;
  std::uint64_t ms_ = 0;     // 48 bits: time of the last id; never decreases.
  std::uint64_t upper_ = 0;  // 12 bits and ...
  std::uint64_t lower_ = 0;  // ... 62 bits: a counter that starts at random each millisecond.
};

}  // namespace beamline

template <>
struct std::hash<beamline::uid> {
  std::size_t operator()(const beamline::uid& id) const noexcept {
    // Ids of one moment differ in few bits of the upper half.
    return static_cast<std::size_t>(beamline::mix64(id.high() ^ beamline::mix64(id.low())));
  }
};
