#include "store/sqlite/core.hpp"

#include "store/sqlite/connection.hpp"
#include "support.hpp"

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

struct fixture {
  manual_clock time;
  connections c = open_or_fail({.path = ":memory:"}, time);
  core& on = *c.writer;

  fixture() {
    REQUIRE(write_sql(on, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT) STRICT").ok());
    REQUIRE(write_sql(on, "CREATE TABLE child (t INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)").ok());
  }
  std::int64_t count() { return number(on, "SELECT count(*) FROM t"); }
};

database::work insert(int id) {
  return [id](transaction& tx) { return tx.execute("INSERT INTO t (id) VALUES ($1)", {id}); };
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "a batch gives each piece of work its own outcome, in order") {
  auto outcomes = on.write(std::vector<database::work>{insert(1), insert(1),
                                                       [](transaction&) -> result<void> {
                                                         return error{errc::denied, "no"};
                                                       },
                                                       insert(2)});
  REQUIRE(outcomes.size() == 4);
  CHECK(outcomes[0].ok());
  check_error(outcomes[1], errc::exists, {"UNIQUE constraint failed: t.id", "INSERT INTO t"});
  check_error(outcomes[2], errc::denied, {"no"});
  CHECK(outcomes[3].ok());
  CHECK(count() == 2);
}

TEST_CASE_FIXTURE(fixture, "a failing function takes back all its own effects and only those") {
  auto outcomes = on.write(std::vector<database::work>{insert(1),
                                                       [](transaction& tx) -> result<void> {
                                                         for (int id : {10, 11, 12})
                                                           if (auto done = insert(id)(tx); !done)
                                                             return done;
                                                         return error{errc::invalid, "changed my mind"};
                                                       },
                                                       insert(2)});
  CHECK_FALSE(outcomes[1].ok());
  CHECK(count() == 2);
}

TEST_CASE_FIXTURE(fixture, "what a function throws becomes an error") {
  check_error(write(on,
                    [](transaction& tx) -> result<void> {
                      (void)insert(1)(tx);
                      throw std::runtime_error{"oops"};
                    }),
              errc::invalid, {"threw", "oops"});
  check_error(write(on, [](transaction&) -> result<void> { throw 1; }), errc::invalid, {"not a std::exception"});
  CHECK(count() == 0);
  REQUIRE(write(on, insert(1)).ok());
  check_error(
      on.read([](transaction& tx) -> result<void> { return as_void(tx.select<std::string>("SELECT id FROM t")); }),
      errc::invalid, {"column 1 (\"id\") holds an integer, expected text"});
}

TEST_CASE_FIXTURE(fixture, "a failed statement dooms its transaction even if the function ignores it") {
  REQUIRE(write(on, insert(1)).ok());
  check_error(write(on,
                    [](transaction& tx) -> result<void> {
                      (void)tx.execute("INSERT INTO t (id) VALUES (5)");
                      (void)tx.execute("INSERT INTO t (id) VALUES (1)");
                      return tx.execute("INSERT INTO t (id) VALUES (6)");
                    }),
              errc::exists, {"UNIQUE"});
  CHECK(count() == 1);
}

TEST_CASE_FIXTURE(fixture, "an expected clash is written into the statement") {
  REQUIRE(write(on, insert(1)).ok());
  auto changed = std::int64_t{-1};
  REQUIRE(write(on, [&](transaction& tx) -> result<void> {
            if (auto done = tx.execute("INSERT INTO t (id) VALUES (1) ON CONFLICT DO NOTHING"); !done)
              return done;
            changed = tx.changes();
            return {};
          }).ok());
  CHECK(changed == 0);
}

TEST_CASE_FIXTURE(fixture, "a deferred foreign key is checked at the end of its own transaction, not of the batch") {
  auto outcomes = on.write(
      std::vector<database::work>{[](transaction& tx) { return tx.execute("INSERT INTO child VALUES (7)"); }, insert(1),
                                  [](transaction& tx) -> result<void> {
                                    if (auto done = tx.execute("INSERT INTO child VALUES (2)"); !done)
                                      return done;
                                    return insert(2)(tx);
                                  }});
  check_error(outcomes[0], errc::conflict, {"foreign key"});
  CHECK(outcomes[1].ok());
  CHECK(outcomes[2].ok());
  CHECK(number(on, "SELECT count(*) FROM child") == 1);
}

TEST_CASE_FIXTURE(fixture, "constraint failures have codes of their own") {
  REQUIRE(
      write_sql(on, "CREATE TABLE strict_child (t INTEGER NOT NULL REFERENCES t (id), n INTEGER CHECK (n > 0))").ok());
  check_error(write_sql(on, "INSERT INTO strict_child VALUES (99, 1)"), errc::conflict, {"FOREIGN KEY"});
  check_error(write_sql(on, "INSERT INTO strict_child VALUES (NULL, 1)"), errc::invalid, {"NOT NULL"});
  REQUIRE(write(on, insert(1)).ok());
  check_error(write_sql(on, "INSERT INTO strict_child VALUES (1, 0)"), errc::invalid, {"CHECK"});
}

TEST_CASE_FIXTURE(fixture, "transaction control is refused and harms nobody else in the batch") {
  for (auto sql : {"COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT x", "RELEASE one", "PRAGMA synchronous = OFF",
                   "ATTACH 'x' AS y", "DETACH y"}) {
    auto outcomes =
        on.write(std::vector<database::work>{insert(1), [sql](transaction& tx) { return tx.execute(sql); }});
    CHECK(outcomes[0].ok());
    check_error(outcomes[1], errc::denied, {sql, "not allowed"});
    REQUIRE(write_sql(on, "DELETE FROM t").ok());
  }
}

TEST_CASE_FIXTURE(fixture, "a read cannot write") {
  check_error(on.read([](transaction& tx) { return tx.execute("INSERT INTO t (id) VALUES (1)"); }), errc::denied,
              {"use transact"});
  check_error(on.read([](transaction& tx) { return tx.execute("CREATE TABLE x (a)"); }), errc::denied,
              {"use transact"});
  CHECK(count() == 0);
}

TEST_CASE_FIXTURE(fixture, "values of every type survive, empty ones and zero bytes included") {
  const auto text = std::string{"gr\xc3\xbc\xc3\x9f\0e", 8};
  REQUIRE(write_sql(on, "CREATE TABLE v (a, b, c, d, e, f, g)").ok());
  REQUIRE(write(on, [&](transaction& tx) {
            return tx.execute(
                "INSERT INTO v VALUES ($1, $2, $3, $4, $5, $6, $7)",
                {std::numeric_limits<std::int64_t>::min(), 0.1, text, "", blob_view{text}, blob_view{}, nullptr});
          }).ok());
  auto seen = std::vector<std::string>{};
  REQUIRE(on.read([&](transaction& tx) {
              return tx.query("SELECT * FROM v", {}, [&](const row& r) {
                CHECK(r.get<std::int64_t>("a") == std::numeric_limits<std::int64_t>::min());
                CHECK(r.get<double>("b") == 0.1);
                CHECK(r.get<std::string_view>("c") == text);
                CHECK(r.get<std::string_view>("d").empty());
                CHECK(r.get<blob_view>("e").octets == text);
                CHECK(r.get<blob_view>("f").octets.empty());
                CHECK_FALSE(r.get<std::optional<std::string>>("g").has_value());
                seen.emplace_back("row");
              });
            }).ok());
  CHECK(seen.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "placeholders are numbered, in any order and as often as needed") {
  auto row = std::optional<std::tuple<int, int, int>>{};
  REQUIRE(on.read([&](transaction& tx) -> result<void> {
              auto r = tx.select_one<int, int, int>("SELECT $2, $1, $2", {1, 2});
              if (!r)
                return r.error();
              row = *r;
              return {};
            }).ok());
  CHECK(row == std::tuple{2, 1, 2});
}

TEST_CASE_FIXTURE(fixture, "mistakes in a statement are named") {
  auto run = [&](std::string_view sql, parameters values = {}) {
    return write(on, [sql, values](transaction& tx) { return tx.execute(sql, values); });
  };
  check_error(run("SELECT $2", {1}), errc::invalid, {"1 values were given for 2 placeholders", "SELECT $2"});
  check_error(run("SELECT 1", {1}), errc::invalid, {"1 values were given for 0 placeholders"});
  check_error(run("SELECT ?", {1}), errc::invalid, {"placeholder \"?\"", "$1"});
  check_error(run("SELECT :name", {1}), errc::invalid, {"placeholder \":name\""});
  check_error(run("SELECT $0"), errc::invalid, {"placeholder \"$0\""});
  check_error(run("SELECT 1; DROP TABLE t"), errc::invalid, {"one statement at a time", "DROP TABLE t"});
  check_error(run("  -- only a comment"), errc::invalid, {"empty"});
  check_error(run("SELEC 1"), errc::invalid, {"syntax error", "SELEC 1"});
  check_error(run("SELECT * FROM nowhere"), errc::invalid, {"no such table: nowhere"});
  CHECK(run("SELECT 1 ; \n").ok());
}

TEST_CASE_FIXTURE(fixture, "the same statement may run inside of its own rows") {
  for (int id : {1, 2, 3})
    REQUIRE(write(on, insert(id)).ok());
  int pairs = 0;
  REQUIRE(on.read([&](transaction& tx) {
              constexpr auto sql = "SELECT id FROM t";
              return tx.query(sql, {},
                              [&](const row&) { CHECK(tx.query(sql, {}, [&](const row&) { ++pairs; }).ok()); });
            }).ok());
  CHECK(pairs == 9);
}

TEST_CASE_FIXTURE(fixture, "more statements than the cache holds still work") {
  for (int round = 0; round < 2; ++round)
    REQUIRE(write(on, [](transaction& tx) -> result<void> {
              for (std::size_t i = 0; i < sqlite::statements_max + 20; ++i)
                if (auto done = tx.execute("SELECT " + std::to_string(i)); !done)
                  return done;
              return {};
            }).ok());
}

TEST_CASE_FIXTURE(fixture, "prepared statements survive a change of the schema") {
  REQUIRE(write(on, insert(1)).ok());
  REQUIRE(write_sql(on, "ALTER TABLE t ADD COLUMN extra INTEGER").ok());
  REQUIRE(write(on, insert(2)).ok());
  CHECK(count() == 2);
}

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

TEST_CASE_FIXTURE(fixture, "an interrupted core refuses further statements but not the commit of what is done") {
  auto outcomes = on.write(std::vector<database::work>{insert(1),
                                                       [this](transaction& tx) -> result<void> {
                                                         on.interrupt();
                                                         return insert(2)(tx);
                                                       },
                                                       insert(3)});
  CHECK(outcomes[0].ok());
  check_error(outcomes[1], errc::cancelled, {"closing"});
  check_error(outcomes[2], errc::cancelled, {"closing"});
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
