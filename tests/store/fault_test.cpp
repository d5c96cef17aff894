#include "support.hpp"
#include "testing/disk/simulated_disk.hpp"
#include "testing/machine.hpp"
#include "testing/world.hpp"

#include <sqlite3.h>

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

using testing::simulated_disk;
using operation = simulated_disk::operation;
using verdict = simulated_disk::verdict;

struct fixture {
  testing::world world;
  simulated_disk& disk = world.machine_of("one@sim").disk();
  manual_clock time;
  connections c = open();
  int failures_left = 0;

  connections open() { return open_or_fail({.path = "a.db", .vfs = disk.vfs()}, time); }
  void reopen() {
    c.writer.reset();
    c = open();
  }

  fixture() { REQUIRE(write_sql(*c.writer, "CREATE TABLE t (id INTEGER PRIMARY KEY)").ok()); }

  /// The next operation of this kind on the write-ahead log ends so.
  void strike_log(operation what, verdict how) {
    failures_left = 1;
    disk.set_judge([this, what, how](operation asked, std::string_view name) {
      if (asked != what || name != "a.db-wal" || failures_left == 0)
        return verdict::allow;
      --failures_left;
      return how;
    });
  }
  std::vector<result<void>> insert(std::initializer_list<int> ids) {
    auto batch = std::vector<database::work>{};
    for (int id : ids)
      batch.emplace_back([id](transaction& tx) { return tx.execute("INSERT INTO t VALUES ($1)", {id}); });
    return c.writer->write(batch);
  }
  std::int64_t count() { return number(*c.writer, "SELECT count(*) FROM t"); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "when the shared commit fails everybody in the batch is told, and nothing is there") {
  for (auto what : {operation::write, operation::sync}) {
    const auto code = what == operation::write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
    strike_log(what, verdict::fail);
    auto outcomes = insert({1, 1, 2});
    CHECK(failures_left == 0);
    check_error(outcomes[0], errc::io, {"commit failed", "a.db", "disk I/O error", std::to_string(code)});
    check_error(outcomes[1], errc::exists, {"UNIQUE"});  // Has a reason of its own.
    check_error(outcomes[2], errc::io, {"commit failed"});
    CHECK(count() == 0);
  }
  SUBCASE("the next batch is none the worse") {
    for (const auto& outcome : insert({1, 2}))
      CHECK(outcome.ok());
    CHECK(count() == 2);
    reopen();
    CHECK(count() == 2);
  }
}

TEST_CASE_FIXTURE(fixture, "a disk that is full at the commit says so, and works again when there is space") {
  REQUIRE(insert({1}).front().ok());
  strike_log(operation::write, verdict::full);
  for (const auto& outcome : insert({2, 3}))
    check_error(outcome, errc::io, {"commit failed", "no space left", "free space"});
  REQUIRE(insert({4}).front().ok());
  reopen();
  CHECK(number(*c.writer, "SELECT sum(id) FROM t") == 5);
}

TEST_CASE_FIXTURE(fixture, "a migration whose commit fails leaves nothing behind and can be repeated") {
  const auto known = std::vector<migration>{{1, "a", "CREATE TABLE a (x INTEGER)"}};
  REQUIRE(c.writer->migrate("app", {}).ok());  // The table of migrations itself.
  strike_log(operation::sync, verdict::fail);
  check_error(as_void(c.writer->migrate("app", known)), errc::io, {"migration 1 (\"a\") of app", "disk I/O error"});
  CHECK(number(*c.writer, "SELECT count(*) FROM sqlite_schema WHERE name = 'a'") == 0);
  CHECK(c.writer->migrate("app", known).value() == 1);
}

TEST_CASE_FIXTURE(fixture, "faults at every operation in turn lose nothing that was acknowledged") {
  // Each round, operation number n of whatever kind fails once; the database is used, reopened, and compared.
  auto acknowledged = std::vector<int>{};
  int next = 1;
  for (int n = 0; n < 40; ++n) {
    int countdown = n;
    disk.set_judge([&countdown](operation what, std::string_view) {
      if (countdown-- != 0)
        return verdict::allow;
      return what == operation::sync ? verdict::fail : verdict::full;
    });
    for (int batch = 0; batch < 4; ++batch) {
      const auto ids = {next, next + 1, next + 2};
      next += 3;
      const auto outcomes = insert(ids);
      for (std::size_t i = 0; i < outcomes.size(); ++i)
        if (outcomes[i])
          acknowledged.push_back(*(ids.begin() + i));
    }
    disk.set_judge({});
    reopen();
    for (int id : acknowledged) {
      CAPTURE(n);
      REQUIRE(number(*c.writer, "SELECT count(*) FROM t WHERE id = " + std::to_string(id)) == 1);
    }
  }
  CHECK(acknowledged.size() > 300);
}
