// Equal seeds, equal runs: whatever else the process does.

#include "ledger.hpp"

#include <thread>

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

struct outcome {
  std::uint64_t hash = 0;
  std::map<std::string, std::vector<std::byte>> files;
  std::uint64_t lost = 0;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// Some lives with faults of all kinds. `between` is called between its steps.
outcome live(
    std::uint64_t seed, const std::function<void()>& between = [] {}) {
  auto w = world{seed};
  auto& m = w.machine_of("a@sim");
  auto chance = seeded_random{w.derive_seed(99)};
  auto l = ledger{m};
  for (int life = 0; life < 4; ++life) {
    between();
    l.open();
    for (auto i = 1 + chance.below(6); i-- > 0;) {
      const auto mishap = chance.below(4);
      m.disk().set_full(mishap == 1);
      m.disk().set_failing(mishap == 2);
      (void)l.write(1 + static_cast<std::size_t>(chance.below(3)));
      between();
    }
    m.disk().heal();
    auto fatal = strike{m, 1 + chance.below(4), chance.below(2) == 0 ? node_end::crash : node_end::power_loss};
    (void)l.write();
    l.close();
  }
  m.disk().node_ended(node_end::power_loss);
  l.open();
  REQUIRE(l.find_fault() == "");
  l.close();
  auto result = outcome{w.trace_hash(), {}, m.disk().sectors_lost()};
  for (const auto& name : m.disk().files())
    result.files[name] = m.disk().content(name);
  return result;
}

}  // namespace

TEST_CASE("the same seed gives the same hash and the same files, another seed another") {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto first = live(seed);
    CHECK(live(seed) == first);
    hashes.insert(first.hash);
  }
  CHECK(hashes.size() == 30);
}

TEST_CASE("even SQLite's own random numbers are those of the seed while one world runs alone") {
  auto log_of = [](std::uint64_t seed) {
    auto w = world{seed};
    auto l = ledger{w.machine_of("a@sim")};
    l.open();
    REQUIRE(l.write());
    return w.machine_of("a@sim").disk().content("a.db-wal");
  };
  CHECK(log_of(1).size() > 1000);
  CHECK(log_of(1) == log_of(1));
  CHECK(log_of(1) != log_of(2));
}

TEST_CASE("where things lie in memory makes no difference") {
  auto junk = std::vector<std::unique_ptr<char[]>>{};
  auto chance = seeded_random{5};
  auto shuffle = [&] {
    for (int i = 0; i < 50; ++i)
      junk.push_back(std::make_unique<char[]>(1 + chance.below(9000)));
    for (auto& j : junk)
      if (chance.below(2) == 0)
        j.reset();
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    CHECK(live(seed, shuffle) == live(seed));
}

TEST_CASE("another world in between, or other uses of SQLite, change nothing") {
  auto other = std::uint64_t{1000};
  auto meddle = [&] {
    char octets[7];
    sqlite3_randomness(sizeof octets, octets);
    if (other % 5 == 0)
      (void)live(other);
    ++other;
  };
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto meddled = live(seed, meddle);
    const auto alone = live(seed);
    CHECK(meddled.hash == alone.hash);
    CHECK(meddled.files == alone.files);  // All was carried over: no log with SQLite's own random numbers is left.
  }
}

TEST_CASE("worlds on several threads do not disturb each other") {
  constexpr std::size_t count = 12;
  auto together = std::vector<std::uint64_t>(count);
  {
    auto threads = std::vector<std::thread>{};
    for (std::size_t t = 0; t < 4; ++t)
      threads.emplace_back([&together, t] {
        for (auto seed = t; seed < count; seed += 4)
          together[seed] = live(seed).hash;
      });
    for (auto& t : threads)
      t.join();
  }
  for (std::size_t seed = 0; seed < count; ++seed)
    CHECK(together[seed] == live(seed).hash);
}
