// Partitions by time: on PostgreSQL only.

#include "apps/accumulator/partitions.hpp"

#include "apps/accumulator/tables.hpp"

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::accumulator::test;

namespace {

struct partitioned_tables : fresh_tables {
  accumulator_options options{.visit_window = 30min, .dedupe_retention = 48h, .dedupe_rows_max = 1'000'000};

  /// In the transactions of the sweeper.
  sweep_step forget() {
    make();
    return with([&](tables& t) { return sweep_partitions(t, sweep_bound(t, time.wall_now(), options), options); });
  }
  std::size_t make() {
    return with([&](tables& t) {
      t.take_turn();
      return make_partitions(t, time.wall_now());
    });
  }
  std::vector<std::int64_t> days() {
    return with([](tables& t) { return t.partitioned_days(); });
  }
  void run_sql(const std::string& sql) {
    auto done = store::test::write(*opened.writer, [&](store::transaction& tx) { return tx.execute(sql, {}); });
    INFO((done ? std::string{} : done.error().message));
    REQUIRE(done.ok());
  }
  std::int64_t rows_of(const std::string& table) { return number("SELECT count(*) FROM " + table); }
  std::int64_t today() { return day_of(time.wall_now()); }
};

}  // namespace

TEST_CASE("a day begins at midnight, also before 1970") {
  CHECK(day_of(start_of(19'872)) == 19'872);
  CHECK(day_of(start_of(19'872) - 1us) == 19'871);
  CHECK(day_of(start_of(-1)) == -1);
}

TEST_CASE_FIXTURE(partitioned_tables, "there are partitions for today and the days ahead, and they are made once") {
  CHECK(with([](tables& t) { return t.has_partitions(); }));
  CHECK(days().empty());
  (void)forget();
  CHECK(days() == std::vector{today(), today() + 1, today() + 2});
  (void)forget();
  time.advance(24h);
  (void)forget();
  CHECK(days().size() == 4);
}

TEST_CASE_FIXTURE(partitioned_tables, "what came before its partition was made is moved, and recognised there") {
  auto early = ids.next();
  (void)apply(early, visits{metric::scope::blog, "hello", {"visitor_1"}});
  CHECK(rows_of("seen_events_rest") == 1);
  (void)forget();
  CHECK(rows_of("seen_events_rest") == 0);
  CHECK(rows_of("visits_rest") == 0);
  CHECK(rows_of("seen_events_" + std::to_string(today())) == 1);
  CHECK(apply(early, visits{metric::scope::blog, "hello", {"visitor_1"}}).answer.outcome == event_outcome::duplicate);
  CHECK(visit("hello", {"visitor_1"}).answer.outcome == event_outcome::applied);
  CHECK(stats("hello").visits == 1);
  CHECK(rows_of("seen_events") == 2);
}

TEST_CASE_FIXTURE(partitioned_tables, "an id is unique whichever partition it is in, also across midnight") {
  (void)forget();
  auto to_midnight = start_of(today() + 1) - time.wall_now();
  time.advance(std::chrono::duration_cast<duration>(to_midnight) - 1ms);
  auto late = ids.next();
  CHECK(apply(late, like{"hello", "", true, 1}).answer.outcome == event_outcome::applied);
  time.advance(2ms);
  auto next_day = ids.next();
  CHECK(apply(next_day, like{"hello", "", true, 1}).answer.outcome == event_outcome::applied);
  CHECK(apply(late, like{"hello", "", true, 1}).answer.outcome == event_outcome::duplicate);
  CHECK(stats("hello").likes == 2);
  CHECK(rows_of("seen_events_" + std::to_string(today() - 1)) == 1);
  CHECK(rows_of("seen_events_" + std::to_string(today())) == 1);
}

TEST_CASE_FIXTURE(partitioned_tables, "the retention drops whole days, and late repetitions are rejected") {
  (void)forget();
  auto first = ids.next();
  (void)apply(first, visits{metric::scope::blog, "hello", {"visitor_1"}});
  auto day = today();
  time.advance(47h);
  CHECK(forget().partitions == 0);
  CHECK(apply(first, visits{metric::scope::blog, "hello", {"visitor_1"}}).answer.outcome == event_outcome::duplicate);
  time.advance(26h);
  CHECK(forget().partitions == 1);
  CHECK(days().front() == day + 1);
  CHECK(rows_of("seen_events") == 0);
  CHECK(rows_of("visits") == 0);
  CHECK(code_of(apply(first, visits{metric::scope::blog, "hello", {"visitor_1"}})) == "expired");
  CHECK(stats("hello").visits == 1);
}

TEST_CASE_FIXTURE(partitioned_tables, "rows in a partition are not deleted one by one, those in the rest are") {
  auto old = ids.next();
  (void)apply(old, like{"hello", "", true, 1});
  time.advance(24h);
  (void)forget();  // Of yesterday there is none, and will be none.
  CHECK(rows_of("seen_events_rest") == 1);
  (void)apply(ids.next(), like{"hello", "", true, 1});
  time.advance(72h);
  auto went = with([&](tables& t) { return sweep(t, sweep_bound(t, time.wall_now(), options), options); });
  CHECK(went.ids == 1);
  CHECK(rows_of("seen_events_rest") == 0);
  CHECK(rows_of("seen_events") == 1);
  CHECK(forget().partitions >= 1);
  CHECK(rows_of("seen_events") == 0);
}

TEST_CASE_FIXTURE(partitioned_tables, "a day that cannot be dropped stays, and keeps none from being made") {
  (void)forget();
  (void)apply(ids.next(), like{"hello", "", true, 1});
  auto first = today();
  // Somebody looks at it.
  run_sql("CREATE VIEW held AS SELECT id FROM seen_events_" + std::to_string(first));
  time.advance(24h * 10);
  CHECK(make() == 3);
  auto failed = store::test::write(*opened.writer, [&](store::transaction& tx) -> result<void> {
    tables t{tx};
    (void)sweep_partitions(t, sweep_bound(t, time.wall_now(), options), options);
    return t.outcome();
  });
  CHECK_FALSE(failed.ok());
  CHECK(days().front() == first);
  CHECK(days().back() == today() + 2);
  run_sql("DROP VIEW held");
  CHECK(forget().partitions == 3);
  CHECK(days() == std::vector{today(), today() + 1, today() + 2});
}

TEST_CASE_FIXTURE(partitioned_tables, "partitions of another schema of the database are none of these") {
  auto other_day = std::to_string(today());
  run_sql("CREATE SCHEMA other");
  run_sql("CREATE TABLE other.seen_events (id TEXT NOT NULL PRIMARY KEY) PARTITION BY RANGE (id)");
  run_sql("CREATE TABLE other.seen_events_" + other_day
          + " PARTITION OF other.seen_events FOR VALUES FROM ('0') TO ('g')");
  CHECK(days().empty());
  CHECK(make() == 3);
  auto event = ids.next();
  CHECK(apply(event, like{"hello", "", true, 1}).answer.outcome == event_outcome::applied);
  CHECK(rows_of("seen_events_" + other_day) == 1);
  CHECK(rows_of("other.seen_events") == 0);
  time.advance(24h * 10);
  CHECK(forget().partitions == 3);
  CHECK(rows_of("other.seen_events_" + other_day) == 0);  // It is still there.
}
