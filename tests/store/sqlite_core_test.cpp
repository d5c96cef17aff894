#include "store/sqlite/core.hpp"

#include "async.hpp"
#include "store/events.hpp"
#include "store/sqlite/connection.hpp"
#include "store/threaded_database.hpp"
#include "support.hpp"

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

struct fixture {
  manual_clock time;
  connections c = open_or_fail({.path = ":memory:"}, time);
  core& on = *c.writer;

  fixture() { REQUIRE(write_sql(on, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT) STRICT").ok()); }
};

database::work insert(int id) {
  return [id](transaction& tx) { return tx.execute("INSERT INTO t (id) VALUES ($1)", {id}); };
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "a statement that makes SQLite give up the whole batch takes down only its own function") {
  REQUIRE(write(on, insert(1)).ok());
  int calls = 0;
  auto outcomes = on.write(std::vector<database::work>{[&](transaction& tx) {
                                                         ++calls;
                                                         return insert(10)(tx);
                                                       },
                                                       [](transaction& tx) -> result<void> {
                                                         (void)tx.execute("INSERT OR ROLLBACK INTO t (id) VALUES (1)");
                                                         // Outside of any transaction this would stay for good.
                                                         return tx.execute("INSERT INTO t (id) VALUES (20)");
                                                       },
                                                       insert(30)});
  CHECK(outcomes[0].ok());
  check_error(outcomes[1], errc::exists, {"UNIQUE"});
  CHECK(outcomes[2].ok());
  CHECK(calls == 2);  // It was run again, in a transaction of its own.
  CHECK(number(on, "SELECT sum(id) FROM t") == 41);
}

TEST_CASE("a full database fails the transaction that needs the space and spares its neighbours") {
  auto dir = temp_dir{};
  auto time = manual_clock{};
  auto c = open_or_fail({.path = dir / "a.db", .size_max = 256 * 1024}, time);
  auto& on = *c.writer;
  REQUIRE(write_sql(on, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)").ok());
  const auto big = std::string(1024 * 1024, 'x');
  int calls = 0;
  auto outcomes = on.write(std::vector<database::work>{
      [&](transaction& tx) {
        ++calls;
        return insert(1)(tx);
      },
      [&](transaction& tx) { return tx.execute("INSERT INTO t VALUES (2, $1)", {big}); }, insert(3)});
  CHECK(outcomes[0].ok());
  check_error(outcomes[1], errc::io, {"a.db", "no space left", "store.size_max", "free space"});
  CHECK(outcomes[2].ok());
  CHECK(calls >= 1);
  CHECK(number(on, "SELECT sum(id) FROM t") == 4);
  CHECK(write(on, insert(5)).ok());
}

TEST_CASE("a full database that stays full loses nothing that was acknowledged") {
  auto dir = temp_dir{};
  auto time = manual_clock{};
  const auto opts = sqlite::open_options{.path = dir / "a.db", .size_max = 128 * 1024};
  std::int64_t acknowledged = 0;
  {
    auto c = open_or_fail(opts, time);
    REQUIRE(write_sql(*c.writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)").ok());
    const auto text = std::string(1000, 'x');
    int refused = 0;
    for (int i = 0; refused < 10; ++i) {
      REQUIRE(i < 1000);
      auto batch = std::vector<database::work>(
          8, [&](transaction& tx) { return tx.execute("INSERT INTO t (text) VALUES ($1)", {text}); });
      for (const auto& outcome : c.writer->write(batch)) {
        acknowledged += outcome ? 1 : 0;
        refused += outcome ? 0 : 1;
      }
    }
  }
  auto c = open_or_fail(opts, time);
  CHECK(acknowledged > 0);
  CHECK(number(*c.writer, "SELECT count(*) FROM t") == acknowledged);
}

TEST_CASE("a file locked by another connection fails the batch, and works again when it is free") {
  auto dir = temp_dir{};
  auto time = manual_clock{};
  auto c = open_or_fail({.path = dir / "a.db", .busy_timeout = 20ms}, time);
  REQUIRE(write_sql(*c.writer, "CREATE TABLE t (id INTEGER PRIMARY KEY)").ok());
  auto other = sqlite::connection::open({(dir / "a.db").string(), {}, {}});  // As a sqlite3 shell would.
  REQUIRE(other.ok());
  REQUIRE((*other)->run_own("BEGIN IMMEDIATE").ok());
  auto outcomes = c.writer->write(std::vector<database::work>{insert(1), insert(2)});
  for (const auto& outcome : outcomes)
    check_error(outcome, errc::unavailable, {"a.db", "locked by another program", "close it"});
  REQUIRE((*other)->run_own("ROLLBACK").ok());
  CHECK(write(*c.writer, insert(3)).ok());
  CHECK(number(*c.writer, "SELECT sum(id) FROM t") == 3);
}

TEST_CASE_FIXTURE(fixture, "an interrupt stops a statement that would run for ever") {
  auto outcome = on.read([this](transaction& tx) {
    bool is_first = true;
    return tx.query(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i IN (1, -1)", {},
        [&](const row&) {
          if (std::exchange(is_first, false))
            on.interrupt();
        });
  });
  check_error(outcome, errc::cancelled, {"closing"});
}

TEST_CASE("trouble with the database is reported once for a batch, refused transactions are not") {
  auto dir = temp_dir{};
  auto time = system_clock{};
  auto events = telemetry{};
  auto db = std::make_unique<threaded_database>(open_or_fail({.path = dir / "a.db", .busy_timeout = 10ms}, time),
                                                job_queue::limits{.queue_max = 100, .batch_max = 100}, events, time);
  REQUIRE(transact_blocking(*db, [](transaction& tx) {
            return tx.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)");
          }).ok());
  auto reports = std::vector<std::string>{};
  auto failed = std::uint64_t{0};
  auto h = events.attach<store_error>([&](const store_error& e) {
    reports.push_back(std::string{e.operation} + ": " + std::string{to_string(e.code)});
  });
  auto h2 = events.attach<commit_done>([&](const commit_done& e) { failed += e.failed; });
  REQUIRE(transact_blocking(*db, insert(1)).ok());
  CHECK_FALSE(transact_blocking(*db, insert(1)).ok());
  CHECK(reports.empty());
  auto release = block_writer(*db);
  auto done = outcomes{};
  for (int id = 10; id < 15; ++id)
    db->transact(insert(id), done.next(id));
  auto shell = result<std::unique_ptr<sqlite::connection>>{error{}};
  // The lock is taken after the blocked batch has committed and before the next one begins.
  auto h3 = events.attach<commit_done>([&](const commit_done&) {
    if (shell.ok())
      return;
    shell = sqlite::connection::open({(dir / "a.db").string(), {}, {}});
    REQUIRE(shell.ok());
    REQUIRE((*shell)->run_own("BEGIN IMMEDIATE").ok());
  });
  release->open();
  done.wait_for(5);
  CHECK(done.codes() == std::vector<std::string>(5, "unavailable"));
  REQUIRE((*shell)->run_own("ROLLBACK").ok());
  REQUIRE(transact_blocking(*db, insert(2)).ok());
  CHECK(reports == std::vector<std::string>{"transact: unavailable"});
  CHECK(failed == 6);
}
