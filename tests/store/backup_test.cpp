#include "store/backup.hpp"

#include "async.hpp"
#include "store/events.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/connection.hpp"
#include "store/threaded_database.hpp"
#include "support.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <future>

#include <sys/resource.h>

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;
namespace fs = std::filesystem;

namespace {

struct fixture {
  temp_dir dir;
  system_clock time;
  telemetry events;
  std::unique_ptr<threaded_database> db;

  fixture() {
    db = std::make_unique<threaded_database>(open_or_fail({.path = dir / "a.db", .readers = 1}, time),
                                             job_queue::limits{.queue_max = 1000, .batch_max = 10}, events, time);
    run("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
  }

  void run(std::string sql) {
    REQUIRE(transact_blocking(*db, [sql = std::move(sql)](transaction& tx) { return tx.execute(sql); }).ok());
  }
  void fill(int rows) {
    const auto text = std::string(3000, 'x');
    REQUIRE(transact_blocking(*db, [&](transaction& tx) -> result<void> {
              for (int i = 0; i < rows; ++i)
                if (auto done = tx.execute("INSERT INTO t (text) VALUES ($1)", {text}); !done)
                  return done;
              return {};
            }).ok());
  }
  result<backup_report> back_up(const fs::path& to) {
    auto promise = std::make_shared<std::promise<result<backup_report>>>();
    auto future = promise->get_future();
    db->back_up(to, [promise](result<backup_report> r) { promise->set_value(std::move(r)); });
    return future.get();
  }
  std::int64_t count_in(const fs::path& file) {
    auto c = open_or_fail({.path = file}, time);
    return number(*c.writer, "SELECT count(*) FROM t");
  }
  /// The names of everything in the folder, one after the other.
  std::string names() {
    auto all = std::vector<std::string>{};
    for (const auto& e : fs::directory_iterator{dir.path()})
      all.push_back(e.path().filename().string());
    std::sort(all.begin(), all.end());
    auto text = std::string{};
    for (const auto& n : all)
      text += n + " ";
    return text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture,
                  "a backup is a whole database that opens by itself, for its owner only, and nothing else stays") {
  fill(100);
  auto told = std::vector<std::string>{};
  auto h = events.attach<backed_up>([&](const backed_up& e) { told.emplace_back(e.file); });
  const auto before = names();
  auto made = back_up(dir / "copy.db");
  INFO((made ? "" : made.error().message));
  REQUIRE(made.ok());
  CHECK(made->octets == fs::file_size(dir / "copy.db"));
  CHECK(told == std::vector<std::string>{(dir / "copy.db").string()});
  CHECK(names() == before + "copy.db ");
  CHECK((fs::status(dir / "copy.db").permissions() & fs::perms::mask)
        == (fs::perms::owner_read | fs::perms::owner_write));
  run("DELETE FROM t");
  CHECK(count_in(dir / "copy.db") == 100);
}

TEST_CASE_FIXTURE(fixture, "what is in the write-ahead log alone is in the backup too") {
  fill(1);
  REQUIRE(fs::file_size(dir / "a.db-wal") > 0);
  REQUIRE(back_up(dir / "copy.db").ok());
  CHECK(count_in(dir / "copy.db") == 1);
}

TEST_CASE_FIXTURE(fixture, "transactions and reads go on during a backup, which shows one state") {
  // Each transaction keeps both numbers equal; a copy of two states would not.
  run("CREATE TABLE a (n INTEGER)");
  run("CREATE TABLE z (n INTEGER)");
  run("INSERT INTO a VALUES (0)");
  run("INSERT INTO z VALUES (0)");
  fill(8000);
  auto is_over = std::atomic<bool>{false};
  auto committed = std::atomic<int>{0};
  auto last = gate{};
  std::function<void()> next = [&] {
    db->transact(
        [](transaction& tx) -> result<void> {
          if (auto done = tx.execute("UPDATE a SET n = n + 1"); !done)
            return done;
          return tx.execute("UPDATE z SET n = n + 1");
        },
        [&](const result<void>& r) {
          if (r)
            ++committed;
          if (is_over.load())
            last.open();
          else
            next();
        });
  };
  next();
  while (committed.load() < 3) {
    auto n = read_blocking(*db, [](transaction& tx) { return tx.select_one<int>("SELECT n FROM a"); });
    REQUIRE(n.ok());
  }
  const int at_start = committed.load();
  auto made = back_up(dir / "copy.db");
  const int at_end = committed.load();
  is_over.store(true);
  last.wait();
  INFO((made ? "" : made.error().message));
  REQUIRE(made.ok());
  CHECK(at_end > at_start);
  auto c = open_or_fail({.path = dir / "copy.db"}, time);
  const auto n = number(*c.writer, "SELECT n FROM a");
  CHECK(n == number(*c.writer, "SELECT n FROM z"));
  CHECK(n >= at_start);
  CHECK(number(*c.writer, "SELECT count(*) FROM t") == 8000);
}

TEST_CASE_FIXTURE(fixture, "a backup overwrites nothing and says what is in its way") {
  fill(1);
  std::ofstream{dir / "taken"} << "precious";
  check_error(as_void(back_up(dir / "taken")), errc::exists, {"taken", "the file exists", "choose another name"});
  CHECK(fs::file_size(dir / "taken") == 8);
  fs::create_symlink("nowhere", dir / "link");
  check_error(as_void(back_up(dir / "link")), errc::exists, {"link", "exists"});
  std::ofstream{dir / "copy.db.partial"} << "half";
  check_error(as_void(back_up(dir / "copy.db")), errc::exists, {"copy.db.partial", "under way", "remove it"});
  CHECK(fs::file_size(dir / "copy.db.partial") == 4);
  check_error(as_void(back_up(dir / "a.db")), errc::exists, {"a.db"});
  check_error(as_void(back_up(dir / "no/copy.db")), errc::not_found, {"no", "create it"});
  check_error(as_void(back_up("copy.db")), errc::invalid, {"full path"});
  check_error(as_void(back_up(dir.path() / "")), errc::invalid, {"full path of a file"});
  CHECK(read_blocking(*db, [](transaction& tx) { return tx.select_one<int>("SELECT count(*) FROM t"); }).ok());
}

TEST_CASE_FIXTURE(fixture, "a backup that finds no room fails and leaves nothing behind") {
  fill(200);
  const auto before = names();
  // Files of this process may not grow beyond this; the copy is larger.
  const auto code = in_child([&] {
    auto small = rlimit{.rlim_cur = 64 * 1024, .rlim_max = 64 * 1024};
    ::signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &small) != 0)
      return 2;
    auto copier = sqlite::backup_core{dir / "a.db", time, nullptr};
    auto made = copier.back_up(dir / "copy.db");
    return made ? 3 : made.error().code == errc::io ? 0 : 4;
  });
  CHECK(code == 0);
  CHECK(names() == before);
}

TEST_CASE_FIXTURE(fixture, "the backup of a damaged database is refused and leaves nothing behind") {
  fill(50);
  REQUIRE(db->close(10s).ok());
  db.reset();
  auto file = std::fstream{dir / "a.db", std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(5 * 4096);
  file << std::string(4096, '\x7f');
  file.close();
  auto copier = sqlite::backup_core{dir / "a.db", time, nullptr};
  check_error(as_void(copier.back_up(dir / "copy.db")), errc::corrupt, {"damaged", "restore an earlier backup"});
  CHECK_FALSE(fs::exists(dir / "copy.db"));
  CHECK_FALSE(fs::exists(dir / "copy.db.partial"));
}

TEST_CASE_FIXTURE(fixture, "closing gives a backup up, and refuses those that come later") {
  auto copier = sqlite::backup_core{dir / "a.db", time, nullptr};
  copier.interrupt();
  check_error(as_void(copier.back_up(dir / "copy.db")), errc::cancelled, {"closing"});
  CHECK_FALSE(fs::exists(dir / "copy.db.partial"));
  REQUIRE(db->close(10s).ok());
  check_error(as_void(back_up(dir / "copy.db")), errc::unavailable, {"closed"});
}

TEST_CASE("a database in memory makes no backups") {
  auto time = system_clock{};
  auto events = telemetry{};
  auto db =
      threaded_database{open_or_fail({.path = ":memory:"}, time), {.queue_max = 10, .batch_max = 10}, events, time};
  auto said = std::optional<error>{};
  db.back_up("copy.db", [&](const result<backup_report>& r) { said = r.error(); });
  REQUIRE(said);
  CHECK(said->code == errc::unsupported);
}
