#include "apps/accumulator/apply.hpp"

#include "apps/accumulator/tables.hpp"

#include <map>
#include <set>

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::accumulator::test;

// -- likes --------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(fresh_tables, "a like counts once and can be taken back once") {
  CHECK(set_like("hello", "visitor_1", true).answer.stats == blog_stats{"hello", 1, 1});
  auto again = set_like("hello", "visitor_1", true);
  CHECK_FALSE(again.has_changed);
  CHECK(again.answer.outcome == event_outcome::applied);
  CHECK(again.answer.stats == blog_stats{"hello", 1, 1});
  CHECK(set_like("hello", "visitor_2", true).answer.stats == blog_stats{"hello", 2, 2});
  CHECK(set_like("hello", "visitor_1", false).answer.stats == blog_stats{"hello", 1, 3});
  CHECK_FALSE(set_like("hello", "visitor_1", false).has_changed);
  CHECK(set_like("hello", "visitor_1", true).answer.stats == blog_stats{"hello", 2, 4});
  CHECK(site() == site_stats{0, 2, 0, 4, 0});
}

TEST_CASE_FIXTURE(fresh_tables, "taking back a like that never was changes nothing and makes no total") {
  auto r = set_like("hello", "visitor_1", false);
  CHECK_FALSE(r.has_changed);
  CHECK(r.answer.stats == blog_stats{"hello", 0, 0});
  CHECK(number("SELECT count(*) FROM post_totals") == 0);
}

TEST_CASE_FIXTURE(fresh_tables, "likes of nobody known go up and down by what is said, never below zero") {
  CHECK(apply(like{"hello", "", true, 3}).answer.stats->likes == 3);
  CHECK(apply(like{"hello", "", true, -1}).answer.stats->likes == 2);
  CHECK(set_like("hello", "visitor_1", true).answer.stats->likes == 3);
  CHECK(apply(like{"hello", "", true, -10}).answer.stats->likes == 0);
  auto more = apply(like{"hello", "", true, -1});
  CHECK_FALSE(more.has_changed);
  CHECK(set_like("hello", "visitor_1", false).answer.stats->likes == 0);
  CHECK(apply(like{"hello", "", true, 2}).answer.stats->likes == 2);
  CHECK(site().likes == 2);
}

TEST_CASE_FIXTURE(fresh_tables, "posts do not disturb each other") {
  (void)set_like("hello", "visitor_1", true);
  CHECK(set_like("other", "visitor_1", true).answer.stats == blog_stats{"other", 1, 1});
}

// -- visits -------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(fresh_tables, "several tabs of one reader are one visit, and so are those of one window") {
  time.advance(10min - 20s);  // 22:13:20 was a while after the beginning of a window.
  CHECK(visit("hello", {"visitor_1"}).answer.stats->visits == 1);
  CHECK_FALSE(visit("hello", {"visitor_1"}).has_changed);
  time.advance(1min);
  CHECK_FALSE(visit("hello", {"visitor_1"}).has_changed);
  CHECK(visit("other", {"visitor_1"}).answer.stats->visits == 1);
  CHECK(visit("hello", {"visitor_1", "visitor_2", "visitor_3"}).answer.stats->visits == 3);
  time.advance(30min);
  CHECK(visit("hello", {"visitor_1"}).answer.stats->visits == 4);
  CHECK(site().visits == 5);
}

TEST_CASE_FIXTURE(fresh_tables, "a visit counts in the window in which it was made, however late it comes") {
  auto early = ids.next();
  time.advance(2h);
  CHECK(visit("hello", {"visitor_1"}).has_changed);
  auto late = apply(early, visits{metric::scope::blog, "hello", {"visitor_1"}});
  CHECK(late.answer.stats->visits == 2);
}

TEST_CASE_FIXTURE(fresh_tables, "a visit of somebody unknown counts each time") {
  CHECK(visit("hello", {}).answer.stats->visits == 1);
  CHECK(visit("hello", {}).answer.stats->visits == 2);
}

