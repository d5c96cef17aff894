#include "store/threaded_database.hpp"

#include "async.hpp"
#include "back_end.hpp"
#include "store/events.hpp"

#include <algorithm>
#include <numeric>
#include <thread>

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

struct fixture {
  test_database database;
  system_clock time;
  telemetry events;
  std::unique_ptr<threaded_database> db;

  void open(job_queue::limits limits = {.queue_max = 1000, .batch_max = 100}, std::size_t readers = 2) {
    db.reset();
    db = std::make_unique<threaded_database>(database.open(events, time, readers), limits, events, time);
    REQUIRE(transact_blocking(*db, [](transaction& tx) {
              return tx.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)");
            }).ok());
  }

  std::shared_ptr<gate> block() { return block_writer(*db); }

  std::int64_t count() {
    return std::get<0>(
        read_blocking(*db, [](transaction& tx) { return tx.select_one<std::int64_t>("SELECT count(*) FROM t"); })
            .value()
            .value());
  }
};

database::work insert(int id) {
  return [id](transaction& tx) { return tx.execute("INSERT INTO t VALUES ($1)", {id}); };
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "transactions are acknowledged in the order they were accepted, on a store thread") {
  open();
  auto done = outcomes{};
  for (int id = 0; id < 500; ++id)
    db->transact(insert(id), done.next(id));
  done.wait_for(500);
  auto expected = std::vector<int>(500);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(done.ids() == expected);
  CHECK(count() == 500);
  for (auto t : done.threads())
    REQUIRE(t != std::this_thread::get_id());
}

TEST_CASE_FIXTURE(fixture, "typed functions hand their value to the completion, errors pass through") {
  open();
  auto n = transact_blocking(*db, [](transaction& tx) -> result<std::int64_t> {
    if (auto r = insert(1)(tx); !r)
      return r.error();
    return tx.changes();
  });
  CHECK(n.value() == 1);
  check_error(as_void(transact_blocking(*db,
                                        [](transaction&) -> result<std::string> {
                                          return error{errc::not_found, "no such post"};
                                        })),
              errc::not_found, {"no such post"});
}

TEST_CASE_FIXTURE(fixture, "transactions that wait together share a commit of at most batch_max") {
  open({.queue_max = 1000, .batch_max = 10});
  auto batches = std::vector<std::uint64_t>{};
  auto last_queued = std::uint64_t{99};
  auto h = events.attach<commit_done>([&](const commit_done& e) {
    batches.push_back(e.batch);
    last_queued = e.queued;
    CHECK(e.failed == 0);
    CHECK(e.took > 0ns);
  });
  auto release = block();
  auto done = outcomes{};
  for (int id = 0; id < 25; ++id)
    db->transact(insert(id), done.next(id));
  release->open();
  done.wait_for(25);
  h.detach();
  CHECK(batches == std::vector<std::uint64_t>{1, 10, 10, 5});
  CHECK(last_queued == 0);
}

TEST_CASE_FIXTURE(fixture, "a full queue answers busy at once, on the caller's thread, and nothing happened") {
  open({.queue_max = 3, .batch_max = 10});
  auto refused = std::vector<std::string>{};
  auto h = events.attach<request_refused>(
      [&](const request_refused& e) { refused.push_back(std::string{e.operation} + std::to_string(e.queued)); });
  auto release = block();
  auto done = outcomes{};
  for (int id = 0; id < 5; ++id)
    db->transact(insert(id), done.next(id));
  CHECK(done.ids() == std::vector{3, 4});
  CHECK(done.codes() == std::vector<std::string>{"busy", "busy"});
  CHECK(done.threads().front() == std::this_thread::get_id());
  CHECK(refused == std::vector<std::string>{"transact3", "transact3"});
  release->open();
  done.wait_for(5);
  CHECK(count() == 3);
}

TEST_CASE_FIXTURE(fixture, "a read sees what was acknowledged before, and reads run beside a blocked writer") {
  for (std::size_t readers : {0U, 2U}) {
    CAPTURE(readers);
    open({.queue_max = 100, .batch_max = 10}, readers);
    for (int id = 1; id <= 20; ++id) {
      REQUIRE(transact_blocking(*db, insert(id)).ok());
      REQUIRE(count() == id);
    }
    if (readers > 0) {
      auto release = block();
      CHECK(count() == 20);
      release->open();
    }
    REQUIRE(transact_blocking(*db, [](transaction& tx) { return tx.execute("DELETE FROM t"); }).ok());
    REQUIRE(db->close(10s).ok());
  }
}

TEST_CASE_FIXTURE(fixture, "a read sees one state even when a transaction commits in the middle of it") {
  open();
  REQUIRE(transact_blocking(*db, insert(1)).ok());
  auto counts = read_blocking(*db, [this](transaction& tx) -> result<std::vector<std::int64_t>> {
    auto seen = std::vector<std::int64_t>{};
    for (int id : {2, 3}) {
      auto n = tx.select_one<std::int64_t>("SELECT count(*) FROM t");
      if (!n)
        return n.error();
      seen.push_back(std::get<0>((*n).value()));
      if (auto done = transact_blocking(*db, insert(id)); !done)
        return done.error();
    }
    return seen;
  });
  CHECK(counts.value() == std::vector<std::int64_t>{1, 1});
  CHECK(count() == 3);
}

