#include "fuzz/targets.hpp"
#include "net/link/control.hpp"

#include <cstdio>
#include <cstdlib>

namespace beamline::fuzz {

/// An octet whose lowest bit says which protocol, then the body of a control frame.
int fuzz_control(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  std::uint32_t protocol = 1 + (data[0] & 1U);
  std::string_view octets{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto read = net::decode_control(octets, protocol);
  if (!read || std::holds_alternative<net::control::unknown>(*read))
    return 0;
  // A message has one encoding only.
  if (net::encode_control(*read, protocol) != octets) {
    std::fprintf(stderr, "fuzz_control: what was read is written in another way\n");
    std::abort();
  }
  return 0;
}

}  // namespace beamline::fuzz
