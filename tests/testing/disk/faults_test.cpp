// Disks that are full, fail, or rot.

#include "ledger.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

using operation = simulated_disk::operation;
using verdict = simulated_disk::verdict;

std::string code_of(const result<void>& r) { return r ? "ok" : std::string{to_string(r.error().code)}; }

result<void> insert_big(store::core& core, std::int64_t id) {
  return store::test::write(core, [id](store::transaction& tx) {
    return tx.execute("INSERT INTO part VALUES ($1, 0, zeroblob(20000))", {id});
  });
}

}  // namespace

TEST_CASE("a full disk says so, loses nothing, and works on when there is space") {
  for_each_seed(20, [](world& w) {
    auto& disk = w.machine_of("a@sim").disk();
    auto l = ledger{w.machine_of("a@sim")};
    l.open();
    REQUIRE(l.write(3));
    disk.set_full(true);
    store::test::check_error(insert_big(l.core(), 1000), errc::io, {"no space left", "free space"});
    CHECK(l.find_fault() == "");
    disk.heal();
    REQUIRE(l.write());
    w.machine_of("a@sim").disk().node_ended(node_end::power_loss);
    l.open();
    CHECK(l.find_fault() == "");
  });
}

TEST_CASE("a full disk opens no new database, and says why") {
  auto w = world{};
  auto& disk = w.machine_of("a@sim").disk();
  auto time = manual_clock{};
  disk.set_full(true);
  auto opened = store::sqlite::open({.path = file, .vfs = disk.vfs(), .busy_timeout = {}}, time);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == errc::io);
  CHECK(opened.error().message.find(file) != std::string::npos);
  disk.set_full(false);
  CHECK(store::sqlite::open({.path = file, .vfs = disk.vfs(), .busy_timeout = {}}, time).ok());
}

TEST_CASE("a disk that fails gives errors, and loses nothing that was acknowledged") {
  int failed = 0;
  int works_at_once = 0;
  for_each_seed(200, [&](world& w) {
    auto& m = w.machine_of("a@sim");
    auto chance = seeded_random{w.derive_seed(99)};
    auto l = ledger{m};
    l.open();
    for (int round = 0; round < 6; ++round) {
      REQUIRE(l.write());
      const bool is_full = chance.below(2) == 0;
      (is_full ? m.disk().set_full(true) : m.disk().set_failing(true));
      for (auto i = chance.below(4); i-- > 0;)
        failed += l.write(1 + static_cast<std::size_t>(chance.below(2))) ? 0 : 1;
      m.disk().heal();
      if (chance.below(2) == 0) {
        REQUIRE(l.write());  // Healed means healed.
        ++works_at_once;
      }
      if (const auto end = chance.below(3); end > 0) {
        m.disk().node_ended(end == 1 ? node_end::crash : node_end::power_loss);
        l.open();
      }
      REQUIRE(l.find_fault() == "");
    }
    l.close();
    REQUIRE(l.quick_check() == "ok");
  });
  CHECK(failed > 500);
  CHECK(works_at_once > 300);
}

TEST_CASE("what a failed sync covered is not durable") {
  int lost = 0;
  for_each_seed(100, [&](world& w) {
    auto& m = w.machine_of("a@sim");
    auto l = ledger{m};
    l.open();
    const auto before = m.disk().syncs();
    m.disk().set_judge(
        [](operation what, std::string_view) { return what == operation::sync ? verdict::fail : verdict::allow; });
    CHECK_FALSE(l.write());
    m.disk().set_judge({});
    CHECK(m.disk().syncs() == before);
    CHECK(m.disk().octets_unsynced() > 0);
    m.disk().node_ended(node_end::power_loss);
    CHECK(m.disk().octets_unsynced() == 0);
    lost += m.disk().sectors_lost() > 0;
  });
  CHECK(lost > 50);
}

TEST_CASE("a judge strikes single operations, by kind and by file") {
  auto w = world{};
  auto& m = w.machine_of("a@sim");
  auto l = ledger{m};
  l.open();
  auto asked = std::set<std::string>{};
  auto strike_at = std::optional<std::pair<operation, verdict>>{};
  m.disk().set_judge([&](operation what, std::string_view name) {
    asked.emplace(name);
    return strike_at && what == strike_at->first && name == std::string{file} + "-wal" ? strike_at->second
                                                                                       : verdict::allow;
  });
  auto insert = [&](std::int64_t id) { return insert_big(l.core(), id); };
  REQUIRE(insert(1).ok());
  strike_at = {operation::write, verdict::fail};
  store::test::check_error(insert(2), errc::io, {std::to_string(SQLITE_IOERR_WRITE)});
  strike_at = {operation::write, verdict::full};
  store::test::check_error(insert(3), errc::io, {"no space left"});
  strike_at = {operation::sync, verdict::fail};
  store::test::check_error(insert(4), errc::io, {std::to_string(SQLITE_IOERR_FSYNC)});
  strike_at = {};
  CHECK(code_of(insert(5)) == "ok");
  l.close();  // Carries the log over and removes it.
  CHECK(asked == std::set<std::string>{file, std::string{file} + "-wal"});
  CHECK(m.disk().files() == std::vector<std::string>{file});
}

TEST_CASE("a flipped bit is found by a check, refused, or harmless, and never brings the program down") {
  int refused = 0;
  int found = 0;
  int harmless = 0;
  int unnoticed = 0;  // SQLite's pages carry no checksums: a changed value looks like any other.
  for_each_seed(300, [&](world& w) {
    auto& m = w.machine_of("a@sim");
    auto l = ledger{m};
    l.open();
    for (int i = 0; i < 8; ++i)
      REQUIRE(l.write());
    if (w.seed() % 2 == 0)
      l.close();  // All is in the database now, else in the log.
    m.disk().node_ended(node_end::power_loss);
    const auto names = m.disk().files();
    REQUIRE(m.disk().rot(names[w.seed() / 2 % names.size()]));
    l.close();
    auto core = l.try_open();
    if (!core) {
      ++refused;
      return;
    }
    core.reset();
    const bool is_sound = l.quick_check() == "ok";
    l.use(l.try_open());
    if (!is_sound || l.find_fault().starts_with("reading failed"))
      ++found;
    else
      ++(l.find_fault().empty() ? harmless : unnoticed);
  });
  CHECK(refused + found > 10);
  CHECK(harmless > 50);
  CHECK(refused + found + harmless + unnoticed == 300);
}

TEST_CASE("there is nothing to rot where nothing is durable") {
  auto w = world{};
  auto& disk = w.machine_of("a@sim").disk();
  CHECK_FALSE(disk.rot("none.db"));
}

TEST_CASE("all files together may not grow beyond the capacity") {
  auto w = world{};
  auto& m = w.machine_of("a@sim");
  auto l = ledger{m};
  l.open();
  m.disk().set_capacity(1'000'000);
  while (l.write()) {}
  store::test::check_error(insert_big(l.core(), 1000), errc::io, {"no space left"});
  std::size_t sum = 0;
  for (const auto& name : m.disk().files())
    sum += m.disk().content(name).size();
  CHECK(sum <= 1'000'000);
  CHECK(sum > 900'000);
  m.disk().set_capacity(2'000'000);
  CHECK(insert_big(l.core(), 1000).ok());
}