TEST_CASE_FIXTURE(fresh_tables, "pages are counted apart from posts of the same name") {
  auto home = visits{metric::scope::page, "home", {"visitor_1", "visitor_2"}};
  auto e = apply(home);
  CHECK(e.answer.count == metric_count{"page.home.visits", 2, 1});
  CHECK_FALSE(e.answer.stats.has_value());
  CHECK(visit("home", {"visitor_1"}).answer.stats->visits == 1);
  auto again = apply(home);
  CHECK_FALSE(again.has_changed);
  CHECK(again.answer.count == e.answer.count);
  CHECK(site() == site_stats{3, 0, 0, 2, 0});
}

TEST_CASE("windows are aligned, also before 1970") {
  CHECK(window_of(wall_time{61s}, 60s) == wall_time{60s});
  CHECK(window_of(wall_time{60s}, 60s) == wall_time{60s});
  CHECK(window_of(wall_time{-1s}, 60s) == wall_time{-60s});
}

// -- once ---------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(fresh_tables, "an event is applied once, whatever was applied in between") {
  auto on = ids.next();
  CHECK(apply(on, like{"hello", "visitor_1", true, 0}).has_changed);
  (void)set_like("hello", "visitor_1", false);
  auto again = apply(on, like{"hello", "visitor_1", true, 0});
  CHECK(again.answer.outcome == event_outcome::duplicate);
  CHECK_FALSE(again.has_changed);
  CHECK(again.answer.stats == blog_stats{"hello", 0, 2});

  auto page = ids.next();
  (void)apply(page, visits{metric::scope::page, "home", {}});
  CHECK(apply(page, visits{metric::scope::page, "home", {}}).answer.count->count == 1);
}

TEST_CASE_FIXTURE(fresh_tables, "without an id nothing is remembered, but a comment needs one") {
  CHECK(apply({}, like{"hello", "", true, 1}).has_changed);
  CHECK(apply({}, like{"hello", "", true, 1}).answer.stats->likes == 2);
  CHECK(number("SELECT count(*) FROM seen_events") == 0);
  CHECK(code_of(apply({}, new_comment{"hello", "Ada", "text", {}, ""})) == "invalid");
}

TEST_CASE_FIXTURE(fresh_tables, "an id from far in the future is rejected, one of a clock that is ahead is not") {
  auto ahead = manual_clock{time.wall_now() + 23h};
  uid_source close{ahead, random};
  CHECK(apply(close.next(), like{"hello", "", true, 1}).has_changed);
  ahead.advance(2h);
  auto far = apply(close.next(), like{"hello", "", true, 1});
  CHECK(code_of(far) == "invalid");
  CHECK(far.answer.why.find("future") != std::string::npos);
  CHECK(number("SELECT count(*) FROM seen_events") == 1);
}

TEST_CASE_FIXTURE(fresh_tables, "what is rejected leaves nothing behind, and may succeed later") {
  rules.posts_max = 1;
  CHECK(set_like("hello", "visitor_1", true).has_changed);
  auto id = ids.next();
  auto r = apply(id, like{"other", "visitor_1", true, 0});
  CHECK(r.answer.outcome == event_outcome::rejected);
  CHECK(code_of(r) == "unknown_slug");
  CHECK(code_of(visit("other", {"visitor_1"})) == "unknown_slug");
  CHECK(code_of(apply(new_comment{"other", "Ada", "text", {}, ""})) == "unknown_slug");
  CHECK(apply(visits{metric::scope::page, "home", {}}).has_changed);
  CHECK(code_of(apply(visits{metric::scope::page, "about", {}})) == "unknown_slug");
  CHECK(set_like("hello", "visitor_2", true).has_changed);
  CHECK(number("SELECT count(*) FROM blog_likes") == 2);
  CHECK(number("SELECT count(*) FROM visits") == 0);
  rules.posts_max = 2;
  CHECK(apply(id, like{"other", "visitor_1", true, 0}).has_changed);
}

