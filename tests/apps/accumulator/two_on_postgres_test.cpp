// Two accumulators over one PostgreSQL: what both are sent counts once, whichever of them is first.

#include "apps/accumulator/apply.hpp"
#include "apps/accumulator/partitions.hpp"
#include "apps/accumulator/reads.hpp"
#include "apps/accumulator/store.hpp"
#include "apps/accumulator/sweep.hpp"
#include "base/random.hpp"
#include "store/blocking.hpp"
#include "store/open.hpp"
#include "support/throwaway_postgres.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace beamline;
using namespace beamline::accumulator;

namespace {

constexpr std::size_t batch = 10;
constexpr auto wait_max = std::chrono::seconds{60};

/// The store of one accumulator.
struct accumulator_store {
  explicit accumulator_store(const std::string& url) {
    store::store_options o;
    o.database_url = url;
    auto opened = store::open_database(o, events, time);
    INFO((opened ? std::string{} : opened.error().message));
    REQUIRE(opened.ok());
    db = std::move(*opened);
  }
  ~accumulator_store() { CHECK(db->close(5s).ok()); }
  accumulator_store(const accumulator_store&) = delete;
  accumulator_store& operator=(const accumulator_store&) = delete;

  /// As the writer does: many in one transaction, in their order.
  [[nodiscard]] std::vector<event_outcome> apply(const std::vector<incoming>& events_of_batch) {
    auto run = [&](store::transaction& tx) -> result<std::vector<event_outcome>> {
      tables t{tx};
      t.take_turn();
      std::vector<event_outcome> all;
      all.reserve(events_of_batch.size());
      for (const auto& e : events_of_batch)
        all.push_back(accumulator::apply(t, e, rules{}).answer.outcome);
      if (auto ok = t.outcome(); !ok)
        return ok.error();
      return all;
    };
    auto done = store::transact_blocking(*db, run);
    INFO((done ? std::string{} : done.error().message));
    REQUIRE(done.ok());
    return *done;
  }
  template <class F>
  auto write(F change) {
    using value = std::invoke_result_t<F&, tables&>;
    auto done = store::transact_blocking(*db, [&](store::transaction& tx) -> result<value> {
      tables t{tx};
      auto v = change(t);
      if (auto ok = t.outcome(); !ok)
        return ok.error();
      return v;
    });
    INFO((done ? std::string{} : done.error().message));
    REQUIRE(done.ok());
    return *done;
  }
  template <class F>
  auto read(F load) {
    using value = std::invoke_result_t<F&, tables&>;
    auto done = store::read_blocking(*db, [&](store::transaction& tx) -> result<value> {
      tables t{tx};
      auto v = load(t);
      if (auto ok = t.outcome(); !ok)
        return ok.error();
      return v;
    });
    INFO((done ? std::string{} : done.error().message));
    REQUIRE(done.ok());
    return *done;
  }

  system_clock time;
  telemetry events;
  std::unique_ptr<store::database> db;
};

/// One database, and two that are its clients; both bring its tables up to date.
struct two_accumulators {
  std::string url = test::throwaway_postgres::shared().create_database();
  accumulator_store one{url}, other{url};

  two_accumulators() {
    auto bring = [](accumulator_store& s) {
      return store::migrate_blocking(*s.db, std::string{schema_name}, migrations());
    };
    auto there = std::async(std::launch::async, bring, std::ref(other));
    auto here = bring(one);
    INFO((here ? std::string{} : here.error().message));
    CHECK(here.ok());
    auto also = there.get();
    INFO((also ? std::string{} : also.error().message));
    REQUIRE(also.ok());
  }
};

/// Events of all classes, on few posts, so that they meet in the same rows.
std::vector<incoming> many_events(const beamline::clock& time, std::size_t count, std::uint64_t seed = 7) {
  seeded_random random{seed};
  uid_source ids{time, random};
  std::vector<incoming> all;
  for (std::size_t i = 0; i < count; ++i) {
    auto slug = "post-" + std::to_string(i % 3);
    auto who = "visitor_" + std::to_string(i % 40);
    auto id = ids.next();
    switch (i % 5) {
      case 0: all.push_back({id, like{slug, {}, true, 1}, time.wall_now()}); break;
      case 1: all.push_back({id, like{slug, who, i % 2 == 0, 0}, time.wall_now()}); break;
      case 2: all.push_back({id, visits{metric::scope::blog, slug, {}}, time.wall_now()}); break;
      case 3: all.push_back({id, visits{metric::scope::page, "home", {who}}, time.wall_now()}); break;
      default: all.push_back({id, new_comment{slug, "Ada", "text", {}, who}, time.wall_now()}); break;
    }
  }
  return all;
}

std::size_t apply_all(accumulator_store& to, const std::vector<incoming>& all) {
  std::size_t applied = 0;
  for (std::size_t i = 0; i < all.size(); i += batch) {
    auto end = std::min(all.size(), i + batch);
    for (auto o :
         to.apply({all.begin() + static_cast<std::ptrdiff_t>(i), all.begin() + static_cast<std::ptrdiff_t>(end)}))
      applied += o == event_outcome::applied ? 1 : 0;
  }
  return applied;
}

}  // namespace

