#include "async.hpp"
#include "back_end.hpp"
#include "store/events.hpp"
#include "store/open.hpp"
#include "store/postgres/core.hpp"
#include "store/postgres/open.hpp"
#include "store/threaded_database.hpp"
#include "support/throwaway_postgres.hpp"

#include <algorithm>
#include <mutex>
#include <set>

// The server goes away: between transactions, within them, within their commits, for a while.

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;
using beamline::test::throwaway_postgres;

namespace {

// Looks at a connection, each of about a microsecond, before a test fails.
constexpr int looks_max = 10'000'000;

constexpr std::string_view kill_own_session = "SELECT pg_terminate_backend(pg_backend_pid())";
constexpr std::string_view kill_other_sessions =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
    "datname = current_database()";

struct fixture : one_core {
  std::vector<std::string> told;
  telemetry::handle on_connected =
      events.attach<connected>([this](const connected& e) { told.push_back("connected " + std::string{e.role}); });
  telemetry::handle on_disconnected = events.attach<disconnected>(
      [this](const disconnected& e) { told.push_back("disconnected " + std::string{e.role}); });

  fixture() { REQUIRE(write_sql(on, "CREATE TABLE t (id INTEGER PRIMARY KEY)").ok()); }

  void kill_all() {
    auto other = database.open(silent, time);
    REQUIRE(other.writer->read([](transaction& tx) { return tx.execute(kill_other_sessions); }).ok());
  }
  telemetry silent;
};

database::work insert(int id) {
  return [id](transaction& tx) { return tx.execute("INSERT INTO t VALUES ($1)", {id}); };
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "a connection that was lost between transactions is made again without anybody noticing") {
  REQUIRE(write(on, insert(1)).ok());
  kill_all();
  CHECK(write(on, insert(2)).ok());
  kill_all();
  CHECK(number(on, "SELECT count(*) FROM t") == 2);
  kill_all();
  CHECK(on.migrate("a", std::vector<migration>{{1, "a", "CREATE TABLE a (x INTEGER)"}}).value() == 1);
  CHECK(told
        == std::vector<std::string>{"disconnected writer", "connected writer", "disconnected writer",
                                    "connected writer", "disconnected writer", "connected writer"});
}

TEST_CASE_FIXTURE(fixture, "a transaction that loses its connection before the commit is run again, once in effect") {
  int calls = 0;
  auto outcomes = on.write(std::vector<database::work>{insert(1),
                                                       [&](transaction& tx) -> result<void> {
                                                         ++calls;
                                                         if (auto done = insert(2)(tx); !done)
                                                           return done;
                                                         if (calls == 1)
                                                           kill_all();
                                                         return insert(3)(tx);
                                                       },
                                                       insert(4)});
  for (const auto& o : outcomes)
    CHECK(o.ok());
  CHECK(calls == 2);
  CHECK(number(on, "SELECT sum(id) FROM t") == 10);
}

TEST_CASE_FIXTURE(fixture,
                  "a transaction that takes the connection down each time is given up and leaves nothing behind") {
  int calls = 0;
  auto outcome = write(on, [&](transaction& tx) -> result<void> {
    ++calls;
    if (auto done = insert(1)(tx); !done)
      return done;
    return tx.execute(kill_own_session);
  });
  check_error(outcome, errc::unavailable, {"the connection to postgresql://", "was lost", "try again later"});
  CHECK(calls == postgres::attempts_max);
  CHECK(number(on, "SELECT count(*) FROM t") == 0);
}

TEST_CASE_FIXTURE(fixture, "a commit whose answer is lost is reported as in doubt, and not repeated") {
  REQUIRE(write_sql(on, "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                        "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$")
              .ok());
  REQUIRE(write_sql(on, "CREATE CONSTRAINT TRIGGER die_late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
                        "FOR EACH ROW EXECUTE FUNCTION die()")
              .ok());
  int calls = 0;
  check_error(write(on,
                    [&](transaction& tx) {
                      ++calls;
                      return insert(1)(tx);
                    }),
              errc::io, {"commit in doubt", "postgresql://", "not known", "repeat it only where"});
  CHECK(calls == 1);
  REQUIRE(write_sql(on, "DROP TRIGGER die_late ON t").ok());
  CHECK(number(on, "SELECT count(*) FROM t") == 0);
  CHECK(write(on, insert(1)).ok());
}

TEST_CASE_FIXTURE(
    fixture, "while the server is away everybody is told at once; what was acknowledged is there when it is back") {
  auto& server = throwaway_postgres::shared();
  for (auto how : {throwaway_postgres::end::orderly, throwaway_postgres::end::crash}) {
    CAPTURE(static_cast<int>(how));
    REQUIRE(write_sql(on, "DELETE FROM t").ok());
    REQUIRE(write(on, insert(1)).ok());
    server.stop(how);
    told.clear();
    for (const auto& o : on.write(std::vector<database::work>{insert(2), insert(3)}))
      check_error(o, errc::unavailable, {"no connection to postgresql://beamline@", "nothing happened"});
    // Time stands still: the next attempt is not due, and nobody waits for it.
    check_error(on.read([](transaction& tx) { return tx.execute("SELECT 1"); }), errc::unavailable,
                {"nothing happened", "the next attempt to connect comes within"});
    check_error(as_void(on.migrate("a", {})), errc::unavailable, {"nothing happened"});
    CHECK(told == std::vector<std::string>{"disconnected writer"});
    server.start();
    check_error(write(on, insert(4)), errc::unavailable, {"the next attempt to connect comes within"});
    time.advance(postgres::reconnect_pause_max);
    CHECK(write(on, insert(5)).ok());
    CHECK(told.back() == "connected writer");
    CHECK(number(on, "SELECT sum(id) FROM t") == 6);
  }
}

TEST_CASE_FIXTURE(fixture, "an idle worker notices the loss by itself and says when to look again") {
  auto again = on.tend();
  REQUIRE(again);
  CHECK(*again == postgres::watch_interval);
  CHECK(told.empty());
  kill_all();
  // The session ends a moment after it was told to.
  for (int i = 0; i < looks_max && told.empty(); ++i)
    again = on.tend();
  REQUIRE(told == std::vector<std::string>{"disconnected writer", "connected writer"});
  CHECK(*again == postgres::watch_interval);
  auto& server = throwaway_postgres::shared();
  server.stop(throwaway_postgres::end::orderly);
  for (int i = 0; i < looks_max && told.size() == 2; ++i)
    again = on.tend();
  REQUIRE(told.back() == "disconnected writer");
  CHECK(*again <= postgres::reconnect_pause_min);
  server.start();
  time.advance(*again);
  again = on.tend();
  CHECK(told.back() == "connected writer");
  on.interrupt();
  CHECK_FALSE(on.tend().has_value());
}

TEST_CASE("a store rides out restarts of the server, and every acknowledged transaction is there once") {
  auto& server = throwaway_postgres::shared();
  auto time = system_clock{};
  auto events = telemetry{};
  auto database = test_database{};
  auto back = std::make_shared<gate>();
  auto mutex = std::mutex{};
  auto h = events.attach<connected>([&](const connected& e) {
    auto lock = std::lock_guard{mutex};
    if (e.role == "writer")
      back->open();
  });
  auto db = open_database(database.options(), events, time);
  REQUIRE(db.ok());
  REQUIRE(transact_blocking(**db, [](transaction& tx) {
            return tx.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, tries BIGINT NOT NULL DEFAULT 1)");
          }).ok());
  auto acknowledged = std::set<int>{};
  auto doubtful = std::set<int>{};
  int next = 0;
  for (auto how : {throwaway_postgres::end::orderly, throwaway_postgres::end::crash}) {
    auto done = outcomes{};
    const int first = next;
    for (; next < first + 400; ++next)
      (*db)->transact([id = next](transaction& tx) { return tx.execute("INSERT INTO t VALUES ($1)", {id}); },
                      done.next(next));
    done.wait_for(20);
    auto reconnected = std::make_shared<gate>();
    server.stop(how);
    {
      auto lock = std::lock_guard{mutex};
      back = reconnected;
    }
    done.wait_for(400);
    server.start();
    reconnected->wait();
    const auto ids = done.ids();
    const auto codes = done.codes();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (codes[i] == "ok")
        acknowledged.insert(ids[i]);
      else if (codes[i] == "io")
        doubtful.insert(ids[i]);
      else
        CHECK(codes[i] == "unavailable");
    }
    auto stored = read_blocking(**db, [](transaction& tx) { return tx.select<int>("SELECT id FROM t"); });
    // The readers come back by themselves, too, maybe a moment later.
    for (int i = 0; i < 1'000'000 && !stored; ++i)
      stored = read_blocking(**db, [](transaction& tx) { return tx.select<int>("SELECT id FROM t"); });
    REQUIRE(stored.ok());
    auto there = std::set<int>{};
    for (const auto& r : *stored)
      there.insert(std::get<0>(r));
    CHECK(std::includes(there.begin(), there.end(), acknowledged.begin(), acknowledged.end()));
    // Whatever else is there was in doubt: what was refused left nothing behind.
    for (int id : there)
      CHECK((acknowledged.contains(id) || doubtful.contains(id)));
  }
  CHECK(acknowledged.size() >= 40);
  h.detach();
  CHECK((*db)->close(10s).ok());
}
