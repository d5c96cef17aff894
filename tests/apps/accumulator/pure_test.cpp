// The parts of the accumulator that only decide: limits, losses, commits, news.

#include "apps/accumulator/commit_line.hpp"
#include "apps/accumulator/loss_meter.hpp"
#include "apps/accumulator/news.hpp"
#include "apps/accumulator/options.hpp"
#include "apps/accumulator/standing.hpp"
#include "base/json.hpp"
#include "base/limiter.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::accumulator;

namespace {

const wall_time noon{std::chrono::hours{12}};

write_ptr some_write(std::size_t visitors = 0) {
  incoming e;
  e.what = visits{metric::scope::blog, "hello", std::vector<std::string>(visitors, "visitor_1")};
  return std::make_shared<pending_write>(pending_write{e, {}});
}

effect changed(std::int64_t version, const change& by) {
  effect e;
  e.has_changed = true;
  e.by = by;
  e.answer.stats = blog_stats{"hello", version * 10, version};
  e.site = site_stats{1, 2, 3, version + 100, 0};
  return e;
}

}  // namespace

// -- limits -------------------------------------------------------------------------------------------

TEST_CASE("a visitor may do as much at once as in a minute, then as much as comes in") {
  limiter l{{.per_minute = 3}};
  for (int i = 0; i < 3; ++i)
    CHECK(l.take("visitor_1", noon));
  CHECK_FALSE(l.take("visitor_1", noon));
  CHECK(l.take("visitor_2", noon));
  CHECK_FALSE(l.take("visitor_1", noon + 19s));
  CHECK(l.take("visitor_1", noon + 20s));
  CHECK_FALSE(l.take("visitor_1", noon + 20s));
  SUBCASE("an idle hour fills the bucket and no more") {
    for (int i = 0; i < 3; ++i)
      CHECK(l.take("visitor_1", noon + 1h));
    CHECK_FALSE(l.take("visitor_1", noon + 1h));
  }
  SUBCASE("what was not done is given back") {
    l.give_back("visitor_1");
    CHECK(l.take("visitor_1", noon + 20s));
    CHECK_FALSE(l.take("visitor_1", noon + 20s));
  }
  SUBCASE("an event that was made earlier brings no time with it") {
    CHECK_FALSE(l.take("visitor_1", noon, noon + 20s));
    CHECK_FALSE(l.take("visitor_1", noon + 39s));
    CHECK(l.take("visitor_1", noon + 40s));
  }
}

TEST_CASE("a host whose clock is fast does not lock its readers out of the hours to come") {
  limiter l{{.per_minute = 3}};
  for (int i = 0; i < 3; ++i)
    CHECK(l.take("visitor_1", noon + 5h, noon));
  CHECK_FALSE(l.take("visitor_1", noon + 6h, noon));  // Nor does it give them time that has not passed.
  CHECK(l.take("visitor_1", noon + 20s, noon + 20s));
  CHECK_FALSE(l.take("visitor_1", noon + 20s, noon + 20s));
  CHECK(l.take("visitor_1", noon + 5h, noon + 40s));
}

TEST_CASE("a clock that is set back stops no bucket from filling") {
  limiter l{{.per_minute = 3}};
  for (int i = 0; i < 3; ++i)
    CHECK(l.take("visitor_1", noon));
  CHECK_FALSE(l.take("visitor_1", noon - 1h));
  CHECK_FALSE(l.take("visitor_1", noon - 1h + 19s));
  CHECK(l.take("visitor_1", noon - 1h + 20s));
  CHECK_FALSE(l.take("visitor_1", noon - 1h + 20s));
}

TEST_CASE("what waited for an hour is not refused for coming all at once") {
  limiter l{{.per_minute = 1}};
  for (int i = 0; i < 60; ++i)
    CHECK(l.take("visitor_1", noon + i * 1min));
}

TEST_CASE("of too many visitors the one that was idle longest is forgotten") {
  limiter l{{.per_minute = 1, .visitors_max = 2}};
  CHECK(l.take("visitor_1", noon));
  CHECK(l.take("visitor_2", noon));
  CHECK_FALSE(l.take("visitor_1", noon));
  CHECK(l.take("visitor_3", noon));
  CHECK(l.size() == 2);
  CHECK_FALSE(l.take("visitor_1", noon));
  CHECK(l.take("visitor_2", noon));
  CHECK(l.size() == 2);
}

