#include "template/random_template.hpp"
#include "template/support.hpp"
#include "web/template/formatter.hpp"

#include <doctest/doctest.h>

#include <string>

// Random templates: they are read as they were drawn, and mean the same when they are formatted.

namespace {

using namespace beamline;

constexpr std::uint64_t templates_drawn = 2'000;

std::string read_tree(const std::string& text) {
  const auto from = web::heex::source{"t.heex", text};
  auto out = web::heex::diagnostics{from};
  const auto file = web::heex::parse(from, out);
  INFO(out.text());
  CHECK_FALSE(out.has_errors());
  return web::heex::dump(file);
}

std::string formatted(const std::string& text) {
  const auto from = web::heex::source{"t.heex", text};
  auto out = web::heex::diagnostics{from};
  return web::heex::format(from, out).value_or("not formatted: " + out.text());
}

}  // namespace

TEST_CASE("a random template is read as the tree that was drawn") {
  for (std::uint64_t seed = 0; seed < templates_drawn; ++seed) {
    CAPTURE(seed);
    const auto drawn = testing::random_template{seed}.draw();
    const auto& text = drawn.first;
    CAPTURE(text);
    REQUIRE(read_tree(text) == drawn.second);
  }
}

TEST_CASE("a formatted random template means the same, and is formatted") {
  for (std::uint64_t seed = 0; seed < templates_drawn; ++seed) {
    CAPTURE(seed);
    const auto text = testing::random_template{seed}.draw().first;
    CAPTURE(text);
    const auto once = formatted(text);
    CAPTURE(once);
    REQUIRE(testing::tree_of(once).first == testing::tree_of(text).first);
    REQUIRE(formatted(once) == once);
  }
}
