#include "store/postgres/core.hpp"

#include "back_end.hpp"
#include "store/events.hpp"
#include "store/postgres/open.hpp"
#include "store/threaded_database.hpp"
#include "support/throwaway_postgres.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

// What PostgreSQL has and SQLite has not: other nodes and other programs that write at the same time.

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

/// A session as other programs have one.
std::unique_ptr<postgres::session> shell(const test_database& database) {
  auto made = postgres::session::connect(
      {postgres::address::parse(database.options().database_url).value(), {"shell", 5s}, 10s});
  INFO((made ? std::string{} : made.error().message));
  REQUIRE(made.ok());
  return std::move(*made);
}

struct fixture : one_core {
  std::unique_ptr<postgres::session> other = shell(database);

  fixture() { REQUIRE(write_sql(on, "CREATE TABLE t (id INTEGER PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)").ok()); }

  void run(std::string_view sql) {
    auto done = other->run_own(sql);
    INFO((done ? std::string{} : done.error().message));
    REQUIRE(done.ok());
  }
  /// Waits until that many sessions wait for a lock.
  void await_waiting(std::int64_t sessions) {
    for (int i = 0; i < 100'000; ++i) {
      std::int64_t n = 0;
      REQUIRE(other
                  ->run_own("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event_type = 'Lock'",
                            [&](const row& r) { n = r.get<std::int64_t>(0); })
                  .ok());
      if (n >= sessions)
        return;
    }
    FAIL("nobody waits for a lock");
  }
};

database::work insert(int id) {
  return [id](transaction& tx) { return tx.execute("INSERT INTO t (id) VALUES ($1)", {id}); };
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "a transaction that others got in the way of is run again, with the rest of its batch") {
  // A sequence is not rolled back: the first two attempts fail.
  REQUIRE(write_sql(on, "CREATE SEQUENCE attempts").ok());
  REQUIRE(write_sql(on, "CREATE FUNCTION trouble() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN "
                        "IF nextval('attempts') < 3 THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END IF; "
                        "RETURN 7; END $$")
              .ok());
  int calls = 0;
  auto outcomes = on.write(std::vector<database::work>{insert(1),
                                                       [&](transaction& tx) {
                                                         ++calls;
                                                         return tx.execute("INSERT INTO t (id) VALUES (trouble())");
                                                       },
                                                       insert(2)});
  for (const auto& o : outcomes)
    CHECK(o.ok());
  CHECK(calls == 3);
  CHECK(number(on, "SELECT sum(id) FROM t") == 10);
}

TEST_CASE_FIXTURE(fixture, "repeating has an end, and takes down nobody else in the batch") {
  REQUIRE(write_sql(on, "CREATE FUNCTION trouble() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN "
                        "RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END $$")
              .ok());
  int calls = 0;
  auto outcomes = on.write(std::vector<database::work>{insert(1),
                                                       [&](transaction& tx) {
                                                         ++calls;
                                                         return tx.execute("INSERT INTO t (id) VALUES (trouble())");
                                                       },
                                                       insert(2)});
  CHECK(outcomes[0].ok());
  check_error(outcomes[1], errc::busy, {"given up after 4 attempts", "nothing happened", "try again later"});
  CHECK(outcomes[2].ok());
  CHECK(calls == 2 * postgres::attempts_max);
  CHECK(number(on, "SELECT sum(id) FROM t") == 3);
}

TEST_CASE_FIXTURE(fixture, "a deadlock with another program is survived") {
  REQUIRE(write_sql(on, "INSERT INTO t (id) VALUES (1), (2)").ok());
  run("SET deadlock_timeout = '1min'");  // So that it is our side that is chosen.
  run("BEGIN; UPDATE t SET n = n + 10 WHERE id = 1");
  auto blocked = std::thread{};
  int calls = 0;
  auto outcome = write(on, [&](transaction& tx) -> result<void> {
    ++calls;
    if (auto done = tx.execute("UPDATE t SET n = n + 1 WHERE id = 2"); !done)
      return done;
    if (calls == 1) {
      blocked = std::thread{[&] { run("UPDATE t SET n = n + 10 WHERE id = 2; COMMIT"); }};
      auto watch = shell(database);
      std::int64_t waiting = 0;
      while (waiting == 0)
        REQUIRE(watch
                    ->run_own("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                              "wait_event_type = 'Lock'",
                              [&](const row& r) { waiting = r.get<std::int64_t>(0); })
                    .ok());
    }
    return tx.execute("UPDATE t SET n = n + 1 WHERE id = 1");
  });
  blocked.join();
  INFO((outcome ? std::string{} : outcome.error().message));
  CHECK(outcome.ok());
  // The second attempt may lock row 2 before the other one wakes up: that is a deadlock again.
  CHECK(calls >= 2);
  CHECK(calls <= postgres::attempts_max);
  CHECK(number(on, "SELECT min(n) FROM t") == 11);
  CHECK(number(on, "SELECT max(n) FROM t") == 11);
}

