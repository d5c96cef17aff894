#include "web/live/sip_hash.hpp"

#include <bit>
#include <cstddef>

namespace beamline::web::live {

namespace {

struct sip_state {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

/// Up to eight octets as a little-endian number, whatever the machine's order.
std::uint64_t little_endian(std::string_view octets) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < octets.size(); ++i)
    word |= std::uint64_t{static_cast<unsigned char>(octets[i])} << (8 * i);
  return word;
}

}  // namespace

std::uint64_t sip_hash(const hash_key& key, std::string_view text) noexcept {
  auto state = sip_state{key.k0 ^ 0x736f6d6570736575ULL, key.k1 ^ 0x646f72616e646f6dULL, key.k0 ^ 0x6c7967656e657261ULL,
                         key.k1 ^ 0x7465646279746573ULL};
  const auto length = std::uint64_t{text.size()};
  for (; text.size() >= 8; text.remove_prefix(8))
    state.absorb(little_endian(text.substr(0, 8)));
  state.absorb(little_endian(text) | length << 56);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i)
    state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace beamline::web::live
