#include "store/migration.hpp"

#include "store/sqlite/core.hpp"
#include "support.hpp"

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
  auto dir = temp_dir{};
  auto time = manual_clock{};
  const auto opts = sqlite::open_options{.path = dir / "a.db"};
  {
    auto c = open_or_fail(opts, time);
    CHECK(c.writer->migrate("accumulator", std::span{first_two}.first(1)).value() == 1);
    CHECK(c.writer->migrate("accumulator", first_two).value() == 1);
    CHECK(c.writer->migrate("accumulator", first_two).value() == 0);
  }
  auto c = open_or_fail(opts, time);
  CHECK(c.writer->migrate("accumulator", first_two).value() == 0);
  CHECK(number(*c.writer, "SELECT count(*) FROM likes") == 0);
  CHECK(number(*c.writer, "SELECT count(*) FROM other") == 0);
  CHECK(number(*c.writer, "SELECT count(*) FROM beamline_migrations WHERE app = 'accumulator'") == 2);
  CHECK(number(*c.writer, "SELECT applied_at FROM beamline_migrations WHERE version = 2")
        == time.wall_now().time_since_epoch().count());
}

TEST_CASE("each application has its own numbering") {
  auto time = manual_clock{};
  auto c = open_or_fail({.path = ":memory:"}, time);
  CHECK(c.writer->migrate("accumulator", first_two).value() == 2);
  CHECK(c.writer->migrate("outbox", std::vector<migration>{{1, "outbox", "CREATE TABLE outbox (id INTEGER)"}}).value()
        == 1);
}

TEST_CASE("a failing migration leaves nothing behind, those before it stay") {
  auto time = manual_clock{};
  auto c = open_or_fail({.path = ":memory:"}, time);
  auto broken = first_two;
  broken.push_back({3, "broken", "CREATE TABLE half (a INTEGER); INSERT INTO half VALUES (1); CREATE TABEL oops (a)"});
  check_error(migrate(*c.writer, broken), errc::invalid,
              {"migration 3 (\"broken\") of accumulator failed and left nothing behind", "syntax error", "TABEL"});
  CHECK(number(*c.writer, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0);
  CHECK(number(*c.writer, "SELECT max(version) FROM beamline_migrations") == 2);
  SUBCASE("repaired, it is applied") {
    broken.back().sql = "CREATE TABLE half (a INTEGER)";
    CHECK(c.writer->migrate("accumulator", broken).value() == 1);
  }
}

TEST_CASE("a migration can neither commit by itself nor switch checks off") {
  auto time = manual_clock{};
  auto c = open_or_fail({.path = ":memory:"}, time);
  for (auto sql : {"CREATE TABLE t (a); COMMIT", "CREATE TABLE t (a); PRAGMA foreign_keys = OFF",
                   "CREATE TABLE t (a); ATTACH 'other.db' AS other"}) {
    check_error(migrate(*c.writer, {{1, "sly", sql}}), errc::denied, {"not allowed", "sly"});
    CHECK(number(*c.writer, "SELECT count(*) FROM sqlite_schema WHERE name = 't'") == 0);
  }
}

TEST_CASE("a migration that ends with a violated foreign key is refused") {
  auto time = manual_clock{};
  auto c = open_or_fail({.path = ":memory:"}, time);
  check_error(migrate(*c.writer, {{1, "orphan",
                                   "CREATE TABLE p (id INTEGER PRIMARY KEY);"
                                   "CREATE TABLE c (p INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
                                   "INSERT INTO c VALUES (7)"}}),
              errc::conflict, {"FOREIGN KEY"});
  CHECK(number(*c.writer, "SELECT count(*) FROM sqlite_schema WHERE name = 'c'") == 0);
}