TEST_CASE_FIXTURE(fresh_tables, "over its limit a visitor is refused, but a repetition is recognised") {
  auto id = ids.next();
  auto wanted = like{"hello", "visitor_1", true, 0};
  CHECK(code_of(apply(id, wanted, true)) == "too_many");
  CHECK(code_of(apply({}, wanted, true)) == "too_many");
  CHECK(apply(id, wanted).has_changed);
  CHECK(apply(id, wanted, true).answer.outcome == event_outcome::duplicate);
}

// -- comments -----------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(fresh_tables, "a comment gets the id of its event and the time of its acceptance") {
  auto id = ids.next();
  time.advance(3h);
  auto e = apply(id, new_comment{"hello", "Ada", "Good point", {}, "visitor_1"});
  auto made = comment{id, "hello", {}, "Ada", "Good point", time.wall_now(), comment_state::visible};
  CHECK(e.answer.made == made);
  CHECK(e.answer.stats == blog_stats{"hello", 0, 1, 0, 1, 1, 0});
  CHECK(e.news == comment_news{1, made, false});
  CHECK(shown("hello") == std::vector{made});
  auto again = apply(id, new_comment{"hello", "Ada", "Good point", {}, "visitor_1"});
  CHECK(again.answer.outcome == event_outcome::duplicate);
  CHECK(shown("hello").size() == 1);
}

TEST_CASE_FIXTURE(fresh_tables, "threads have one level: an answer to an answer joins its thread") {
  auto top = comment_on("hello");
  auto answer = comment_on("hello", top);
  auto deeper = comment_on("hello", answer);
  auto all = shown("hello");
  REQUIRE(all.size() == 3);
  CHECK(all[1].id == answer);
  CHECK(all[1].parent == top);
  CHECK(all[2].id == deeper);
  CHECK(all[2].parent == top);
}

TEST_CASE_FIXTURE(fresh_tables, "an answer to a comment that is not shown at this post is rejected") {
  auto top = comment_on("hello");
  auto answer = comment_on("hello", top);
  auto refused = [&](const std::string& slug, uid parent) {
    return code_of(apply(new_comment{slug, "Bob", "text", parent, ""})) == "unknown_comment";
  };
  CHECK(refused("other", top));
  CHECK(refused("hello", ids.next()));
  (void)moderate(top, moderation::hide);
  CHECK(refused("hello", top));
  CHECK(refused("hello", answer));
  CHECK(number("SELECT count(*) FROM blog_comments") == 2);
}

TEST_CASE_FIXTURE(fresh_tables, "a post takes so many comments and no more") {
  rules.comments_max = 2;
  (void)comment_on("hello");
  auto second = comment_on("hello");
  (void)moderate(second, moderation::remove);
  CHECK(code_of(apply(new_comment{"hello", "Ada", "text", {}, ""})) == "full");
  (void)comment_on("other");
}

TEST_CASE_FIXTURE(fresh_tables, "with moderation a comment waits, and is told when a moderator shows it") {
  rules.comments_moderated = true;
  auto e = apply(new_comment{"hello", "Ada", "text", {}, "visitor_1"});
  CHECK(e.answer.outcome == event_outcome::applied);
  CHECK(e.answer.made->state == comment_state::pending);
  CHECK_FALSE(e.news.has_value());
  CHECK(e.answer.stats->comments == 0);
  CHECK(shown("hello").empty());
  auto id = e.answer.made->id;
  auto shows = moderate(id, moderation::show);
  CHECK(shows.has_changed);
  CHECK(shows.answer.stats->comments == 1);
  CHECK(shows.news->what.content == "text");
  CHECK_FALSE(shows.news->is_list_stale);
  CHECK(shown("hello").size() == 1);
  SUBCASE("saying it again changes nothing") {
    auto again = moderate(id, moderation::show);
    CHECK_FALSE(again.has_changed);
    CHECK(again.answer.outcome == event_outcome::applied);
    CHECK(again.answer.made->state == comment_state::visible);
  }
  SUBCASE("a comment that nobody has seen can be refused without a word") {
    auto other = apply(new_comment{"hello", "Ada", "text", {}, ""}).answer.made->id;
    CHECK_FALSE(moderate(other, moderation::hide).has_changed);
    CHECK(shown("hello").size() == 1);
  }
}

