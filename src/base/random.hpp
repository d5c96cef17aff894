#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace beamline {

/// Source of randomness. Thread-safe. Jitter, ids, tokens and secrets all come from here, so that a
/// simulation can replay them; nothing else draws random numbers.
class random_source {
public:
  virtual ~random_source() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;
  virtual void fill(std::span<std::byte> out) = 0;

  /// A number in [0, bound); 0 when `bound` is 0. Free of modulo bias to within 2^-64 * bound.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
};

/// The operating system's generator: fit for secrets.
class system_random final : public random_source {
public:
  [[nodiscard]] std::uint64_t next() override;
  void fill(std::span<std::byte> out) override;
};

/// splitmix64: small, fast, the same numbers on every compiler and library. For tests and simulation
/// only; not for secrets, and unlike the others not thread-safe.
class seeded_random final : public random_source {
public:
  explicit seeded_random(std::uint64_t seed) : state_{seed} {}
  [[nodiscard]] std::uint64_t next() override;
  void fill(std::span<std::byte> out) override;

private:
  std::uint64_t state_;
};

/// The splitmix64 finalizer: spreads the bits of a number. Also used to derive independent seeds.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace beamline