// -- losses -------------------------------------------------------------------------------------------

TEST_CASE("gaps in a sender's numbers are counted, each once") {
  loss_meter m;
  CHECK(m.note("host_1#1", 7) == 6);  // A source begins with 1.
  CHECK(m.note("host_1#1", 8) == 0);
  CHECK(m.note("host_2#1", 1) == 0);
  CHECK(m.note("host_1#1", 12) == 3);
  CHECK(m.note("host_1#1", 12) == 0);
  CHECK(m.note("host_1#1", 9) == 0);
  CHECK(m.note("host_1#1", 13) == 0);
  CHECK(m.note("host_1#2", 1) == 0);
  CHECK(m.note("host_1#1", 0) == 0);  // Not numbered.
  for (std::size_t i = 0; i < 2 * loss_meter::sources_max; ++i)
    CHECK(m.note("other_" + std::to_string(i), 1) == 0);
  CHECK(m.note("host_1#1", 20) == 0);  // Forgotten meanwhile.
  CHECK(m.note("host_1#1", 22) == 1);
}

// -- commits ------------------------------------------------------------------------------------------

TEST_CASE("what comes while a commit runs, or too soon after it began, shares the next one") {
  commit_line line{{.interval = 5ms}};
  auto now = time_point{} + 1h;
  CHECK(line.begin(now).empty());
  CHECK_FALSE(line.pause(now).has_value());
  auto first = some_write();
  line.push(first);
  CHECK(line.pause(now) == duration::zero());
  CHECK(line.begin(now) == std::vector{first});
  auto rest = std::vector{some_write(), some_write()};
  for (const auto& w : rest)
    line.push(w);
  CHECK(line.begin(now + 10ms).empty());
  CHECK_FALSE(line.pause(now + 10ms).has_value());
  CHECK(line.size() == 3);
  CHECK(line.finished({}) == std::vector{first});
  CHECK(line.pause(now + 2ms) == duration{3ms});
  CHECK(line.begin(now + 2ms).empty());
  CHECK(line.begin(now + 5ms) == rest);
  CHECK(line.finished({}) == rest);
  CHECK(line.size() == 0);
}

TEST_CASE("a commit takes no more than its weight, but always one") {
  commit_line line{{.interval = 0ms, .weight_max = 100}};
  auto heavy = some_write(1000);
  auto light = some_write(80);
  line.push(heavy);
  line.push(light);
  line.push(some_write(80));
  CHECK(line.begin({}) == std::vector{heavy});
  (void)line.finished({});
  CHECK(line.begin({}) == std::vector{light});
}

TEST_CASE("one bad write does not take its companions down") {
  commit_line line{{.interval = 5ms}};
  auto all = std::vector{some_write(), some_write(), some_write()};
  for (const auto& w : all)
    line.push(w);
  auto late = some_write();
  CHECK(line.begin({}) == all);
  line.push(late);
  CHECK(line.finished(error{errc::invalid, "?"}).empty());
  // Each alone, in order, without pauses.
  CHECK(line.begin({}) == std::vector{all[0]});
  CHECK(line.finished({}) == std::vector{all[0]});
  CHECK(line.begin({}) == std::vector{all[1]});
  SUBCASE("the bad one is found, and the rest goes on") {
    CHECK(line.finished(error{errc::invalid, "?"}) == std::vector{all[1]});
    CHECK(line.begin({}) == std::vector{all[2]});
    CHECK(line.finished({}) == std::vector{all[2]});
    CHECK(line.begin(time_point{} + 5ms) == std::vector{late});
  }
  SUBCASE("trouble of the store meanwhile fails all that wait, so that none overtakes another") {
    CHECK(line.finished(error{errc::io, "?"}) == std::vector{all[1], all[2], late});
    CHECK(line.size() == 0);
    line.push(all[0]);
    line.push(all[1]);
    CHECK(line.begin(time_point{} + 5ms).size() == 2);
  }
}

