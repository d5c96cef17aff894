#include "apps/accumulator/store.hpp"

#include "apps/support.hpp"

#include <map>
#include <set>

using namespace beamline;
using namespace beamline::accumulator;
using store::transaction;

namespace {

/// One connection with the accumulator's tables.
struct tables {
  manual_clock time;
  store::connections opened = store::test::open_or_fail({.path = ":memory:"}, time);

  tables() { REQUIRE(opened.writer->migrate(schema_name, migrations()).ok()); }

  applied set(std::string slug, std::string visitor, bool liked) {
    auto out = applied{};
    auto outcome = store::test::write(*opened.writer, [&](transaction& tx) -> result<void> {
      auto r = apply(tx, {slug, visitor, liked});
      if (!r)
        return r.error();
      out = *r;
      return {};
    });
    INFO((outcome ? std::string{} : outcome.error().message));
    REQUIRE(outcome.ok());
    return out;
  }
};

}  // namespace

TEST_CASE_FIXTURE(tables, "a like counts once and can be taken back once") {
  CHECK(set("hello", "visitor_1", true).stats == blog_stats{"hello", 1, 1});
  auto again = set("hello", "visitor_1", true);
  CHECK_FALSE(again.has_changed);
  CHECK(again.stats == blog_stats{"hello", 1, 1});
  CHECK(set("hello", "visitor_2", true).stats == blog_stats{"hello", 2, 2});
  CHECK(set("hello", "visitor_1", false).stats == blog_stats{"hello", 1, 3});
  CHECK_FALSE(set("hello", "visitor_1", false).has_changed);
  CHECK(set("hello", "visitor_1", true).stats == blog_stats{"hello", 2, 4});
}

TEST_CASE_FIXTURE(tables, "taking back a like that never was changes nothing and makes no total") {
  auto r = set("hello", "visitor_1", false);
  CHECK_FALSE(r.has_changed);
  CHECK(r.stats == blog_stats{"hello", 0, 0});
  CHECK(store::test::number(*opened.writer, "SELECT count(*) FROM blog_totals") == 0);
}

TEST_CASE_FIXTURE(tables, "posts do not disturb each other") {
  (void)set("hello", "visitor_1", true);
  CHECK(set("other", "visitor_1", true).stats == blog_stats{"other", 1, 1});
}

TEST_CASE_FIXTURE(tables, "totals agree with a simple model over random steps") {
  auto random = seeded_random{42};
  auto model = std::map<std::string, std::set<std::string>>{};
  auto versions = std::map<std::string, std::int64_t>{};
  for (int i = 0; i < 2000; ++i) {
    auto slug = "post-" + std::to_string(random.below(3));
    auto visitor = "visitor_" + std::to_string(random.below(10));
    bool liked = random.below(2) == 0;
    bool is_change = liked ? model[slug].insert(visitor).second : model[slug].erase(visitor) > 0;
    versions[slug] += is_change ? 1 : 0;
    auto r = set(slug, visitor, liked);
    REQUIRE(r.has_changed == is_change);
    REQUIRE(r.stats == blog_stats{slug, static_cast<std::int64_t>(model[slug].size()), versions[slug]});
  }
  CHECK(store::test::number(*opened.writer, "SELECT sum(likes) FROM blog_totals")
        == store::test::number(*opened.writer, "SELECT count(*) FROM blog_likes"));
}

TEST_CASE_FIXTURE(tables, "hostile text is data, not SQL") {
  auto r = set("x'); DROP TABLE blog_likes; --", "visitor_1", true);
  CHECK(r.stats.likes == 1);
  CHECK(store::test::number(*opened.writer, "SELECT count(*) FROM blog_likes") == 1);
}
