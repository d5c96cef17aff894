#include "store/migration.hpp"

#include "back_end.hpp"

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

const std::vector<migration> first_two = {
    {1, "create likes", "CREATE TABLE likes (slug TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT"},
    {2, "index", "CREATE INDEX likes_count ON likes (count);\n CREATE TABLE other (a INTEGER);\n"}};

applied_migration applied(const migration& m) { return {m.version, std::string{m.name}, checksum(m)}; }

result<void> check(std::span<const migration> known, std::span<const applied_migration> have) {
  return as_void(check_migrations("accumulator", "\"x.db\"", known, have));
}

result<void> migrate(core& on, const std::vector<migration>& known) {
  return as_void(on.migrate("accumulator", known));
}

}  // namespace

TEST_CASE("check_migrations says how many a database has already") {
  CHECK(check_migrations("a", "x", {}, {}).value() == 0);
  CHECK(check_migrations("a", "x", first_two, {}).value() == 0);
  CHECK(check_migrations("a", "x", first_two, std::vector{applied(first_two[0])}).value() == 1);
  CHECK(check_migrations("a", "x", first_two, std::vector{applied(first_two[0]), applied(first_two[1])}).value() == 2);
}

TEST_CASE("a checksum follows the SQL, not the white space around it") {
  CHECK(checksum({1, "a", "SELECT 1"}) == checksum({2, "b", "\n  SELECT 1\n"}));
  CHECK(checksum({1, "a", "SELECT 1"}) != checksum({1, "a", "SELECT  1"}));
}

TEST_CASE("a list of migrations with a gap, without a name or without SQL is refused") {
  check_error(check(std::vector<migration>{{1, "a", "x"}, {3, "c", "x"}}, {}), errc::invalid,
              {"accumulator", "version 3 (\"c\") stands where 2 is expected"});
  check_error(check(std::vector<migration>{{2, "a", "x"}}, {}), errc::invalid, {"where 1 is expected"});
  check_error(check(std::vector<migration>{{1, "a", "x"}, {1, "b", "x"}}, {}), errc::invalid, {"where 2 is expected"});
  check_error(check(std::vector<migration>{{1, "", "x"}}, {}), errc::invalid, {"needs a name and SQL"});
  check_error(check(std::vector<migration>{{1, "a", " \n"}}, {}), errc::invalid, {"needs a name and SQL"});
}

TEST_CASE("a changed migration, a newer database and a damaged record are refused with the remedy") {
  auto changed = applied(first_two[0]);
  changed.checksum = std::string(64, 'f');
  check_error(check(first_two, std::vector{changed}), errc::conflict,
              {"migration 1 (\"create likes\") of accumulator was changed", "\"x.db\"", "make it a new migration"});
  auto third = applied_migration{3, "later", "c"};
  check_error(check(first_two, std::vector{applied(first_two[0]), applied(first_two[1]), third}), errc::unsupported,
              {"\"x.db\" was written by a newer program", "accumulator is at version 3 there, this program knows 2",
               "start the newer program"});
  check_error(check(first_two, std::vector{applied(first_two[1])}), errc::conflict,
              {"records migration 2 of accumulator where 1 is expected", "restore a backup"});
}

TEST_CASE("migrations are applied in order, once, and remembered over a restart") {
  auto time = manual_clock{};
  auto events = telemetry{};
  auto database = test_database{};
  {
    auto c = database.open(events, time);
    CHECK(c.writer->migrate("accumulator", std::span{first_two}.first(1)).value() == 1);
    CHECK(c.writer->migrate("accumulator", first_two).value() == 1);
    CHECK(c.writer->migrate("accumulator", first_two).value() == 0);
  }
  auto c = database.open(events, time);
  CHECK(c.writer->migrate("accumulator", first_two).value() == 0);
  CHECK(number(*c.writer, "SELECT count(*) FROM likes") == 0);
  CHECK(number(*c.writer, "SELECT count(*) FROM other") == 0);
  CHECK(number(*c.writer, "SELECT count(*) FROM beamline_migrations WHERE app = 'accumulator'") == 2);
  CHECK(number(*c.writer, "SELECT applied_at FROM beamline_migrations WHERE version = 2")
        == time.wall_now().time_since_epoch().count());
}

TEST_CASE_FIXTURE(one_core, "each application has its own numbering") {
  CHECK(c.writer->migrate("accumulator", first_two).value() == 2);
  CHECK(c.writer->migrate("outbox", std::vector<migration>{{1, "outbox", "CREATE TABLE outbox (id INTEGER)"}}).value()
        == 1);
}

