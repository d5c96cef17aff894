#include "store/open.hpp"

#include "store/sqlite/connection.hpp"
#include "store/sqlite/lock_file.hpp"
#include "store/sqlite/open.hpp"
#include "support.hpp"

#include <csignal>
#include <fstream>

#include <sys/stat.h>

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;
namespace fs = std::filesystem;

namespace {

const manual_clock the_time;

result<void> try_open(const fs::path& path, duration busy_timeout = 10ms) {
  return as_void(sqlite::open({.path = path, .readers = 1, .busy_timeout = busy_timeout}, the_time));
}

/// A database with about `rows` pages, closed cleanly.
void make_database(const fs::path& path, int rows) {
  auto c = open_or_fail({.path = path}, the_time);
  REQUIRE(write_sql(*c.writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)").ok());
  REQUIRE(write(*c.writer, [rows](transaction& tx) -> result<void> {
            for (int i = 0; i < rows; ++i)
              if (auto done = tx.execute("INSERT INTO t (text) VALUES ($1)", {std::string(3900, 'x')}); !done)
                return done;
            return {};
          }).ok());
}

/// Root ignores file permissions, so what they do is tried in a child that is nobody. Its verdict comes back
/// through a file, since a child cannot report to doctest.
std::string as_nobody(const fs::path& report, const std::function<result<void>()>& attempt) {
  const auto code = in_child([&] {
    auto out = std::ofstream{report};
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
      return 2;
    auto outcome = attempt();
    out << (outcome ? "ok" : std::string{to_string(outcome.error().code)} + ": " + outcome.error().message);
    return out.flush() ? 0 : 3;
  });
  REQUIRE(code == 0);
  auto in = std::ifstream{report};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool has(const std::string& text, std::string_view word) {
  INFO(text);
  INFO("expected: " << std::string{word});
  return text.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("a new database is created, and opens again with what was written") {
  auto dir = temp_dir{};
  make_database(dir / "a.db", 3);
  auto c = open_or_fail({.path = dir / "a.db", .readers = 2}, the_time);
  REQUIRE(c.readers.size() == 2);
  CHECK(number(*c.readers[1], "SELECT count(*) FROM t") == 3);
}

TEST_CASE("every connection is set up to be durable and to check foreign keys") {
  auto dir = temp_dir{};
  auto c = open_or_fail({.path = dir / "a.db", .readers = 1}, the_time);
  REQUIRE(write_sql(*c.writer, "CREATE TABLE p (id INTEGER PRIMARY KEY)").ok());
  REQUIRE(write_sql(*c.writer, "CREATE TABLE c (p INTEGER REFERENCES p)").ok());
  check_error(write_sql(*c.writer, "INSERT INTO c VALUES (1)"), errc::conflict, {"FOREIGN KEY"});
  CHECK(fs::exists(dir / "a.db-wal"));  // The write-ahead log is in use.
}

TEST_CASE("a missing directory is named") {
  auto dir = temp_dir{};
  check_error(try_open(dir / "no/a.db"), errc::not_found,
              {"no/a.db", (dir / "no").string(), "does not exist", "create it or change store.path"});
}

TEST_CASE("a parent that is a file is named") {
  auto dir = temp_dir{};
  std::ofstream{dir / "file"} << "x";
  check_error(try_open(dir / "file/a.db"), errc::invalid, {"is not a directory", "store.path"});
}

TEST_CASE("an empty path, a directory and a device are refused") {
  auto dir = temp_dir{};
  check_error(try_open(""), errc::invalid, {"store.path is empty"});
  check_error(try_open(dir.path()), errc::invalid, {"it is a directory", "store.path"});
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  check_error(try_open(dir / "pipe"), errc::invalid, {"not a regular file"});
}

TEST_CASE("a directory that cannot be written is named") {
  auto dir = temp_dir{};
  fs::create_directory(dir / "sub");
  fs::permissions(dir / "sub", fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  const auto said = as_nobody(dir / "report", [&] { return try_open(dir / "sub/a.db"); });
  if (geteuid() == 0) {
    CHECK(has(said, "denied: cannot open the database"));
    CHECK(has(said, "make the directory writable for the node's user"));
  }
}

TEST_CASE("a read-only file is refused, though SQLite would open it") {
  auto dir = temp_dir{};
  make_database(dir / "a.db", 1);
  fs::permissions(dir / "a.db", fs::perms::owner_read | fs::perms::others_read);
  fs::permissions(dir / "a.db.lock", fs::perms::all);
  const auto said = as_nobody(dir / "report", [&] { return try_open(dir / "a.db"); });
  CHECK(has(said, "denied: cannot open the database"));
  CHECK(has(said, "it is read-only; make the file writable for the node's user"));
}

TEST_CASE("a file that cannot be read at all is refused") {
  auto dir = temp_dir{};
  make_database(dir / "a.db", 1);
  fs::permissions(dir / "a.db", fs::perms::none);
  fs::permissions(dir / "a.db.lock", fs::perms::all);
  const auto said = as_nobody(dir / "report", [&] { return try_open(dir / "a.db"); });
  CHECK(has(said, "denied: "));
  CHECK(has(said, "cannot be read"));
}

TEST_CASE("a read-only file system is refused even for root") {
  // /proc refuses new files whoever asks.
  check_error(try_open("/proc/self/a.db"), errc::io, {"/proc/self/a.db", "store.path"});
}

TEST_CASE("a file that is not a database is refused and left alone") {
  auto dir = temp_dir{};
  for (auto size : {std::size_t{1}, std::size_t{99}, std::size_t{100}, std::size_t{5000}}) {
    const auto garbage = std::string(size, 'g');
    std::ofstream{dir / "a.db"} << garbage;
    check_error(try_open(dir / "a.db"), errc::corrupt, {"a.db", "is not a SQLite database", "move the file away"});
    CHECK(fs::file_size(dir / "a.db") == size);
  }
}

TEST_CASE("an empty file becomes a database") {
  auto dir = temp_dir{};
  std::ofstream{dir / "a.db"};
  CHECK(try_open(dir / "a.db").ok());
}

TEST_CASE("a database that was cut short is refused with both lengths") {
  auto dir = temp_dir{};
  make_database(dir / "a.db", 30);
  const auto full = fs::file_size(dir / "a.db");
  SUBCASE("at a page") { fs::resize_file(dir / "a.db", full / 2 / 4096 * 4096); }
  SUBCASE("within a page") { fs::resize_file(dir / "a.db", full / 2 + 7); }
  check_error(try_open(dir / "a.db"), errc::corrupt,
              {"it was cut short", std::to_string(fs::file_size(dir / "a.db")), std::to_string(full), "backup"});
}

TEST_CASE("a damaged database is refused") {
  auto dir = temp_dir{};
  make_database(dir / "a.db", 30);
  auto file = std::fstream{dir / "a.db", std::ios::in | std::ios::out | std::ios::binary};
  auto damage_from = 4096;
  SUBCASE("in its data") { damage_from = 4096; }
  SUBCASE("in its schema") { damage_from = 100; }
  file.seekp(damage_from);
  file << std::string(4096, '\x7f');
  file.close();
  check_error(try_open(dir / "a.db"), errc::corrupt, {"a.db", "damaged", "restore a backup"});
}

TEST_CASE("of a database above check_size_max only header and length are looked at") {
  auto dir = temp_dir{};
  make_database(dir / "a.db", 30);
  {
    auto file = std::fstream{dir / "a.db", std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(5 * 4096);
    file << std::string(4096, '\x7f');
  }
  const auto size = fs::file_size(dir / "a.db");
  CHECK(as_void(sqlite::open({.path = dir / "a.db", .check_size_max = size - 1}, the_time)).ok());
  check_error(as_void(sqlite::open({.path = dir / "a.db", .check_size_max = size}, the_time)), errc::corrupt,
              {"a.db", "damaged", "stop the node", "-wal", "put the backup in its place"});
}

TEST_CASE("a database that is damaged later gives corrupt, not wrong answers") {
  auto dir = temp_dir{};
  make_database(dir / "a.db", 300);
  auto c = open_or_fail({.path = dir / "a.db"}, the_time);
  auto file = std::fstream{dir / "a.db", std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(4096);
  file << std::string(250 * 4096, '\x7f');
  file.close();
  // A fresh connection, which has nothing cached.
  auto other = sqlite::connection::open({(dir / "a.db").string(), {}, {}});
  REQUIRE(other.ok());
  check_error((*other)->run_own("SELECT sum(length(text)) FROM t"), errc::corrupt, {"damaged", "restore a backup"});
}

TEST_CASE("a second process cannot take the database, and learns who has it") {
  auto dir = temp_dir{};
  auto c = open_or_fail({.path = dir / "a.db"}, the_time);
  auto report = dir / "report";
  const auto code = in_child([&] {
    auto outcome = try_open(dir / "a.db");
    std::ofstream{report} << (outcome ? "ok" : outcome.error().message);
    return outcome ? 1 : outcome.error().code == errc::conflict ? 0 : 2;
  });
  CHECK(code == 0);
  auto in = std::ifstream{report};
  auto said = std::string{std::istreambuf_iterator<char>{in}, {}};
  CHECK(has(said, "is in use by process " + std::to_string(getpid())));
  CHECK(has(said, "stop the other, or give this one its own store.path"));
}

TEST_CASE("who comes by a symbolic link finds the same lock") {
  auto dir = temp_dir{};
  auto elsewhere = temp_dir{};
  auto c = open_or_fail({.path = dir / "a.db"}, the_time);
  std::filesystem::create_symlink(dir / "a.db", elsewhere / "link.db");
  check_error(try_open(elsewhere / "link.db"), errc::conflict, {"link.db", "is in use by process"});
  std::filesystem::create_directory_symlink(dir.path(), elsewhere / "folder");
  check_error(try_open(elsewhere / "folder" / "a.db"), errc::conflict, {"is in use by process"});
}

TEST_CASE("the lock goes with its owner, however that ends") {
  auto dir = temp_dir{};
  SUBCASE("closed") {
    { auto c = open_or_fail({.path = dir / "a.db", .readers = 1}, the_time); }
    CHECK(try_open(dir / "a.db").ok());
  }
  SUBCASE("killed") {
    CHECK(in_child([&] {
            auto opened = sqlite::open({.path = dir / "a.db"}, the_time);
            return opened ? raise(SIGKILL) : 1;
          })
          == -1);
    CHECK(try_open(dir / "a.db").ok());
  }
  SUBCASE("one process that opens twice") {
    auto c = open_or_fail({.path = dir / "a.db"}, the_time);
    check_error(try_open(dir / "a.db"), errc::conflict, {"in use by process"});
  }
}

TEST_CASE("a file that another program has locked is refused at opening") {
  auto dir = temp_dir{};
  std::ofstream{dir / "a.db"};
  auto shell = sqlite::connection::open({(dir / "a.db").string(), {}, {}});
  REQUIRE(shell.ok());
  REQUIRE((*shell)->run_own("CREATE TABLE t (a)").ok());
  REQUIRE((*shell)->run_own("BEGIN EXCLUSIVE").ok());
  check_error(try_open(dir / "a.db"), errc::conflict, {"a.db", "another program has locked it", "close that program"});
  REQUIRE((*shell)->run_own("ROLLBACK").ok());
  CHECK(try_open(dir / "a.db").ok());
}

TEST_CASE("a database in memory has no readers beside the writer") {
  check_error(as_void(sqlite::open({.path = ":memory:", .readers = 1}, the_time)), errc::invalid,
              {"store.readers to 0"});
}

TEST_CASE("open_database opens what the options say") {
  auto dir = temp_dir{};
  auto events = telemetry{};
  auto time = system_clock{};
  auto db = open_database({.path = dir / "a.db"}, events, time);
  REQUIRE(db.ok());
  CHECK(transact_blocking(**db, [](transaction& tx) { return tx.execute("CREATE TABLE t (a INTEGER)"); }).ok());
  CHECK(read_blocking(**db, [](transaction& tx) { return tx.select<int>("SELECT a FROM t"); }).value().empty());
  check_error(as_void(open_database({.path = dir / "a.db"}, events, time)), errc::conflict, {"in use"});
  CHECK((*db)->close(5s).ok());
}
