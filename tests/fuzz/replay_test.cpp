#include "fuzz/targets.hpp"

#include "support/source_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace beamline::fuzz {

namespace {

namespace fs = std::filesystem;

// Larger inputs, or more of them, teach nothing and slow the tests down.
constexpr std::size_t input_octets_max = 4096;
constexpr std::size_t inputs_max = 200;

std::vector<fs::path> inputs_of(std::string_view name) {
  std::vector<fs::path> out;
  for (const auto& one : fs::directory_iterator{testing::source_dir() / "tests/fuzz/corpus" / name})
    out.push_back(one.path());
  std::ranges::sort(out);
  return out;
}

std::string content(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

int run(const target& t, const std::string& input) {
  return t.run(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

TEST_CASE("every decoder survives every input of its corpus") {
  for (const auto& t : targets) {
    auto inputs = inputs_of(t.name);
    CAPTURE(t.name);
    CHECK_FALSE(inputs.empty());
    CHECK(inputs.size() <= inputs_max);
    for (const auto& file : inputs) {
      CAPTURE(file.string());
      auto input = content(file);
      CHECK(input.size() <= input_octets_max);
      CHECK(run(t, input) == 0);
    }
  }
}

TEST_CASE("every decoder survives its corpus cut off at every octet, and with every octet changed") {
  for (const auto& t : targets)
    for (const auto& file : inputs_of(t.name)) {
      CAPTURE(file.string());
      auto input = content(file);
      for (std::size_t i = 0; i < input.size(); ++i) {
        CHECK(run(t, input.substr(0, i)) == 0);
        auto other = input;
        other[i] = static_cast<char>(other[i] ^ (1 << (i % 8)));
        CHECK(run(t, other) == 0);
      }
    }
}

}  // namespace beamline::fuzz
