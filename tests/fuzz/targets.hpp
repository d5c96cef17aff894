#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The decoders that are fuzzed. Each takes any input, returns 0, and aborts if something is not as it must be.
namespace beamline::fuzz {

int fuzz_control(const std::uint8_t* data, std::size_t size);
int fuzz_envelope(const std::uint8_t* data, std::size_t size);
int fuzz_handshake(const std::uint8_t* data, std::size_t size);
int fuzz_relay_frame(const std::uint8_t* data, std::size_t size);

struct target {
  std::string_view name;  // Of its folder under corpus/.
  int (*run)(const std::uint8_t* data, std::size_t size);
};

inline constexpr target targets[] = {
    {"control", fuzz_control},
    {"envelope", fuzz_envelope},
    {"handshake", fuzz_handshake},
    {"relay_frame", fuzz_relay_frame},
};

}  // namespace beamline::fuzz
