// Connections of a run that is over, and more than one connection on one disk.

#include "ledger.hpp"
#include "testing/simulated_node.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

struct raw {
  explicit raw(machine& m, const char* name = file) {
    code = sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, m.disk().vfs().c_str());
  }
  ~raw() { sqlite3_close(db); }
  raw(const raw&) = delete;
  raw& operator=(const raw&) = delete;

  int run(const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }
  std::string text(const char* sql) {
    std::string out;
    auto take = [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) = values[0];
      return 0;
    };
    sqlite3_exec(db, sql, take, &out, nullptr);
    return out;
  }

  sqlite3* db = nullptr;
  int code;
};

std::map<std::string, std::vector<std::byte>> everything(const simulated_disk& disk) {
  std::map<std::string, std::vector<std::byte>> all;
  for (const auto& name : disk.files())
    all[name] = disk.content(name);
  return all;
}

}  // namespace

TEST_CASE("what a run has left open does nothing once it is over, however it is used or destroyed") {
  for (auto how : {node_end::crash, node_end::power_loss, node_end::stop}) {
    auto w = world{};
    auto& m = w.machine_of("a@sim");
    auto l = ledger{m};
    l.open();
    REQUIRE(l.write(5));
    auto journalled = raw{m, "b.db"};
    REQUIRE(journalled.run("CREATE TABLE t (x)") == SQLITE_OK);
    auto in_the_middle = raw{m, "b.db"};
    REQUIRE(in_the_middle.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)") == SQLITE_OK);
    m.disk().node_ended(how);

    auto old = l.take();
    l.open();
    auto again = raw{m, "b.db"};
    REQUIRE(again.run("INSERT INTO t VALUES (2)") == SQLITE_OK);
    const auto before = everything(m.disk());
    const auto hash = w.trace_hash();
    CHECK_FALSE(store::test::write_sql(*old, "DELETE FROM part").ok());
    CHECK_FALSE(old->read([](store::transaction& tx) { return tx.execute("SELECT * FROM total"); }).ok());
    old.reset();
    CHECK(in_the_middle.run("COMMIT") != SQLITE_OK);
    (void)in_the_middle.run("ROLLBACK");  // SQLite may have done so by itself.
    CHECK(journalled.run("INSERT INTO t VALUES (3)") != SQLITE_OK);
    CHECK(journalled.run("ATTACH 'c.db' AS c; CREATE TABLE c.t (x)") != SQLITE_OK);
    CHECK(everything(m.disk()) == before);
    CHECK(w.trace_hash() == hash);
    CHECK(l.write());  // Its locks are gone, too.
    CHECK(again.text("SELECT group_concat(x) FROM t") == "2");
  }
}

TEST_CASE("connections may outlive their world") {
  auto outlives = std::unique_ptr<store::core>{};
  {
    auto w = world{};
    auto l = ledger{w.machine_of("a@sim")};
    l.open();
    REQUIRE(l.write());
    outlives = l.take();
  }
  CHECK_FALSE(store::test::write_sql(*outlives, "DELETE FROM part").ok());
  outlives.reset();
}

TEST_CASE("every run has a name of its own, and the name of one that is over leads nowhere") {
  auto w = world{};
  auto& a = w.machine_of("a@sim").disk();
  auto& b = w.machine_of("b@sim").disk();
  const auto first = a.vfs();
  CHECK(a.vfs() == first);
  CHECK(b.vfs() != first);
  CHECK(sqlite3_vfs_find(first.c_str()) != nullptr);
  a.node_ended(node_end::crash);
  CHECK(sqlite3_vfs_find(first.c_str()) == nullptr);
}

TEST_CASE("machines share no files") {
  auto w = world{};
  auto l = ledger{w.machine_of("a@sim")};
  l.open();
  CHECK(w.machine_of("b@sim").disk().files().empty());
  CHECK(w.machine_of("a@sim").disk().files().size() == 2);
}

TEST_CASE("connections of one run keep out of each other's way") {
  auto w = world{};
  auto& m = w.machine_of("a@sim");
  for (auto mode : {"PRAGMA journal_mode = DELETE", "PRAGMA journal_mode = WAL"}) {
    CAPTURE(mode);
    auto one = raw{m};
    auto two = raw{m};
    REQUIRE(one.run(mode) == SQLITE_OK);
    REQUIRE(one.run("CREATE TABLE IF NOT EXISTS t (x); DELETE FROM t; INSERT INTO t VALUES (1)") == SQLITE_OK);
    REQUIRE(one.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)") == SQLITE_OK);
    CHECK(two.run("BEGIN IMMEDIATE") == SQLITE_BUSY);
    CHECK(two.text("SELECT count(*) FROM t") == "1");
    REQUIRE(two.run("BEGIN; SELECT * FROM t") == SQLITE_OK);
    const bool is_wal = std::string_view{mode}.ends_with("WAL");
    // In the old mode a writer waits for the readers, with a log it does not, and they keep what they saw.
    CHECK(one.run("COMMIT") == (is_wal ? SQLITE_OK : SQLITE_BUSY));
    CHECK(two.text("SELECT count(*) FROM t") == "1");
    CHECK(two.run("COMMIT") == SQLITE_OK);
    if (!is_wal)
      CHECK(one.run("COMMIT") == SQLITE_OK);
    CHECK(two.text("SELECT count(*) FROM t") == "2");
    CHECK(two.run("DELETE FROM t") == SQLITE_OK);
  }
}

TEST_CASE("waiting for a lock ends, and takes no time") {
  auto w = world{};
  auto& m = w.machine_of("a@sim");
  auto one = raw{m};
  auto two = raw{m};
  REQUIRE(one.run("CREATE TABLE t (x)") == SQLITE_OK);
  sqlite3_busy_timeout(two.db, 3'600'000);
  REQUIRE(one.run("BEGIN IMMEDIATE") == SQLITE_OK);
  const auto before = w.now();
  CHECK(two.run("BEGIN IMMEDIATE") == SQLITE_BUSY);
  CHECK(w.now() == before);
}

TEST_CASE("SQLite reads the calendar of its node") {
  auto w = world{};
  auto& n = w.start_node("a@sim");
  auto r = raw{n.on()};
  auto expected = [&] {
    return std::to_string(
        std::chrono::floor<std::chrono::seconds>(n.env().time().wall_now()).time_since_epoch().count());
  };
  CHECK(r.text("SELECT unixepoch('now')") == expected());
  w.advance(90s);
  CHECK(r.text("SELECT unixepoch('now')") == expected());
  n.on().step_clock(-1h);
  CHECK(r.text("SELECT unixepoch('now')") == expected());
}
