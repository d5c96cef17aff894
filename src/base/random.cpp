#include "base/random.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <sys/random.h>

namespace beamline {

std::uint64_t random_source::below(std::uint64_t bound) {
  // Lemire's multiplication instead of a modulo; __extension__ keeps -Wpedantic quiet about 128 bits.
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64);
}

std::uint64_t system_random::next() {
  std::uint64_t value = 0;
  fill(std::as_writable_bytes(std::span{&value, 1}));
  return value;
}

void system_random::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    auto n = getrandom(out.data(), out.size(), 0);
    if (n < 0) {
      if (errno == EINTR)
        continue;
      throw std::system_error{errno, std::generic_category(), "getrandom"};
    }
    out = out.subspan(static_cast<std::size_t>(n));
  }
}

std::uint64_t seeded_random::next() { return mix64(state_ += 0x9e3779b97f4a7c15ULL); }

void seeded_random::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    auto value = next();
    auto n = out.size() < sizeof value ? out.size() : sizeof value;
    std::memcpy(out.data(), &value, n);
    out = out.subspan(n);
  }
}

}  // namespace beamline
