// What survives when a node ends, at every moment of what it does to its disk.

#include "ledger.hpp"
#include "store/sqlite/connection.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

/// Runs one life of a machine after another on one disk; each ends in the middle of an operation that the seed chooses.
void live_and_die(world& w, const std::function<node_end(seeded_random&)>& choose_end) {
  auto& m = w.machine_of("a@sim");
  auto chance = seeded_random{w.derive_seed(99)};
  auto l = ledger{m};
  for (int life = 0; life < 4; ++life) {
    {
      const auto how = choose_end(chance);
      const auto at = 1 + chance.below(life == 0 ? 60 : 90);
      auto fatal = strike{m, at, how};
      if (auto core = l.try_open()) {
        l.use(std::move(core));
        if (l.migrate())
          while (l.write(1 + static_cast<std::size_t>(chance.below(3)))) {}
      }
      REQUIRE(fatal.operations() >= at);
      l.close();
    }
    l.open();
    REQUIRE(l.find_fault() == "");
    l.close();
    REQUIRE(l.quick_check() == "ok");
  }
}

std::unique_ptr<store::sqlite::connection> open_careful(machine& m) {
  auto c = store::sqlite::connection::open({.path = file, .vfs = m.disk().vfs(), .busy_timeout = {}});
  REQUIRE(c.ok());
  REQUIRE((*c)->run_own("PRAGMA journal_mode = WAL").ok());
  return std::move(*c);
}

/// A connection that does not wait for the disk, as no node may have one.
std::unique_ptr<store::sqlite::connection> open_careless(machine& m) {
  auto c = open_careful(m);
  REQUIRE(c->run_own("PRAGMA synchronous = OFF").ok());
  return c;
}

}  // namespace

TEST_CASE("after a loss of power every acknowledged transaction is there, and no half of one") {
  std::uint64_t lost = 0;
  std::uint64_t torn = 0;
  for_each_seed(200, [&](world& w) {
    live_and_die(w, [](seeded_random&) { return node_end::power_loss; });
    lost += w.machine_of("a@sim").disk().sectors_lost();
    torn += w.machine_of("a@sim").disk().sectors_torn();
  });
  // It was not for lack of trying.
  CHECK(lost > 5000);
  CHECK(torn > 100);
}

TEST_CASE("crashes of the process and losses of power may follow each other in any order") {
  for_each_seed(200, [&](world& w) {
    live_and_die(w,
                 [](seeded_random& chance) { return chance.below(2) == 0 ? node_end::crash : node_end::power_loss; });
  });
}

TEST_CASE("the end may come at each operation of the first start, of a commit and of a checkpoint") {
  for (auto how : {node_end::crash, node_end::power_loss}) {
    // Round 0 strikes nothing and counts.
    std::uint64_t all = 0;
    for (std::uint64_t k = 0; k <= all; ++k) {
      CAPTURE(k);
      auto w = world{k + 1};
      auto& m = w.machine_of("a@sim");
      auto l = ledger{m};
      {
        auto fatal = strike{m, k, how};
        if (auto core = l.try_open()) {
          l.use(std::move(core));
          if (l.migrate() && l.write(2))
            l.write(1);
        }
        l.close();  // In order: SQLite carries its log over.
        all = std::max(all, fatal.operations());
      }
      l.open();
      REQUIRE(l.find_fault() == "");
      l.close();
      REQUIRE(l.quick_check() == "ok");
    }
    CHECK(all > 40);
  }
}

TEST_CASE("a crash of the process loses nothing that was written, even if nobody waited for the disk") {
  for_each_seed(50, [](world& w) {
    auto& m = w.machine_of("a@sim");
    auto c = open_careless(m);
    REQUIRE(c->run_own("CREATE TABLE t (id INTEGER PRIMARY KEY)").ok());
    for (int id = 0; id < 10; ++id)
      REQUIRE(c->run_own("INSERT INTO t VALUES ($1)", {id}).ok());
    m.disk().node_ended(node_end::crash);
    c = open_careless(m);
    std::int64_t count = 0;
    REQUIRE(
        c->run_own("SELECT count(*) FROM t", {}, [&](const store::row& r) { count = r.get<std::int64_t>(0); }).ok());
    CHECK(count == 10);
  });
}

TEST_CASE("a program that does not wait for the disk loses what it acknowledged when power fails") {
  int losers = 0;
  int keepers = 0;
  for_each_seed(200, [&](world& w) {
    auto& m = w.machine_of("a@sim");
    auto c = open_careless(m);
    REQUIRE(c->run_own("CREATE TABLE t (id INTEGER PRIMARY KEY)").ok());
    for (int id = 0; id < 10; ++id)
      REQUIRE(c->run_own("INSERT INTO t VALUES ($1)", {id}).ok());
    m.disk().node_ended(node_end::power_loss);
    c = open_careless(m);
    std::int64_t count = 0;
    (void)c->run_own("SELECT count(*) FROM t", {}, [&](const store::row& r) { count = r.get<std::int64_t>(0); });
    ++(count == 10 ? keepers : losers);
  });
  CHECK(losers > 50);
  CHECK(keepers > 10);
}

TEST_CASE("what is read after a crash of the process stays when the power goes") {
  // SQLite itself recovers a log without syncing it: sqlite::open does.
  for_each_seed(100, [](world& w) {
    auto& m = w.machine_of("a@sim");
    auto count = [&](store::core& core) { return store::test::number(core, "SELECT count(DISTINCT id) FROM part"); };
    auto l = ledger{m};
    l.open();
    REQUIRE(l.write());
    m.disk().set_judge([&](simulated_disk::operation what, std::string_view) {
      if (what == simulated_disk::operation::sync)
        m.disk().node_ended(node_end::crash);
      return simulated_disk::verdict::allow;
    });
    CHECK_FALSE(l.write());
    m.disk().set_judge({});
    l.open();
    CHECK(count(l.core()) == 2);
    m.disk().node_ended(node_end::power_loss);
    l.open();
    CHECK(count(l.core()) == 2);
    REQUIRE(l.find_fault() == "");
  });
}

TEST_CASE("a store survives that its machine is started again") {
  for_each_seed(50, [](world& w) {
    auto l = ledger{w.machine_of("a@sim")};
    for (auto how : {node_end::crash, node_end::power_loss, node_end::stop, node_end::crash}) {
      auto& n = w.start_node("a@sim");
      l.open();
      REQUIRE(l.find_fault() == "");
      REQUIRE(l.write(2));
      w.end_node(n, how);
      CHECK_FALSE(l.write());
      l.close();
    }
    CHECK(l.acknowledged() == 8);
  });
}
