#include "base/random.hpp"

#include <array>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;

namespace {

std::vector<std::byte> filled(random_source& source, std::size_t octets) {
  auto out = std::vector<std::byte>(octets);
  source.fill(out);
  return out;
}

// Gives one number for ever: shows what `below` makes of the extremes.
class fixed_random final : public random_source {
public:
  explicit fixed_random(std::uint64_t value) : value_{value} {}
  std::uint64_t next() override { return value_; }
  void fill(std::span<std::byte> out) override {
    for (auto& octet : out)
      octet = static_cast<std::byte>(value_);
  }

private:
  std::uint64_t value_;
};

}  // namespace

TEST_CASE("a seeded source gives the known numbers of splitmix64") {
  // From the reference implementation with seed 1234567.
  auto source = seeded_random{1234567};
  CHECK(source.next() == 6457827717110365317ULL);
  CHECK(source.next() == 3203168211198807973ULL);
  CHECK(source.next() == 9817491932198370423ULL);
}

TEST_CASE("the same seed fills the same octets, another seed others") {
  for (std::size_t octets : {0U, 1U, 7U, 8U, 9U, 33U}) {
    CAPTURE(octets);
    auto a = seeded_random{7};
    auto b = seeded_random{7};
    CHECK(filled(a, octets) == filled(b, octets));
  }
  auto a = seeded_random{7};
  auto b = seeded_random{8};
  CHECK(filled(a, 16) != filled(b, 16));
}

TEST_CASE("numbers below a bound stay below it and reach both ends") {
  auto lowest = fixed_random{0};
  auto highest = fixed_random{~std::uint64_t{0}};
  for (std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{10}, ~std::uint64_t{0}}) {
    CAPTURE(bound);
    CHECK(lowest.below(bound) == 0);
    CHECK(highest.below(bound) == bound - 1);
  }
  CHECK(highest.below(0) == 0);
}

TEST_CASE("numbers below a bound are spread evenly") {
  auto source = seeded_random{42};
  auto counts = std::array<int, 10>{};
  for (int i = 0; i < 10'000; ++i)
    ++counts.at(source.below(10));
  for (int count : counts) {
    CHECK(count > 850);
    CHECK(count < 1150);
  }
}

TEST_CASE("the system's source does not repeat itself") {
  auto source = system_random{};
  CHECK(source.next() != source.next());
  CHECK(filled(source, 32) != filled(source, 32));
  CHECK(filled(source, 0).empty());
  // More than one getrandom() call may give at once.
  auto much = filled(source, 1000);
  CHECK(std::vector<std::byte>(much.end() - 16, much.end()) != std::vector<std::byte>(16));
}
