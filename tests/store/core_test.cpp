#include "back_end.hpp"

#include <limits>

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

struct fixture : one_core {
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
  check_error(
      outcomes[1], errc::exists,
      {said("UNIQUE constraint failed: t.id", "duplicate key value violates unique constraint"), "INSERT INTO t"});
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
              errc::exists, {said("UNIQUE", "duplicate key")});
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
  check_error(write_sql(on, "INSERT INTO strict_child VALUES (99, 1)"), errc::conflict,
              {said("FOREIGN KEY", "foreign key")});
  check_error(write_sql(on, "INSERT INTO strict_child VALUES (NULL, 1)"), errc::invalid,
              {said("NOT NULL", "not-null")});
  REQUIRE(write(on, insert(1)).ok());
  check_error(write_sql(on, "INSERT INTO strict_child VALUES (1, 0)"), errc::invalid,
              {said("CHECK", "check constraint")});
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
  check_error(on.read([](transaction& tx) { return tx.execute("CREATE TABLE x (a INTEGER)"); }), errc::denied,
              {"use transact"});
  CHECK(count() == 0);
}

TEST_CASE_FIXTURE(fixture, "values of every type survive, empty ones and octets of zero included") {
  const auto text = std::string{"gr\xc3\xbc\xc3\x9f' \\ \"e"};
  const auto octets = std::string{"\xff\0\\x'\n\x80", 7};
  REQUIRE(write_sql(on, "CREATE TABLE v (a INTEGER, b REAL, c TEXT, d TEXT, e BLOB, f BLOB, g TEXT, h BIGINT, i REAL)")
              .ok());
  REQUIRE(write(on, [&](transaction& tx) {
            return tx.execute("INSERT INTO v VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                              {std::numeric_limits<std::int64_t>::min(), 0.1, text, "", blob_view{octets}, blob_view{},
                               nullptr, true, 2.0});
          }).ok());
  auto seen = std::vector<std::string>{};
  REQUIRE(on.read([&](transaction& tx) {
              return tx.query("SELECT * FROM v", {}, [&](const row& r) {
                CHECK(r.get<std::int64_t>("a") == std::numeric_limits<std::int64_t>::min());
                CHECK(r.get<double>("b") == 0.1);
                CHECK(r.get<std::string_view>("c") == text);
                CHECK(r.get<std::string_view>("d").empty());
                CHECK(r.get<blob_view>("e").octets == octets);
                CHECK(r.get<blob_view>("f").octets.empty());
                CHECK_FALSE(r.get<std::optional<std::string>>("g").has_value());
                CHECK(r.get<bool>("h"));
                CHECK(r.get<double>("i") == 2.0);
                CHECK(std::holds_alternative<double>(r.at(8)));
                seen.emplace_back("row");
              });
            }).ok());
  CHECK(seen.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "text with a zero byte and text that is not UTF-8 are refused, and octets are not") {
  const auto bad = std::vector<std::pair<std::string, std::string>>{
      {std::string{"a\0b", 3}, "the text for $2 has a zero byte at position 1"},
      {"ab\xff", "the text for $2 is not valid UTF-8 at position 2"},
      {"\xc3", "the text for $2 is not valid UTF-8 at position 0"},
      {"\xed\xa0\x80", "is not valid UTF-8"}};
  for (const auto& one : bad) {
    CAPTURE(one.second);
    check_error(write(on,
                      [&](transaction& tx) {
                        return tx.execute("INSERT INTO t VALUES ($1, $2)", {1, one.first});
                      }),
                errc::invalid, {one.second, "blob_view", "INSERT INTO t"});
    check_error(on.read([&](transaction& tx) {
      return as_void(tx.select<int>("SELECT id FROM t WHERE id = $1 AND text = $2", {1, one.first}));
    }),
                errc::invalid, {one.second});
  }
  CHECK(count() == 0);
  REQUIRE(write_sql(on, "CREATE TABLE octets (o BLOB)").ok());
  REQUIRE(write(on, [&](transaction& tx) {
            return tx.execute("INSERT INTO octets VALUES ($1)", {blob_view{bad[0].first}});
          }).ok());
  CHECK(number(on, "SELECT count(*) FROM octets WHERE length(o) = 3") == 1);
}

TEST_CASE_FIXTURE(fixture, "sums, counts and truths come as the integers they are") {
  REQUIRE(write_sql(on, "CREATE TABLE n (i BIGINT NOT NULL, r REAL NOT NULL)").ok());
  REQUIRE(write_sql(on, "INSERT INTO n VALUES (1, 0.5), (2, 0.25), (4611686018427387904, 0)").ok());
  auto seen = std::optional<std::tuple<std::int64_t, double, std::int64_t, bool, double>>{};
  REQUIRE(on.read([&](transaction& tx) -> result<void> {
              auto r = tx.select_one<std::int64_t, double, std::int64_t, bool, double>(
                  "SELECT sum(i), sum(r), count(*), max(i) > $1, avg(i) FROM n WHERE i < $1 + 1", {2});
              if (!r)
                return r.error();
              seen = *r;
              return {};
            }).ok());
  CHECK(seen == std::tuple{std::int64_t{3}, 0.75, std::int64_t{2}, false, 1.5});
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
  check_error(run("SELECT * FROM nowhere"), errc::invalid,
              {said("no such table: nowhere", "relation \"nowhere\" does not exist")});
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
  constexpr std::size_t statements = 150;  // The caches hold 128.
  for (int round = 0; round < 2; ++round)
    REQUIRE(write(on, [](transaction& tx) -> result<void> {
              for (std::size_t i = 0; i < statements; ++i)
                if (auto done = tx.execute("SELECT " + std::to_string(i)); !done)
                  return done;
              return {};
            }).ok());
}

TEST_CASE_FIXTURE(fixture, "prepared statements survive a change of the schema") {
  REQUIRE(write(on, insert(1)).ok());
  auto columns = std::vector<std::size_t>{};
  const auto look = [&](transaction& tx) {
    return tx.query("SELECT * FROM t WHERE id = $1", {1}, [&](const row& r) { columns.push_back(r.size()); });
  };
  REQUIRE(on.read(look).ok());
  REQUIRE(write_sql(on, "ALTER TABLE t ADD COLUMN extra INTEGER").ok());
  REQUIRE(write(on, insert(2)).ok());
  CHECK(count() == 2);
  REQUIRE(on.read(look).ok());
  CHECK(columns == std::vector<std::size_t>{2, 3});
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
