#include "testing/disk/stored_file.hpp"

#include <algorithm>
#include <bit>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

constexpr auto sector = stored_file::sector_bytes;

void put(stored_file& f, std::uint64_t at, std::string_view text) { f.write(at, std::as_bytes(std::span{text})); }
void fill(stored_file& f, std::uint64_t at, std::size_t count, char c) { put(f, at, std::string(count, c)); }

std::string text(const stored_file& f) {
  const auto& octets = f.content();
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

stored_file::loss lose(stored_file& f, seeded_random& chance, bool may_tear = false) {
  auto torn = std::optional<std::uint64_t>{};
  if (may_tear)
    torn = chance.below(6);
  return f.lose_power(chance, torn);
}

}  // namespace

TEST_CASE("a file reads as it was written, gaps and what lies beyond its end are zeros") {
  auto f = stored_file{};
  put(f, 3, "abc");
  put(f, 4, "XYZ");
  CHECK(text(f) == std::string{"\0\0\0aXYZ", 7});
  auto out = std::array<std::byte, 4>{};
  CHECK(f.read(5, out) == 2);
  CHECK(out == std::array{std::byte{'Y'}, std::byte{'Z'}, std::byte{}, std::byte{}});
  CHECK(f.read(100, out) == 0);
  f.resize(4);
  f.resize(6);
  CHECK(text(f) == std::string{"\0\0\0a\0\0", 6});
}

TEST_CASE("what was synced survives, whatever is lost of the rest") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    auto chance = seeded_random{seed};
    auto f = stored_file{};
    fill(f, 0, 10 * sector, 'a');
    f.sync();
    const auto at = chance.below(9 * sector);
    fill(f, at, 700, 'b');
    auto loss = lose(f, chance, true);
    CHECK(loss.pieces >= 2);
    CHECK(f.octets_unsynced() == 0);
    const auto now = text(f);
    CHECK(now.find_first_of('b') >= at);
    CHECK((now.find_last_of('b') == std::string::npos || now.find_last_of('b') < at + 700));
    CHECK(now.size() <= std::max<std::size_t>(10 * sector, at + 700));
    CHECK(now.size() >= 10 * sector);
  }
}

TEST_CASE("sectors survive out of order, in order, all, none, and one may be torn") {
  std::set<std::string> seen;
  int torn = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    auto chance = seeded_random{seed};
    auto f = stored_file{};
    fill(f, 0, 3 * sector, '-');
    f.sync();
    for (std::size_t i = 0; i < 3; ++i)
      fill(f, i * sector, sector, '+');
    const bool is_torn = lose(f, chance, true).is_torn;
    torn += is_torn;
    auto shape = std::string{};
    int mixed = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto part = text(f).substr(i * sector, sector);
      const auto has_new = part.find('+') != std::string::npos;
      const auto has_old = part.find('-') != std::string::npos;
      shape += has_new && has_old ? '?' : has_new ? '+' : '-';
      mixed += has_new && has_old;
    }
    CHECK(mixed == is_torn);
    seen.insert(shape);
  }
  for (auto shape : {"+++", "---", "+--", "++-", "--+", "-+-", "?--", "+?-"})
    CHECK_MESSAGE(seen.contains(shape), std::string{shape});
  CHECK(torn > 50);
}

TEST_CASE("of a sector that was written several times any version may survive, never a mixture without a tear") {
  std::set<char> seen;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    auto chance = seeded_random{seed};
    auto f = stored_file{};
    fill(f, 0, sector, '0');
    f.sync();
    for (char c : {'1', '2', '3'})
      fill(f, 0, sector, c);
    lose(f, chance);
    CHECK(text(f) == std::string(sector, text(f).front()));
    seen.insert(text(f).front());
  }
  CHECK(seen == std::set{'0', '1', '2', '3'});
}

TEST_CASE("octets beside what was written are never harmed") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    auto chance = seeded_random{seed};
    auto f = stored_file{};
    fill(f, 0, sector, 'a');
    f.sync();
    fill(f, 100, 50, 'b');
    lose(f, chance, true);
    CHECK(text(f).substr(0, 100) == std::string(100, 'a'));
    CHECK(text(f).substr(150) == std::string(sector - 150, 'a'));
  }
}

