#include "back_end.hpp"
#include "store/open.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <mutex>
#include <set>

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

constexpr int outstanding_max = 64;

/// Writes one id to the pipe for each acknowledged insert, until it is killed. Runs in a child.
class writer {
public:
  writer(database& db, int pipe, std::int64_t first) : db_{db}, pipe_{pipe}, next_{first} {}

  void insert_next() {
    // Numbered in the order in which they are accepted, whichever thread asks.
    auto lock = std::lock_guard{mutex_};
    const auto id = next_++;
    db_.transact([id](transaction& tx) { return tx.execute("INSERT INTO t (id) VALUES ($1)", {id}); },
                 [this, id](result<void> done) {
                   if (!done || ::write(pipe_, &id, sizeof id) != sizeof id)
                     _exit(3);
                   insert_next();
                 });
  }

private:
  database& db_;
  int pipe_;
  std::mutex mutex_;
  std::int64_t next_;
};

[[noreturn]] void write_until_killed(store_options opts, int pipe, std::int64_t first) {
  auto events = telemetry{};
  auto time = system_clock{};
  opts.readers = 0;
  auto db = open_database(opts, events, time);
  if (!db)
    _exit(2);
  auto w = writer{**db, pipe, first};
  for (int i = 0; i < outstanding_max; ++i)
    w.insert_next();
  for (;;)
    pause();
}

std::int64_t read_id(int pipe) {
  std::int64_t id = 0;
  return ::read(pipe, &id, sizeof id) == sizeof id ? id : 0;
}

}  // namespace

TEST_CASE("what was acknowledged is there after the process is killed in the middle of its work") {
  auto time = manual_clock{};
  auto events = telemetry{};
  auto database = test_database{};
  {
    auto c = database.open(events, time);
    REQUIRE(write_sql(*c.writer, "CREATE TABLE t (id INTEGER PRIMARY KEY)").ok());
  }
  auto acknowledged = std::set<std::int64_t>{};
  std::int64_t first = 1;
  for (int wanted : {1, 40, 700, 2500}) {
    CAPTURE(wanted);
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const auto pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      ::close(pipe[0]);
      write_until_killed(database.options(), pipe[1], first);
    }
    ::close(pipe[1]);
    for (int i = 0; i < wanted; ++i)
      acknowledged.insert(read_id(pipe[0]));
    REQUIRE(kill(pid, SIGKILL) == 0);
    // What it said before it died counts as well.
    while (auto id = read_id(pipe[0]))
      acknowledged.insert(id);
    ::close(pipe[0]);
    int status = 0;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    REQUIRE(WIFSIGNALED(status));

    auto c = database.open(events, time);
    // A server may still be at work for the dead one: writers wait for each other.
    REQUIRE(write(*c.writer, [](transaction&) -> result<void> { return {}; }).ok());
    auto stored = std::set<std::int64_t>{};
    REQUIRE(c.writer
                ->read([&](transaction& tx) {
                  return tx.query("SELECT id FROM t", {}, [&](const row& r) { stored.insert(r.get<std::int64_t>(0)); });
                })
                .ok());
    auto lost = std::vector<std::int64_t>{};
    std::set_difference(acknowledged.begin(), acknowledged.end(), stored.begin(), stored.end(),
                        std::back_inserter(lost));
    CHECK(lost.empty());
    CHECK_FALSE(acknowledged.contains(0));
    CHECK(static_cast<std::int64_t>(stored.size()) == *stored.rbegin());  // In order: no gaps before the last.
    first = *stored.rbegin() + 1;
  }
  CHECK(acknowledged.size() >= 3241);
}
