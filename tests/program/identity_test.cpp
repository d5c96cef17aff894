#include "program/identity.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

using namespace beamline;
using program::take_identity;

namespace {

/// A directory of its own, removed at the end.
struct fixture {
  std::filesystem::path dir;
  manual_clock clock;
  system_random random;
  node_options options;

  fixture() {
    std::string pattern = std::filesystem::temp_directory_path() / "beamline-identity-XXXXXX";
    dir = mkdtemp(pattern.data());
    options.data_dir = (dir / "{name}").string();
  }
  ~fixture() { std::filesystem::remove_all(dir); }

  result<program::identity> take() { return take_identity(options, clock, random); }
};

}  // namespace

TEST_CASE("every start of a node has a greater incarnation, also when the clock steps back (D6)") {
  fixture f;
  auto first = f.take();
  REQUIRE(first.ok());
  CHECK(first->name.text() == "event_horizon_1@127.0.0.1");
  auto second = f.take();
  REQUIRE(second.ok());
  CHECK(second->incarnation > first->incarnation);
  f.clock = manual_clock{wall_time{std::chrono::seconds{5}}};
  auto third = f.take();
  REQUIRE(third.ok());
  CHECK(third->incarnation == second->incarnation + 1);
}

TEST_CASE("the data directory is for its owner only") {
  fixture f;
  auto who = f.take();
  REQUIRE(who.ok());
  struct stat s {};
  REQUIRE(::stat(who->data_dir.c_str(), &s) == 0);
  CHECK((s.st_mode & 0777) == 0700);
}

TEST_CASE("a secret that nobody gave is made once and kept; a given one is used as it is") {
  fixture f;
  auto made = f.take();
  REQUIRE(made.ok());
  CHECK(made->is_secret_made);
  CHECK(made->secret.size() >= node_secret_bytes_min);
  CHECK(f.take()->secret == made->secret);
  f.options.secret = "0123456789abcdef0123456789abcdef";
  auto given = f.take();
  CHECK_FALSE(given->is_secret_made);
  CHECK(given->secret == f.options.secret);
}

TEST_CASE("what is wrong with the data directory is said with its path and a remedy") {
  fixture f;
  SUBCASE("a file stands in its place") {
    std::ofstream{f.dir / "event_horizon_1"} << "x";
    auto who = f.take();
    REQUIRE_FALSE(who.ok());
    CHECK(who.error().message.find("event_horizon_1") != std::string::npos);
    CHECK(who.error().message.find("node.data_dir") != std::string::npos);
  }
  SUBCASE("the incarnation is garbage") {
    REQUIRE(f.take().ok());
    std::ofstream{f.dir / "event_horizon_1" / "incarnation"} << "garbage";
    auto who = f.take();
    REQUIRE_FALSE(who.ok());
    CHECK(who.error().code == errc::corrupt);
    CHECK(who.error().message.find("remove it") != std::string::npos);
  }
}
