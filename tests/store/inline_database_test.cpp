#include "store/inline_database.hpp"

#include "support.hpp"

#include <algorithm>

using namespace beamline;
using namespace beamline::store;
using namespace beamline::store::test;

namespace {

/// Keeps the steps until the test runs them, in whatever order it likes: a very small simulator.
class step_list final : public executor {
public:
  void post(step what, std::function<void()> run) override { steps_.push_back({what, std::move(run)}); }

  [[nodiscard]] std::size_t size() const { return steps_.size(); }
  [[nodiscard]] step kind(std::size_t i) const { return steps_[i].what; }
  void run(std::size_t i) {
    auto chosen = std::move(steps_[i]);
    steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(i));
    chosen.run();
  }
  void run_all() {
    while (!steps_.empty())
      run(0);
  }

private:
  struct entry {
    step what;
    std::function<void()> run;
  };
  std::vector<entry> steps_;
};

struct fixture {
  manual_clock time;
  telemetry events;
  step_list steps;
  temp_dir dir;
  std::unique_ptr<inline_database> db;
  std::vector<std::string> log;

  fixture() { open(); }
  void open(job_queue::limits limits = {.queue_max = 10, .batch_max = 4}) {
    db.reset();
    db = std::make_unique<inline_database>(open_or_fail({.path = dir / "a.db"}, time), limits, steps, events, time);
    db->transact([](transaction& tx) { return tx.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)"); },
                 [](result<void> r) { REQUIRE(r.ok()); });
    steps.run_all();
  }

  database::completion note(std::string what) {
    return [this, what](result<void> r) {
      log.push_back(what + (r ? " ok" : " " + std::string{to_string(r.error().code)}));
    };
  }
  void insert(int id) {
    db->transact([id](transaction& tx) { return tx.execute("INSERT INTO t VALUES ($1)", {id}); },
                 note("insert " + std::to_string(id)));
  }
  void count() {
    db->read([](transaction& tx) { return tx.select_one<std::int64_t>("SELECT count(*) FROM t"); },
             [this](result<std::optional<std::tuple<std::int64_t>>> r) {
               log.push_back("count " + std::to_string(std::get<0>(r.value().value())));
             });
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "nothing happens until the executor runs the steps") {
  insert(1);
  insert(2);
  CHECK(log.empty());
  REQUIRE(steps.size() == 1);
  CHECK(steps.kind(0) == executor::step::transact);
  steps.run(0);
  CHECK(log.empty());  // Committed, not answered.
  REQUIRE(steps.size() == 1);
  CHECK(steps.kind(0) == executor::step::complete);
  steps.run(0);
  CHECK(log == std::vector<std::string>{"insert 1 ok", "insert 2 ok"});
  CHECK(steps.size() == 0);
}

TEST_CASE_FIXTURE(fixture, "answers keep their order whatever order the executor runs the steps in") {
  for (int id = 1; id <= 9; ++id)
    insert(id);
  // Always the newest step: completions of later groups would overtake.
  while (steps.size() > 0)
    steps.run(steps.size() - 1);
  REQUIRE(log.size() == 9);
  CHECK(log.front() == "insert 1 ok");
  CHECK(std::is_sorted(log.begin(), log.end()));
}

TEST_CASE_FIXTURE(fixture, "a read may be run before or after a transaction that waits") {
  insert(1);
  count();
  REQUIRE(steps.size() == 2);
  SUBCASE("before") {
    steps.run(1);
    steps.run_all();
    CHECK(std::find(log.begin(), log.end(), "count 0") != log.end());
  }
  SUBCASE("after") {
    steps.run_all();
    CHECK(std::find(log.begin(), log.end(), "count 1") != log.end());
  }
}

TEST_CASE_FIXTURE(fixture, "a node that dies between commit and answer has the data and gave no answer") {
  insert(1);
  steps.run(0);
  db.reset();
  steps.run_all();
  CHECK(log.empty());
  open();
  count();
  steps.run_all();
  CHECK(log == std::vector<std::string>{"count 1"});
}

TEST_CASE_FIXTURE(fixture, "a node that dies before the commit has neither") {
  insert(1);
  db.reset();
  steps.run_all();
  CHECK(log.empty());
  open();
  count();
  steps.run_all();
  CHECK(log == std::vector<std::string>{"count 0"});
}

TEST_CASE_FIXTURE(fixture, "the queue is bounded here too") {
  for (int id = 1; id <= 12; ++id)
    insert(id);
  CHECK(log == std::vector<std::string>{"insert 11 busy", "insert 12 busy"});
  steps.run_all();
  CHECK(log.size() == 12);
}

TEST_CASE_FIXTURE(fixture, "close runs and answers everything at once, then refuses") {
  insert(1);
  steps.run(0);
  insert(2);
  count();
  CHECK(db->close(0s).ok());
  CHECK(log == std::vector<std::string>{"insert 1 ok", "insert 2 ok", "count 2"});
  insert(3);
  CHECK(log.back() == "insert 3 unavailable");
  steps.run_all();
  CHECK(db->close(0s).ok());
  CHECK(log.size() == 4);
}

TEST_CASE_FIXTURE(fixture, "a completion may ask for more, also while closing") {
  db->transact([](transaction&) -> result<void> { return {}; },
               [this](result<void>) {
                 log.push_back("first");
                 insert(1);
               });
  SUBCASE("running") {
    steps.run_all();
    CHECK(log == std::vector<std::string>{"first", "insert 1 ok"});
  }
  SUBCASE("closing") {
    CHECK(db->close(0s).ok());
    CHECK(log == std::vector<std::string>{"first", "insert 1 unavailable"});
  }
}

TEST_CASE_FIXTURE(fixture, "migrations are steps of their own") {
  db->migrate("a", {{1, "a", "CREATE TABLE a (x INTEGER)"}}, note("migrate"));
  REQUIRE(steps.size() == 1);
  CHECK(steps.kind(0) == executor::step::migrate);
  steps.run_all();
  CHECK(log == std::vector<std::string>{"migrate ok"});
}