TEST_CASE_FIXTURE(one_core, "a failing migration leaves nothing behind, those before it stay") {
  auto broken = first_two;
  broken.push_back(
      {3, "broken", "CREATE TABLE half (a INTEGER); INSERT INTO half VALUES (1); CREATE TABEL oops (a INTEGER)"});
  check_error(migrate(*c.writer, broken), errc::invalid,
              {"migration 3 (\"broken\") of accumulator failed and left nothing behind", "syntax error", "TABEL"});
  CHECK(number(*c.writer, test_database::table_count_sql("half")) == 0);
  CHECK(number(*c.writer, "SELECT max(version) FROM beamline_migrations") == 2);
  SUBCASE("repaired, it is applied") {
    broken.back().sql = "CREATE TABLE half (a INTEGER)";
    CHECK(c.writer->migrate("accumulator", broken).value() == 1);
  }
}

TEST_CASE_FIXTURE(one_core, "a migration can neither commit by itself nor switch checks off") {
  for (auto sql : {"CREATE TABLE t (a INTEGER); COMMIT", "CREATE TABLE t (a INTEGER); PRAGMA foreign_keys = OFF",
                   "CREATE TABLE t (a INTEGER); ATTACH 'other.db' AS other"}) {
    check_error(migrate(*c.writer, {{1, "sly", sql}}), errc::denied, {"not allowed", "sly"});
    CHECK(number(*c.writer, test_database::table_count_sql("t")) == 0);
  }
}

TEST_CASE_FIXTURE(one_core, "a migration that ends with a violated foreign key is refused") {
  check_error(migrate(*c.writer, {{1, "orphan",
                                   "CREATE TABLE p (id INTEGER PRIMARY KEY);"
                                   "CREATE TABLE c (p INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
                                   "INSERT INTO c VALUES (7)"}}),
              errc::conflict, {said("FOREIGN KEY", "foreign key")});
  CHECK(number(*c.writer, test_database::table_count_sql("c")) == 0);
}

TEST_CASE_FIXTURE(one_core, "a migration may have a text of its own for PostgreSQL") {
  const auto own =
      std::vector<migration>{{1, "own", "CREATE TABLE of_sqlite (a INTEGER)", "CREATE TABLE of_postgres (a jsonb)"}};
  CHECK(c.writer->migrate("accumulator", own).value() == 1);
  CHECK(number(on, test_database::table_count_sql("of_sqlite")) == (is_postgres ? 0 : 1));
  CHECK(number(on, test_database::table_count_sql("of_postgres")) == (is_postgres ? 1 : 0));
  CHECK(c.writer->migrate("accumulator", own).value() == 0);
  auto changed = own;
  (is_postgres ? changed[0].postgres : changed[0].sql) = "CREATE TABLE changed (a INTEGER)";
  check_error(migrate(on, changed), errc::conflict, {"migration 1 (\"own\") of accumulator was changed"});
}

TEST_CASE_FIXTURE(one_core,
                  "an integer primary key numbers its rows, the rest of a portable schema is taken as it is") {
  const auto schema = std::vector<migration>{{1, "all of it", R"(
-- A comment; with a semicolon.
CREATE TABLE entry (
  id      INTEGER PRIMARY KEY,  -- Numbered by the database.
  "blob"  BLOB,
  weight  REAL NOT NULL DEFAULT 0.5,
  stamp   INTEGER NOT NULL DEFAULT 5000000000,
  text    TEXT NOT NULL DEFAULT 'it''s; STRICT'
) STRICT;;
CREATE TABLE pair (a INTEGER, b TEXT, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
CREATE INDEX entry_stamp ON entry (stamp);
INSERT INTO entry (weight) VALUES (1.5), (2);
)"}};
  REQUIRE(migrate(on, schema).ok());
  auto seen = std::vector<std::tuple<std::int64_t, double, std::int64_t, std::string>>{};
  REQUIRE(on.read([&](transaction& tx) -> result<void> {
              auto rows = tx.select<std::int64_t, double, std::int64_t, std::string>(
                  "SELECT id, weight, stamp, text FROM entry ORDER BY id");
              if (!rows)
                return rows.error();
              seen = *rows;
              return {};
            }).ok());
  CHECK(seen
        == std::vector<std::tuple<std::int64_t, double, std::int64_t, std::string>>{
            {1, 1.5, 5'000'000'000, "it's; STRICT"}, {2, 2.0, 5'000'000'000, "it's; STRICT"}});
}