TEST_CASE("truncation and growth are durable after a sync only") {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    auto chance = seeded_random{seed};
    auto f = stored_file{};
    fill(f, 0, 4 * sector, 'a');
    f.sync();
    f.resize(sector);
    fill(f, sector, 2 * sector, 'b');
    lose(f, chance);
    sizes.insert(f.size());
    CHECK(text(f).substr(0, sector) == std::string(sector, 'a'));
    if (f.size() == 4 * sector)  // The truncation did not survive: what was there is, unless it was overwritten.
      CHECK(text(f).substr(3 * sector).find_first_not_of(std::string_view{"a\0", 2}) == std::string::npos);
    f.resize(0);
    f.sync();
    lose(f, chance, true);
    CHECK(f.size() == 0);
  }
  CHECK(sizes == std::set<std::size_t>{sector, 3 * sector, 4 * sector});
}

TEST_CASE("random changes agree with a simple model, and losing power gives only what some order allows") {
  // Model: the file after each change since the last sync, and per octet every value it had since, a bit for each.
  int told = 0;
  int none = 0;
  int all = 0;
  int in_order = 0;
  auto bit = [](char c) { return std::uint64_t{1} << (c == '\0' ? 0 : c - 'A' + 1); };
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    auto chance = seeded_random{seed};
    auto f = stored_file{};
    auto now = std::string{};
    auto could_be = std::vector<std::uint64_t>(8 * sector, bit('\0'));
    auto versions = std::vector{now};
    for (char c = 'A'; c < 'A' + 40; ++c) {
      const auto what = chance.below(10);
      if (what == 0) {
        f.sync();
        could_be.assign(8 * sector, 0);
        versions.clear();
      } else if (what == 1) {
        now.resize(chance.below(7 * sector));
        f.resize(now.size());
      } else {
        const auto at = chance.below(6 * sector);
        const auto count = 1 + chance.below(2 * sector);
        now.resize(std::max<std::size_t>(now.size(), at + count));
        now.replace(at, count, count, c);
        fill(f, at, count, c);
      }
      REQUIRE(text(f) == now);
      versions.push_back(now);
      for (std::size_t at = 0; at < could_be.size(); ++at)
        could_be[at] |= bit(at < now.size() ? now[at] : '\0');
    }
    lose(f, chance);
    const auto left = text(f);
    int impossible = 0;
    for (std::size_t at = 0; at < left.size(); ++at)
      impossible += (could_be[at] & bit(left[at])) == 0;
    CHECK(impossible == 0);
    if (versions.size() < 8)
      continue;  // Too little was under way to tell one from the other.
    ++told;
    none += left == versions.front();
    all += left == versions.back();
    in_order += std::find(versions.begin(), versions.end(), left) != versions.end();
  }
  CHECK(told > 80);
  CHECK(none > told / 8);
  CHECK(all > told / 8);
  CHECK(in_order > told / 2);
}

TEST_CASE("what is never synced does not grow without end: the oldest changes become durable") {
  // Four areas with letters of their own, written in turn.
  constexpr std::size_t area = 4096;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    auto chance = seeded_random{seed};
    auto f = stored_file{};
    for (std::size_t i = 0; i < 3000; ++i)
      fill(f, i % 4 * area, area, static_cast<char>(i % 4 * 32 + i / 100));
    CHECK(f.octets_unsynced() <= stored_file::undo_bytes_max + area);
    lose(f, chance);
    REQUIRE(f.size() == 4 * area);
    for (std::size_t at = 0; at < 4 * area; at += sector) {
      const auto part = text(f).substr(at, sector);
      CHECK(part == std::string(sector, part.front()));
      CHECK(static_cast<std::size_t>(part.front()) / 32 == at / area);
      CHECK(part.front() % 32 > 5);  // Not one of the oldest.
    }
  }
  auto f = stored_file{};
  for (std::size_t i = 0; i < 2 * stored_file::changes_max; ++i)
    fill(f, i % 100, 1, 'x');
  CHECK(f.octets_unsynced() <= stored_file::changes_max);
}

TEST_CASE("rot flips one bit of what is durable") {
  auto chance = seeded_random{1};
  auto f = stored_file{};
  CHECK_FALSE(f.flip_bit(chance));
  fill(f, 0, 100, 'a');
  CHECK_FALSE(f.flip_bit(chance));
  f.sync();
  fill(f, 50, 100, 'b');
  for (int i = 0; i < 20; ++i) {
    const auto before = text(f);
    REQUIRE(f.flip_bit(chance));
    auto bits = 0;
    for (std::size_t at = 0; at < before.size(); ++at) {
      const auto changed = std::popcount(static_cast<unsigned char>(before[at] ^ text(f)[at]));
      bits += changed;
      CHECK((changed == 0 || at < 50));
    }
    CHECK(bits == 1);
  }
}