TEST_CASE_FIXTURE(fixture, "close finishes what was accepted, then refuses") {
  open();
  auto done = outcomes{};
  for (int id = 0; id < 200; ++id)
    db->transact(insert(id), done.next(id));
  CHECK(db->close(30s).ok());
  CHECK(done.ids().size() == 200);
  CHECK(done.codes() == std::vector<std::string>(200, "ok"));
  auto late = outcomes{};
  db->transact(insert(1000), late.next(1));
  db->read([](transaction&) -> result<void> { return {}; }, late.next(2));
  db->migrate("a", {}, late.next(3));
  CHECK(late.codes() == std::vector<std::string>(3, "unavailable"));
  CHECK(db->close(1s).ok());
  db.reset();
  open();
  CHECK(count() == 200);
}

TEST_CASE_FIXTURE(fixture, "close with too small a budget interrupts, answers everybody and says so") {
  open({.queue_max = 100, .batch_max = 1});
  auto begun = gate{};
  auto done = outcomes{};
  db->transact(
      [&](transaction& tx) -> result<void> {
        begun.open();
        return tx.query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0",
                        {}, [](const row&) {});
      },
      done.next(0));
  db->transact(insert(1), done.next(1));
  begun.wait();
  check_error(db->close(1ms), errc::timeout, {"did not finish"});
  CHECK(done.ids() == std::vector{0, 1});
  CHECK(done.codes() == std::vector<std::string>{"cancelled", "unavailable"});
}

TEST_CASE_FIXTURE(fixture, "destroying the database answers everybody exactly once") {
  open({.queue_max = 1000, .batch_max = 5});
  auto done = outcomes{};
  for (int id = 0; id < 300; ++id)
    db->transact(insert(id), done.next(id));
  db.reset();
  CHECK(done.ids().size() == 300);
  const auto codes = done.codes();
  const auto acknowledged = std::count(codes.begin(), codes.end(), "ok");
  open();
  CHECK(count() == acknowledged);
}

TEST_CASE_FIXTURE(fixture, "a completion may ask for more") {
  open();
  auto last = gate{};
  std::function<void(int)> chain = [&](int id) {
    db->transact(insert(id), [&, id](result<void> r) {
      if (r && id < 20)
        chain(id + 1);
      else
        last.open();
    });
  };
  chain(1);
  last.wait();
  CHECK(count() == 20);
}

TEST_CASE_FIXTURE(fixture, "a completion that throws is reported and disturbs nobody") {
  open();
  auto reports = std::vector<std::string>{};
  auto h = events.attach<store_error>(
      [&](const store_error& e) { reports.push_back(std::string{e.operation} + ": " + std::string{e.message}); });
  db->transact(insert(1), [](result<void>) { throw std::runtime_error{"bad completion"}; });
  REQUIRE(transact_blocking(*db, insert(2)).ok());
  h.detach();
  CHECK(reports == std::vector<std::string>{"completion: bad completion"});
}

TEST_CASE_FIXTURE(fixture, "migrations run in order with the transactions around them") {
  open();
  auto h = events.attach<migrated>([&](const migrated& e) {
    CHECK(e.app == "likes");
    CHECK(e.version == 1);
    CHECK(e.applied == 1);
  });
  auto done = outcomes{};
  const auto use = [](transaction& tx) { return tx.execute("INSERT INTO likes VALUES (1)"); };
  auto release = block();
  db->transact(use, done.next(1));
  db->migrate("likes", {{1, "likes", "CREATE TABLE likes (n INTEGER)"}}, done.next(2));
  db->transact(use, done.next(3));
  release->open();
  done.wait_for(3);
  CHECK(done.ids() == std::vector{1, 2, 3});
  CHECK(done.codes() == std::vector<std::string>{"invalid", "ok", "ok"});
  check_error(migrate_blocking(*db, "likes", {{1, "likes", "CREATE TABLE likes (n TEXT)"}}), errc::conflict,
              {"was changed"});
}

TEST_CASE_FIXTURE(fixture, "many threads may use the database at once") {
  open({.queue_max = 10'000, .batch_max = 50});
  auto done = outcomes{};
  auto callers = std::vector<std::thread>{};
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&, c] {
      for (int i = 0; i < 100; ++i) {
        db->transact(insert(c * 100 + i), done.next(c * 100 + i));
        db->read([](transaction& tx) { return as_void(tx.select<int>("SELECT max(id) FROM t WHERE id >= 0")); },
                 [](result<void>) {});
      }
    });
  for (auto& c : callers)
    c.join();
  done.wait_for(400);
  CHECK(count() == 400);
}
