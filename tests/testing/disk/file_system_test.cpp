#include "testing/disk/file_system.hpp"

#include <map>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

void put(disk_file& f, std::string_view text) { f.data.write(0, std::as_bytes(std::span{text})); }

std::string text(const file_system& files, std::string_view name) {
  auto f = files.find(name);
  if (!f)
    return "(none)";
  const auto& octets = f->data.content();
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// What is left under a name after a loss of power, and in how many of 400 runs.
template <class F>
std::map<std::string, int> outcomes(F story, std::string_view name = "a") {
  std::map<std::string, int> counts;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    auto files = file_system{};
    story(files);
    auto chance = seeded_random{seed};
    files.lose_power(chance);
    ++counts[text(files, name)];
  }
  return counts;
}

void make(file_system& files, std::string_view name, std::string_view content) {
  auto f = files.create(name);
  put(*f, content);
  files.sync(*f);
}

}  // namespace

TEST_CASE("a file that was never synced may be gone") {
  auto left = outcomes([](file_system& files) { put(*files.create("a"), "x"); });
  CHECK(left["(none)"] > 100);
  CHECK(left[""] > 20);
  CHECK(left["x"] > 20);
  CHECK(left[std::string(1, '\0')] > 5);  // Its length arrived, what was in it did not.
  CHECK(left.size() == 4);
}

TEST_CASE("a synced file stays, a synced directory keeps even empty ones") {
  CHECK(outcomes([](file_system& files) { make(files, "a", "x"); }) == std::map<std::string, int>{{"x", 400}});
  auto left = outcomes([](file_system& files) {
    files.create("a");
    files.sync_directory();
  });
  CHECK(left == std::map<std::string, int>{{"", 400}});
}

TEST_CASE("a removed file may be back, unless the directory was synced") {
  auto remove = [](file_system& files) {
    make(files, "a", "x");
    CHECK(files.remove("a"));
    CHECK_FALSE(files.remove("a"));
    CHECK(files.names().empty());
  };
  auto left = outcomes(remove);
  CHECK(left["x"] > 100);
  CHECK(left["(none)"] > 100);
  left = outcomes([&](file_system& files) {
    remove(files);
    files.sync_directory();
  });
  CHECK(left == std::map<std::string, int>{{"(none)", 400}});
}

TEST_CASE("a new file under an old name is the old one, none or the new one") {
  auto replace = [](file_system& files) {
    make(files, "a", "old");
    files.remove("a");
    put(*files.create("a"), "new");
  };
  auto left = outcomes(replace);
  CHECK(left["old"] > 50);
  CHECK(left["(none)"] > 50);
  CHECK(left["new"] > 20);
  left = outcomes([&](file_system& files) {
    replace(files);
    files.sync(*files.find("a"));
  });
  CHECK(left == std::map<std::string, int>{{"new", 400}});
}

TEST_CASE("names have fates of their own, and one sector at most is torn") {
  std::map<std::string, int> pairs;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    auto files = file_system{};
    for (auto name : {"a", "b"}) {
      make(files, name, std::string(5000, '-'));
      put(*files.find(name), std::string(5000, '+'));
      files.remove(name);
    }
    auto chance = seeded_random{seed};
    auto lost = files.lose_power(chance);
    ++pairs[(files.find("a") ? "a" : "") + std::string{files.find("b") ? "b" : ""}];
    int torn = 0;
    for (const auto& name : files.names())
      for (std::size_t at = 0; at < 5000; at += stored_file::sector_bytes) {
        const auto part = text(files, name).substr(at, stored_file::sector_bytes);
        torn += part.find_first_not_of(part.front()) != std::string::npos;
      }
    CHECK(torn == lost.sectors.is_torn);
  }
  CHECK(pairs.size() == 4);
}

TEST_CASE("a name that changes often without a sync forgets its oldest states") {
  auto files = file_system{};
  make(files, "a", "first");
  for (int i = 0; i < 100; ++i) {
    files.remove("a");
    files.create("a");
  }
  CHECK(files.octets() == 0);
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    auto again = files;  // Shares the files, which are all empty.
    auto chance = seeded_random{seed};
    again.lose_power(chance);
    CHECK(text(again, "a") != "first");
  }
}