TEST_CASE_FIXTURE(fresh_tables, "hiding a comment takes its answers along, showing it brings them back") {
  auto top = comment_on("hello");
  auto answer = comment_on("hello", top);
  (void)comment_on("hello", top);
  (void)comment_on("hello");
  auto hides = moderate(top, moderation::hide);
  CHECK(hides.answer.stats->comments == 1);
  CHECK(hides.news->what.content.empty());
  CHECK(hides.news->what.author.empty());
  CHECK(hides.news->what.state == comment_state::hidden);
  CHECK(shown("hello").size() == 1);
  SUBCASE("and those that were hidden themselves stay so") {
    CHECK_FALSE(moderate(answer, moderation::hide).has_changed);
    auto shows = moderate(top, moderation::show);
    CHECK(shows.news->is_list_stale);
    CHECK(shows.answer.stats->comments == 3);
    CHECK(shown("hello").size() == 3);
    CHECK(site().comments == 3);
    CHECK(moderate(answer, moderation::show).answer.stats->comments == 4);
  }
  SUBCASE("what is deleted is gone for good") {
    CHECK_FALSE(moderate(top, moderation::remove).has_changed);
    CHECK(code_of(moderate(top, moderation::show)) == "unknown_comment");
    CHECK(number("SELECT count(*) FROM blog_comments WHERE content = '' AND author = '' AND visitor = ''") == 1);
    CHECK(moderate(top, moderation::remove).answer.outcome == event_outcome::applied);
  }
}

TEST_CASE_FIXTURE(fresh_tables, "there is nothing to moderate where there is no comment") {
  CHECK(code_of(moderate(ids.next(), moderation::hide)) == "unknown_comment");
}

// -- everything against a model -----------------------------------------------------------------------

namespace {

/// What the tables should say, the simplest way.
struct model {
  struct post {
    std::set<std::string> likers;
    std::int64_t visits = 0;
    std::map<uid, comment> comments;
    std::int64_t version = 0;
  };
  std::map<std::string, post> posts;
  std::map<std::string, std::int64_t> pages;
  std::set<std::tuple<std::string, std::string, wall_time>> visited;
  std::set<uid> applied;

  static bool is_shown(const post& p, const comment& c) {
    if (c.state != comment_state::visible)
      return false;
    return c.parent.is_nil() || p.comments.at(c.parent).state == comment_state::visible;
  }
  static std::int64_t shown(const post& p) {
    return std::count_if(p.comments.begin(), p.comments.end(), [&](const auto& c) { return is_shown(p, c.second); });
  }

  void apply(const uid& id, const wish& w, wall_time now) {
    if (!applied.insert(id).second)
      return;
    if (const auto* l = std::get_if<like>(&w)) {
      auto& p = posts[l->slug];
      p.version += (l->liked ? p.likers.insert(l->visitor).second : p.likers.erase(l->visitor) > 0) ? 1 : 0;
    } else if (const auto* v = std::get_if<visits>(&w)) {
      bool is_page = v->of == metric::scope::page;
      std::int64_t fresh = 0;
      for (const auto& who : v->visitors)
        fresh += visited.emplace((is_page ? "p" : "b") + v->name, who, window_of(id.made_at(), 30min)).second ? 1 : 0;
      (is_page ? pages[v->name] : posts[v->name].visits) += fresh;
      if (!is_page)
        posts[v->name].version += fresh > 0 ? 1 : 0;
    } else if (const auto* c = std::get_if<new_comment>(&w)) {
      auto& p = posts[c->slug];
      p.comments[id] = comment{id, c->slug, c->parent, c->author, c->content, now, comment_state::visible};
      p.version += 1;
    }
  }
  void moderate(const std::string& slug, const uid& id, comment_state to) {
    auto& p = posts[slug];
    auto& c = p.comments.at(id);
    auto before = is_shown(p, c);
    if (c.state == comment_state::deleted)
      return;
    c.state = to;
    p.version += before != is_shown(p, c) ? 1 : 0;
  }
};

}  // namespace