TEST_CASE_FIXTURE(fixture, "nodes that share the database write one after the other, and lose nothing") {
  REQUIRE(write_sql(on, "INSERT INTO t (id) VALUES (1)").ok());
  constexpr int nodes = 3, batches = 30;
  auto failed = std::atomic<int>{0};
  auto all = std::vector<std::thread>{};
  for (int i = 0; i < nodes; ++i)
    all.emplace_back([&, i] {
      auto mine = telemetry{};
      auto opened = postgres::open({.url = database.options().database_url}, mine, time);
      if (!opened) {
        failed += 1000;
        return;
      }
      // Reads first and writes then what it has read: wrong unless writers take turns.
      const auto raise = [](transaction& tx) -> result<void> {
        auto n = tx.select_one<std::int64_t>("SELECT n FROM t WHERE id = 1");
        if (!n)
          return n.error();
        return tx.execute("UPDATE t SET n = $1 WHERE id = 1", {std::get<0>(n->value()) + 1});
      };
      const auto add = [i](int b) { return insert(100 + i * batches + b); };
      for (int b = 0; b < batches; ++b)
        for (const auto& o : opened->writer->write(std::vector<database::work>{raise, add(b), raise}))
          failed += o ? 0 : 1;
    });
  for (auto& t : all)
    t.join();
  CHECK(failed.load() == 0);
  CHECK(number(on, "SELECT n FROM t WHERE id = 1") == nodes * batches * 2);
  CHECK(number(on, "SELECT count(*) FROM t") == 1 + nodes * batches);
}

TEST_CASE_FIXTURE(fixture, "nodes that start together apply each migration once") {
  auto schema = std::vector<migration>{};
  const auto texts = std::vector<std::string>{"CREATE TABLE m1 (a INTEGER)", "CREATE TABLE m2 (a INTEGER)",
                                              "INSERT INTO m1 VALUES (1)"};
  for (const auto& text : texts)
    schema.push_back({static_cast<int>(schema.size()) + 1, "step", text});
  auto applied = std::atomic<int>{0};
  auto failed = std::atomic<int>{0};
  auto all = std::vector<std::thread>{};
  for (int i = 0; i < 4; ++i)
    all.emplace_back([&] {
      auto mine = telemetry{};
      auto opened = postgres::open({.url = database.options().database_url}, mine, time);
      if (opened && opened->writer->migrate("app", schema).ok())
        ++applied;
      else
        ++failed;
    });
  for (auto& t : all)
    t.join();
  CHECK(applied.load() == 4);
  CHECK(failed.load() == 0);
  CHECK(number(on, "SELECT count(*) FROM m1") == 1);
  CHECK(number(on, "SELECT count(*) FROM beamline_migrations WHERE app = 'app'") == 3);
}

TEST_CASE_FIXTURE(fixture, "who waits for another program's lock too long is told so, and can go on when it is free") {
  auto mine = telemetry{};
  auto opened = postgres::open({.url = database.options().database_url, .lock_timeout = 50ms}, mine, time);
  REQUIRE(opened.ok());
  run("BEGIN; LOCK TABLE t IN EXCLUSIVE MODE");
  for (const auto& o : opened->writer->write(std::vector<database::work>{insert(1), insert(2)}))
    check_error(o, errc::unavailable, {"somebody else holds a lock", "store.busy_timeout", "pg_stat_activity"});
  run("ROLLBACK");
  for (const auto& o : opened->writer->write(std::vector<database::work>{insert(1), insert(2)}))
    CHECK(o.ok());
}

TEST_CASE_FIXTURE(fixture, "an interrupt ends a statement that the server is busy with") {
  auto outcome = result<void>{};
  run("BEGIN; LOCK TABLE t IN EXCLUSIVE MODE");
  auto worker = std::thread{[&] { outcome = write(on, insert(1)); }};
  await_waiting(1);
  on.interrupt();
  worker.join();
  check_error(outcome, errc::cancelled, {"closing"});
  run("ROLLBACK");
}

TEST_CASE_FIXTURE(
    fixture, "the server knows the node by its name, keeps no half transactions and acknowledges what is on disk") {
  auto mine = telemetry{};
  auto opened = postgres::open({.url = database.options().database_url, .application_name = "accumulator_1@10.0.0.1"},
                               mine, time);
  REQUIRE(opened.ok());
  std::string name, idle, commit;
  REQUIRE(opened->writer
              ->read([&](transaction& tx) {
                return tx.query("SELECT current_setting('application_name'), "
                                "current_setting('idle_in_transaction_session_timeout'), "
                                "current_setting('synchronous_commit')",
                                {}, [&](const row& r) {
                                  name = r.get<std::string>(0);
                                  idle = r.get<std::string>(1);
                                  commit = r.get<std::string>(2);
                                });
              })
              .ok());
  CHECK(name == "accumulator_1@10.0.0.1");
  CHECK(idle == "30s");
  CHECK(commit == "on");
}

TEST_CASE_FIXTURE(fixture, "a role whose commits are not synced by default has them synced all the same") {
  run("ALTER DATABASE " + [&] {
    auto name = std::string{};
    REQUIRE(other->run_own("SELECT current_database()", [&](const row& r) { name = r.get<std::string>(0); }).ok());
    return name;
  }() + " SET synchronous_commit = off");
  auto opened = database.open(events, time);
  auto commit = std::string{};
  REQUIRE(opened.writer
              ->read([&](transaction& tx) {
                return tx.query("SELECT current_setting('synchronous_commit')", {},
                                [&](const row& r) { commit = r.get<std::string>(0); });
              })
              .ok());
  CHECK(commit == "on");
}
