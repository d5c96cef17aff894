#include "gallery/secret.hpp"

#include "base/random.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

using namespace beamline;

namespace {

/// A folder that goes with the test.
struct scratch {
  scratch() : dir{std::filesystem::temp_directory_path() / ("gallery-secret-" + std::to_string(::getpid()))} {}
  ~scratch() { std::filesystem::remove_all(dir); }
  std::filesystem::path dir;
};

}  // namespace

TEST_CASE("the secret is made once, for the owner's eyes only, and kept") {
  scratch s;
  seeded_random random{1};
  const auto first = gallery::site_secret(s.dir, random);
  REQUIRE(first);
  CHECK(first->size() >= 32);
  CHECK(gallery::site_secret(s.dir, random).value() == *first);
  CHECK(std::filesystem::status(s.dir / "secret").permissions()
        == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("without a folder every start has a secret of its own") {
  seeded_random random{1};
  CHECK(gallery::site_secret({}, random).value() != gallery::site_secret({}, random).value());
}

TEST_CASE("a file that holds no secret is refused by name, with the remedy") {
  scratch s;
  std::filesystem::create_directories(s.dir);
  std::ofstream{s.dir / "secret"} << "short\n";
  seeded_random random{1};
  const auto refused = gallery::site_secret(s.dir, random);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::corrupt);
  CHECK(refused.error().message.find("remove it") != std::string::npos);
}
