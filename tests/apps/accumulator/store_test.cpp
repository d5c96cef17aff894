#include "apps/accumulator/store.hpp"

#include "apps/accumulator/tables.hpp"
#include "store/open.hpp"

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::accumulator::test;

TEST_CASE("numbers of a database that knew likes only are kept, and summed up") {
  manual_clock time;
  auto opened = store::test::open_or_fail({.path = ":memory:"}, time);
  auto all = migrations();
  REQUIRE(opened.writer->migrate(schema_name, std::vector{all.front()}).ok());
  for (auto sql : {"INSERT INTO blog_likes (slug, visitor) VALUES ('hello', 'visitor_1'), ('hello', 'visitor_2')",
                   "INSERT INTO blog_totals (slug, likes, version) VALUES ('hello', 2, 4), ('other', 0, 2)"})
    REQUIRE(store::test::write_sql(*opened.writer, sql).ok());
  REQUIRE(opened.writer->migrate(schema_name, all).ok());
  auto read = opened.writer->read([](store::transaction& tx) -> result<void> {
    tables t{tx};
    CHECK(to_stats("hello", t.load_post("hello")) == blog_stats{"hello", 2, 4});
    CHECK(t.load_site() == site_stats{0, 2, 0, 6, 0});
    return t.outcome();
  });
  CHECK(read.ok());
}

TEST_CASE_FIXTURE(fresh_tables, "a database has one id for good") {
  auto id = with([](tables& t) { return t.identity(uid{1, 2}); });
  CHECK(id == uid{1, 2});
  CHECK(with([](tables& t) { return t.identity(uid{3, 4}); }) == id);
}

TEST_CASE_FIXTURE(fresh_tables, "after a statement that failed nothing else is run, and its error is the outcome") {
  auto outcome = store::test::write(*opened.writer, [&](store::transaction& tx) -> result<void> {
    tables t{tx};
    t.save_post("hello", {.likes = 1, .version = 1});
    t.save_post("hello", {.likes = -1, .version = 2});
    t.save_post("hello", {.likes = 5, .version = 3});
    CHECK(t.load_post("hello").version == 0);
    CHECK_FALSE(t.remember(ids.next()));
    CHECK(t.newest_comments("", 10).empty());
    return t.outcome();
  });
  CHECK(outcome.error().code == errc::invalid);
  CHECK(stats("hello").version == 0);
}

TEST_CASE_FIXTURE(fresh_tables, "hostile text is data, not SQL") {
  auto e = set_like("x'); DROP TABLE blog_likes; --", "visitor_1", true);
  CHECK(e.answer.stats->likes == 1);
  auto c = apply(new_comment{"hello", "'; --", "'); DELETE FROM blog_comments; --", {}, ""});
  CHECK(shown("hello").front().content == "'); DELETE FROM blog_comments; --");
  CHECK(number("SELECT count(*) FROM blog_likes") == 1);
}

TEST_CASE_FIXTURE(fresh_tables, "a list of comments goes on where the one before ended") {
  auto all = std::vector<uid>{};
  for (int i = 0; i < 7; ++i) {
    all.push_back(comment_on("hello"));
    if (i % 2 == 0)
      time.advance(1s);  // Others are of the same moment.
    (void)comment_on("other");
  }
  auto seen = std::vector<uid>{};
  auto at = list_comments{"hello"};
  for (int i = 0; i < 4; ++i) {
    auto page = with([&](tables& t) { return t.shown_comments(at, 2); });
    CHECK(page.size() == (i < 3 ? 2 : 1));
    for (const auto& c : page) {
      seen.push_back(c.id);
      at.after = c.id;
      at.after_at = c.at;
    }
  }
  CHECK(seen == all);
  CHECK(with([](tables& t) { return t.newest_comments("", 3); }).size() == 3);
  CHECK(with([](tables& t) { return t.newest_comments("hello", 3); }).front().id == all.back());
}

TEST_CASE("a second accumulator on the same SQLite file is refused, and told who has it") {
  auto dir = store::test::temp_dir{};
  auto options = store::store_options{};
  options.path = dir / "accumulator.db";
  manual_clock time;
  telemetry events;
  auto first = store::open_database(options, events, time);
  REQUIRE(first.ok());
  REQUIRE(store::migrate_blocking(**first, std::string{schema_name}, migrations()).ok());
  auto second = store::open_database(options, events, time);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == errc::conflict);
  CHECK(second.error().message.find("is in use by process") != std::string::npos);
  CHECK(second.error().message.find("only one node may own it") != std::string::npos);
  REQUIRE((*first)->close(1s).ok());
  first->reset();
  CHECK(store::open_database(options, events, time).ok());
}