TEST_CASE("two accumulators that are sent the same events at the same time apply each of them once") {
  two_accumulators both;
  const auto all = many_events(both.one.time, 400);
  auto backwards = std::vector<incoming>{all.rbegin(), all.rend()};
  auto there = std::async(std::launch::async, [&] { return apply_all(both.other, backwards); });
  auto here = apply_all(both.one, all);
  REQUIRE(there.wait_for(wait_max) == std::future_status::ready);
  CHECK(here + there.get() == all.size());
  CHECK(apply_all(both.other, all) == 0);

  // Likes and visits without a visitor have no key of their own: a second effect would show in them.
  std::int64_t likes = 0, versions = 0;
  auto site = both.other.read([](tables& t) { return t.load_site(); });
  for (int i = 0; i < 3; ++i) {
    auto slug = "post-" + std::to_string(i);
    auto here_is = both.one.read([&](tables& t) { return to_stats(slug, t.load_post(slug)); });
    CHECK(here_is == both.other.read([&](tables& t) { return to_stats(slug, t.load_post(slug)); }));
    auto kept = both.one.read([&](tables& t) { return list(t, list_comments{slug, {}, {}, 200}); });
    CHECK(kept.comments.size() == static_cast<std::size_t>(here_is.comments));
    likes += here_is.likes;
    versions += here_is.version;
  }
  auto home = both.one.read([](tables& t) { return count(t, {metric::scope::page, "home", metric::number::visits}); });
  CHECK(site.likes == likes);
  CHECK(site.comments == 80);
  CHECK(site.visits == 80 + home.count);
  CHECK(site.version == versions + home.version);
}

TEST_CASE("two accumulators that share a load count all of it, and versions have no gaps") {
  two_accumulators both;
  const auto all = many_events(both.one.time, 300);
  const auto half = all.begin() + 150;
  auto there = std::async(std::launch::async, [&] { return apply_all(both.other, {half, all.end()}); });
  CHECK(apply_all(both.one, {all.begin(), half}) == 150);
  REQUIRE(there.wait_for(wait_max) == std::future_status::ready);
  CHECK(there.get() == 150);
  std::int64_t versions = 0;
  for (int i = 0; i < 3; ++i)
    versions += both.one.read([&](tables& t) { return t.load_post("post-" + std::to_string(i)).version; });
  versions += both.one.read([](tables& t) { return t.load_page("home").version; });
  CHECK(both.one.read([](tables& t) { return t.load_site(); }).version == versions);
  // Every third event is one of these: none of their effects was lost.
  CHECK(both.other.read([](tables& t) { return t.load_site(); }).comments == 60);
}

TEST_CASE("one accumulator forgets while the other applies, and neither is hindered") {
  two_accumulators both;
  // What was applied ten days ago: of the first day in partitions, of the day before in the rest.
  const accumulator_options o;
  const auto now = both.one.time.wall_now();
  auto earlier = manual_clock{now - 11 * 24h};
  auto old = many_events(earlier, 100, 3);
  CHECK(apply_all(both.one, old) == 100);
  earlier.advance(24h);
  auto make = [&](wall_time at) {
    return both.one.write([&](tables& t) {
      t.take_turn();
      return make_partitions(t, at);
    });
  };
  CHECK(make(earlier.wall_now()) == 3);
  auto younger = many_events(earlier, 100, 5);
  CHECK(apply_all(both.one, younger) == 100);
  old.insert(old.end(), younger.begin(), younger.end());
  auto remembered = [&] {
    return both.other.read([&](tables& t) {
      return std::count_if(old.begin(), old.end(), [&](const incoming& e) { return t.is_known(e.id); });
    });
  };
  CHECK(remembered() == 200);

  const auto all = many_events(both.one.time, 200);
  auto there = std::async(std::launch::async, [&] { return apply_all(both.other, all); });
  sweep_step went;
  for (int round = 0; round < 10; ++round) {
    (void)make(now);
    auto step = both.one.write([&](tables& t) {
      auto bound = sweep_bound(t, now, o);
      return round % 2 == 0 ? sweep_partitions(t, bound, o) : sweep(t, bound, o);
    });
    went.ids += step.ids;
    went.visits += step.visits;
    went.partitions += step.partitions;
  }
  REQUIRE(there.wait_for(wait_max) == std::future_status::ready);
  CHECK(there.get() == all.size());
  CHECK(apply_all(both.one, all) == 0);
  CHECK(remembered() == 0);
  CHECK(went.ids >= 100);  // Those of the rest; a partition goes with its rows.
  CHECK(went.visits > 0);
  CHECK(went.partitions >= 1);
  CHECK(apply_all(both.other, old) == 0);
  CHECK(both.other.apply({old.front()}) == std::vector{event_outcome::rejected});
}