TEST_CASE("trouble of the store fails the commit and what waits behind it") {
  commit_line line{{.interval = 5ms}};
  auto all = std::vector{some_write(), some_write()};
  line.push(all[0]);
  (void)line.begin({});
  line.push(all[1]);
  CHECK(line.finished(error{errc::unavailable, "?"}) == all);
}

// -- news ---------------------------------------------------------------------------------------------

TEST_CASE("of each topic the newest is told, with the version before the first change") {
  news n;
  CHECK_FALSE(n.has_sums());
  n.add(changed(5, {.likes = 1}));
  n.add(changed(6, {.visits = 2}));
  n.add({});  // Nothing changed.
  auto posts = n.take_posts();
  REQUIRE(posts.size() == 1);
  CHECK(posts[0] == blog_stats{"hello", 60, 6, 0, 0, 0, 4});
  CHECK(n.take_posts().empty());
  n.add(changed(7, {.likes = 1}));
  CHECK(n.take_posts().front().previous == 6);
  CHECK(n.has_sums());
  CHECK(n.take_site() == std::optional{site_stats{1, 2, 3, 107, 104}});
  auto keys = std::vector<std::string>{};
  for (const auto& m : n.take_metrics())
    keys.push_back(m.metric);
  CHECK(keys == std::vector<std::string>{"blog.hello.likes", "blog.hello.visits", "site.likes", "site.visits"});
  CHECK_FALSE(n.has_sums());
  CHECK(n.take_comments().empty());
}

TEST_CASE("every comment is told") {
  news n;
  for (std::int64_t v = 1; v <= 3; ++v) {
    auto e = changed(v, {.comments = 1, .of_comments = true});
    e.news = comment_news{v, {}, false};
    n.add(e);
  }
  auto told = n.take_comments();
  REQUIRE(told.size() == 3);
  CHECK(told[0].version == 1);
  CHECK(told[2].version == 3);
}

// -- rivals -------------------------------------------------------------------------------------------

TEST_CASE("of two accumulators with different databases exactly one gives way") {
  auto one = uid{1, 1};
  auto two = uid{2, 2};
  auto file = [](std::string node, std::uint64_t run, uid db) { return contender{std::move(node), run, {db, false}}; };
  auto server = [](std::string node, std::uint64_t run, uid db) { return contender{std::move(node), run, {db, true}}; };
  SUBCASE("the later one of two with files, also when one file is a copy of the other") {
    for (const auto& db : {one, two}) {
      CHECK(must_give_way(file("b@h", 9, db), file("a@h", 5, one)));
      CHECK_FALSE(must_give_way(file("a@h", 5, one), file("b@h", 9, db)));
    }
  }
  SUBCASE("the second by name of two that were started at once") {
    CHECK(must_give_way(file("b@h", 5, two), file("a@h", 5, one)));
    CHECK_FALSE(must_give_way(file("a@h", 5, one), file("b@h", 5, two)));
  }
  SUBCASE("the one with a file beside one with a server") {
    CHECK(must_give_way(file("a@h", 1, one), server("b@h", 9, two)));
    CHECK_FALSE(must_give_way(server("b@h", 9, two), file("a@h", 1, one)));
  }
  SUBCASE("none of two on one server, one of two on different ones") {
    CHECK_FALSE(must_give_way(server("a@h", 1, one), server("b@h", 9, one)));
    CHECK_FALSE(must_give_way(server("b@h", 9, one), server("a@h", 1, one)));
    CHECK(must_give_way(server("b@h", 9, two), server("a@h", 1, one)));
  }
}

// -- options ------------------------------------------------------------------------------------------

TEST_CASE("what can change while it runs is taken over, and the rest stays") {
  accumulator_options before;
  before.commit_interval = 9ms;
  accumulator_options after;
  after.commit_interval = 1ms;
  after.calls_max = 7;
  after.comment_bytes_max = 8;
  after.comments_moderated = true;
  after.comments_per_minute = 9;
  after.likes_per_minute = 10;
  after.limited_visitors_max = 111;
  auto now = with_settings(before, reloadable_settings(after));
  CHECK(now.commit_interval == 9ms);
  CHECK(reloadable_settings(now) == reloadable_settings(after));
  CHECK(reloadable_settings(with_settings(before, json::object())) == reloadable_settings(before));
}
