#include "store/postgres/open.hpp"

#include "back_end.hpp"
#include "store/events.hpp"
#include "store/open.hpp"
#include "support/throwaway_postgres.hpp"

#include <future>

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;
using beamline::test::throwaway_postgres;

namespace {

const manual_clock the_time;

result<void> try_open(const std::string& url) {
  auto events = telemetry{};
  return as_void(postgres::open({.url = url, .connect_timeout = 2s}, events, the_time));
}

}  // namespace

TEST_CASE("a server that is not there is named, without the password") {
  auto r = try_open("postgresql://ann:hunter2@127.0.0.1:1/blog");
  check_error(r, errc::unavailable,
              {"cannot open the store", "postgresql://ann@127.0.0.1:1/blog", "Is the server running"});
  CHECK(r.error().message.find("hunter2") == std::string::npos);
  check_error(try_open("postgresql:///blog?host=/nonexistent"), errc::unavailable, {"Is the server running"});
}

TEST_CASE("a database and a role that do not exist are for people to mend") {
  auto& server = throwaway_postgres::shared();
  auto url = server.url("nowhere");
  check_error(try_open(url), errc::denied, {"database \"nowhere\" does not exist", "BEAMLINE_DATABASE_URL"});
  auto nobody = server.url("postgres");
  nobody.replace(nobody.find("beamline@"), 9, "nobody_knows@");
  check_error(try_open(nobody), errc::denied, {"role \"nobody_knows\" does not exist"});
}

TEST_CASE("a database in another encoding is refused") {
  auto& server = throwaway_postgres::shared();
  server.psql("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
  check_error(try_open(server.url("latin")), errc::unsupported, {"its encoding is LATIN1", "ENCODING 'UTF8'"});
}

TEST_CASE("a role that may not make tables, and a server that takes no writes, are refused") {
  auto& server = throwaway_postgres::shared();
  auto database = test_database{};
  server.psql("postgres", "CREATE ROLE guest LOGIN");
  auto url = database.options().database_url;
  url.replace(url.find("beamline@"), 9, "guest@");
  check_error(try_open(url), errc::denied, {"may not create tables", "GRANT CREATE ON SCHEMA public"});
  server.psql("postgres", "ALTER ROLE guest SET default_transaction_read_only = on");
  check_error(try_open(url), errc::unavailable, {"read-only"});
}

TEST_CASE("open_database follows the URL, makes no backups there, and open_file never follows it") {
  auto dir = temp_dir{};
  auto events = telemetry{};
  auto time = system_clock{};
  auto database = test_database{};
  auto told = std::vector<std::string>{};
  auto h = events.attach<connected>([&](const connected& e) {
    told.push_back(std::string{e.role});
    CHECK(e.server.find("postgresql://beamline@") == 0);
  });
  auto options = database.options();
  options.path = dir / "a.db";
  auto db = open_database(options, events, time);
  REQUIRE(db.ok());
  h.detach();
  CHECK(told == std::vector<std::string>{"writer", "reader", "reader"});
  CHECK(transact_blocking(**db, [](transaction& tx) { return tx.execute("CREATE TABLE t (a jsonb)"); }).ok());
  auto made = std::promise<result<backup_report>>{};
  (*db)->back_up(dir / "copy", [&](result<backup_report> r) { made.set_value(std::move(r)); });
  check_error(as_void(made.get_future().get()), errc::unsupported, {"pg_dump"});
  CHECK_FALSE(std::filesystem::exists(dir / "a.db"));
  auto file = open_file(options, events, time);
  REQUIRE(file.ok());
  CHECK(std::filesystem::exists(dir / "a.db"));
  CHECK((*file)->close(5s).ok());
  CHECK((*db)->close(5s).ok());
}