TEST_CASE("over random steps, repeated and reordered, the tables say what a simple model says") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    fresh_tables t;
    auto random = seeded_random{seed};
    auto m = model{};
    auto sent = std::vector<std::pair<uid, wish>>{};
    auto pick = [&](std::uint64_t n) { return random.below(n); };
    auto slug = [&] { return "post-" + std::to_string(pick(3)); };
    auto visitor = [&] { return "visitor_" + std::to_string(pick(8)); };
    auto a_comment = [&](const std::string& of) -> uid {
      const auto& all = m.posts[of].comments;
      return all.empty() ? uid{} : std::next(all.begin(), static_cast<std::ptrdiff_t>(pick(all.size())))->first;
    };
    for (int i = 0; i < 400; ++i) {
      t.time.advance(std::chrono::seconds{pick(600)});
      auto what = pick(12);
      if (what < 3 && !sent.empty()) {  // Something again, or something held back for a while.
        auto again = sent[pick(sent.size())];
        auto was_new = !m.applied.contains(again.first);
        auto e = t.apply(again.first, again.second);
        if (auto* c = std::get_if<new_comment>(&again.second);
            c != nullptr && was_new && e.answer.outcome == event_outcome::rejected)
          continue;  // Its thread is gone meanwhile.
        CHECK(e.answer.outcome == (was_new ? event_outcome::applied : event_outcome::duplicate));
        m.apply(again.first, again.second, t.time.wall_now());
        continue;
      }
      if (what < 5) {
        auto of = slug();
        auto id = a_comment(of);
        if (id.is_nil())
          continue;
        auto action = static_cast<moderation>(pick(pick(4) == 0 ? 3 : 2));
        (void)t.moderate(id, action);
        m.moderate(of, id,
                   action == moderation::show   ? comment_state::visible
                   : action == moderation::hide ? comment_state::hidden
                                                : comment_state::deleted);
        continue;
      }
      wish w;
      if (what < 8)
        w = like{slug(), visitor(), pick(2) == 0, 0};
      else if (what == 8)
        w = visits{metric::scope::page, "page-" + std::to_string(pick(2)), {visitor()}};
      else if (what < 11)
        w = visits{metric::scope::blog,
                   slug(),
                   {"visitor_a" + std::to_string(pick(9)), "visitor_b" + std::to_string(pick(9))}};
      else {
        auto of = slug();
        auto parent = pick(2) == 0 ? a_comment(of) : uid{};
        // Only what a host offers to answer: shown, and on the first level.
        const auto& p = m.posts[of];
        if (!parent.is_nil() && (!model::is_shown(p, p.comments.at(parent)) || !p.comments.at(parent).parent.is_nil()))
          parent = {};
        w = new_comment{of, "Ada", "text " + std::to_string(i), parent, visitor()};
      }
      sent.emplace_back(t.ids.next(), w);
      if (pick(4) == 0)
        continue;  // It comes later, behind others.
      auto e = t.apply(sent.back().first, w);
      INFO(e.answer.why);
      CHECK(e.answer.outcome == event_outcome::applied);
      m.apply(sent.back().first, w, t.time.wall_now());
    }
    site_stats sum;
    for (const auto& p : m.posts) {
      CAPTURE(p.first);
      auto stats = t.stats(p.first);
      CHECK(stats.likes == static_cast<std::int64_t>(p.second.likers.size()));
      CHECK(stats.visits == p.second.visits);
      CHECK(stats.comments == model::shown(p.second));
      CHECK(stats.version == p.second.version);
      CHECK(static_cast<std::int64_t>(t.shown(p.first).size()) == stats.comments);
      sum.likes += stats.likes;
      sum.visits += stats.visits;
      sum.comments += stats.comments;
    }
    for (const auto& p : m.pages) {
      CHECK(t.with([&](tables& in) { return in.load_page(p.first); }).visits == p.second);
      sum.visits += p.second;
    }
    sum.version = t.site().version;
    CHECK(t.site() == sum);
    CHECK(t.number("SELECT count(*) FROM seen_events") == static_cast<std::int64_t>(m.applied.size()));
  }
}
