#pragma once

#include "apps/accumulator/apply.hpp"
#include "apps/accumulator/store.hpp"
#include "apps/accumulator/sweep.hpp"
#include "base/random.hpp"
#include "store/support.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace beamline::accumulator::test {

/// An empty database, and what opens it. One of the two is linked into each program: tables_sqlite.cpp, or
/// tables_postgres.cpp.
[[nodiscard]] store::connections open_empty_database(telemetry& events, const clock& time);

/// One connection with the accumulator's tables, and a clock.
struct fresh_tables {
  manual_clock time;
  telemetry events;
  seeded_random random{1};
  uid_source ids{time, random};
  accumulator::rules rules;
  store::connections opened = open_empty_database(events, time);

  fresh_tables() {
    auto made = opened.writer->migrate(schema_name, migrations());
    INFO((made ? std::string{} : made.error().message));
    REQUIRE(made.ok());
  }

  /// Runs `fn(tables&)` in a transaction.
  template <class F>
  auto with(F fn) {
    std::optional<decltype(fn(std::declval<tables&>()))> out;
    auto outcome = store::test::write(*opened.writer, [&](store::transaction& tx) -> result<void> {
      tables t{tx};
      out = fn(t);
      return t.outcome();
    });
    INFO((outcome ? std::string{} : outcome.error().message));
    REQUIRE(outcome.ok());
    return *out;
  }

  effect apply(const uid& id, wish what, bool is_over_limit = false) {
    return with([&](tables& t) {
      t.take_turn();
      return accumulator::apply(t, incoming{id, what, time.wall_now(), is_over_limit}, rules);
    });
  }
  effect apply(wish what) { return apply(ids.next(), std::move(what)); }
  effect moderate(const uid& id, moderation action) {
    return with([&](tables& t) { return accumulator::apply(t, moderate_comment{id, action}); });
  }

  effect set_like(std::string slug, std::string visitor, bool liked) {
    return apply(like{std::move(slug), std::move(visitor), liked, 0});
  }
  effect visit(std::string slug, std::vector<std::string> visitors) {
    return apply(visits{metric::scope::blog, std::move(slug), std::move(visitors)});
  }
  /// The id of a comment that was made.
  uid comment_on(std::string slug, uid parent = {}) {
    auto e = apply(new_comment{std::move(slug), "Ada", "text", parent, "visitor_1"});
    INFO(e.answer.why);
    REQUIRE(e.answer.outcome == event_outcome::applied);
    return e.answer.made->id;
  }

  std::vector<comment> shown(std::string slug) {
    return with([&](tables& t) { return t.shown_comments({std::move(slug), {}, {}, 0}, 1000); });
  }
  blog_stats stats(const std::string& slug) {
    return with([&](tables& t) { return to_stats(slug, t.load_post(slug)); });
  }
  site_stats site() {
    return with([](tables& t) { return t.load_site(); });
  }
  std::int64_t number(std::string_view sql) { return store::test::number(*opened.writer, sql); }
};

inline std::string code_of(const effect& e) { return e.answer.why.substr(0, e.answer.why.find(':')); }

}  // namespace beamline::accumulator::test
