#include "apps/accumulator/counter.hpp"

#include "apps/accumulator/events.hpp"
#include "apps/support.hpp"
#include "net/rpc/call.hpp"
#include "store/events.hpp"
#include "testing/disk/simulated_disk.hpp"

#include <map>

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::test;
using testing::world;

namespace {

/// Presses and takes back likes for one visitor, one call after the other; a failed call is made again.
class visitor_process final : public process {
public:
  struct plan {
    std::string name;
    std::vector<bool> presses;
    std::vector<blog_stats>& answers;
    bool has_ids = false;
  };
  visitor_process(process_context& c, plan p) : process{c}, plan_{std::move(p)} {}
  behavior init() override {
    next();
    return handlers();
  }

private:
  void next() {
    if (at_ == plan_.presses.size())
      return;
    if (plan_.has_ids && id_.is_nil())
      id_ = ids_.next();
    auto again = [this] { run_after(10ms, [this] { next(); }); };
    net::rpc::call_role<write_answer>(*this, role, update_likes{"hello", plan_.name, plan_.presses[at_], 0, id_}, 2s)
        .then(
            [this, again](const write_answer& a) {
              if (a.outcome == event_outcome::retry)
                return again();
              CHECK(a.outcome != event_outcome::rejected);
              plan_.answers.push_back(a.stats.value());
              ++at_;
              id_ = {};
              next();
            },
            [again](const net::rpc::failure&) { again(); });
  }

  plan plan_;
  uid_source ids_{env().time(), env().random()};
  uid id_;
  std::size_t at_ = 0;
};

blog_stats stats_of(world& w, const accumulator_parts& a, const std::string& slug = "hello") {
  return ask_accumulator(w, a.rpc, get_blog_stats{slug});
}

std::string refusal(world& w, const pid& counter, std::string procedure, bytes arguments) {
  auto outcome =
      w.try_ask<bytes>(counter, net::rpc::procedure_call{std::move(procedure), std::move(arguments), "test@sim"});
  auto* e = std::get_if<call_error>(&outcome);
  REQUIRE(e != nullptr);
  return e->why.text;
}

}  // namespace

TEST_CASE("visitors who press at the same time are each counted once, and every change is told in order") {
  testing::for_each_seed(150, [](world& w) {
    auto& n = accumulator_node(w);
    auto heard = std::vector<blog_stats>{};
    auto changes = std::vector<std::int64_t>{};
    auto probe = n.events().attach<change_applied>([&](const change_applied& e) { changes.push_back(e.version); });
    auto answers = std::vector<blog_stats>{};
    auto a = accumulator_parts{w, n};
    n.spawn<listener>("hello", heard);
    auto random = seeded_random{w.seed()};
    std::int64_t liked_at_the_end = 0;
    for (int v = 0; v < 5; ++v) {
      auto presses = std::vector<bool>{};
      for (std::size_t i = 0; i < 6; ++i)
        presses.push_back(random.below(2) == 0);
      liked_at_the_end += presses.back() ? 1 : 0;
      n.spawn<visitor_process>(visitor_process::plan{"visitor_" + std::to_string(v), presses, answers, v % 2 == 0});
    }
    w.advance(30s);

    REQUIRE(answers.size() == 30);
    auto end = stats_of(w, a);
    CHECK(end.likes == liked_at_the_end);
    // Versions are dense; some are told together, and each broadcast says what it follows.
    REQUIRE(changes.size() == static_cast<std::size_t>(end.version));
    for (std::size_t i = 0; i < changes.size(); ++i)
      CHECK(changes[i] == static_cast<std::int64_t>(i) + 1);
    auto before = blog_stats{};
    for (const auto& h : heard) {
      CHECK(h.previous == before.version);
      CHECK(h.version > before.version);
      CHECK(std::abs(h.likes - before.likes) <= h.version - before.version);
      before = h;
    }
    end.previous = before.previous;
    if (!heard.empty())
      CHECK(heard.back() == end);
  });
}

TEST_CASE("a like that changes nothing is answered and not told") {
  testing::for_each_seed(50, [](world& w) {
    auto& n = accumulator_node(w);
    auto heard = std::vector<blog_stats>{};
    auto a = accumulator_parts{w, n};
    n.spawn<listener>("hello", heard);
    a.started();
    auto like = update_likes{"hello", "visitor_1", true};
    auto first = tell_accumulator(w, a.rpc, like);
    auto second = tell_accumulator(w, a.rpc, like);
    w.run();
    CHECK(first.stats == second.stats);
    CHECK(second.outcome == event_outcome::applied);
    CHECK(heard == std::vector{blog_stats{"hello", 1, 1}});
  });
}

TEST_CASE("what was acknowledged survives the death of the node, whenever it comes") {
  testing::for_each_seed(40, [](world& w) {
    auto answers = std::vector<blog_stats>{};
    auto presses = std::vector<bool>(20, true);
    for (std::size_t i = 1; i < presses.size(); i += 2)
      presses[i] = false;
    {
      auto& n = accumulator_node(w);
      auto a = accumulator_parts{w, n};
      a.ends = w.seed() % 2 == 0 ? testing::node_end::crash : testing::node_end::power_loss;
      n.spawn<visitor_process>(visitor_process::plan{"visitor_1", presses, answers});
      w.advance(duration{static_cast<std::int64_t>(seeded_random{w.seed()}.below(150'000'000))});
    }
    auto& n = accumulator_node(w);
    auto a = accumulator_parts{w, n};
    a.started();
    auto now = stats_of(w, a);
    auto acknowledged = answers.empty() ? blog_stats{"hello", 0, 0} : answers.back();
    // The one under way may have been committed or not; everything before it was.
    CHECK(now.version >= acknowledged.version);
    CHECK(now.version <= acknowledged.version + 1);
    CHECK(now.likes == now.version % 2);
  });
}

TEST_CASE("garbage gets a clear answer, and nothing else happens") {
  testing::for_each_seed(20, [](world& w) {
    auto& n = accumulator_node(w);
    auto heard = std::vector<blog_stats>{};
    auto refused = std::vector<std::string>{};
    auto probe = n.events().attach<call_refused>([&](const call_refused& e) { refused.emplace_back(e.code); });
    auto rejected = std::vector<std::string>{};
    auto answered = n.events().attach<event_answered>([&](const event_answered& e) { rejected.emplace_back(e.why); });
    auto a = accumulator_parts{w, n};
    n.spawn<listener>("hello", heard);
    a.started();

    auto why_not = [&](bytes arguments) {
      auto octets = w.ask<bytes>(
          a.counter, net::rpc::procedure_call{"accumulator.update_likes", std::move(arguments), "test@sim"});
      auto answer = decode<write_answer>(octets).value();
      CHECK(answer.outcome == event_outcome::rejected);
      return answer.why;
    };
    CHECK(contains(why_not("\xff\xff"), "invalid: accumulator.update_likes"));
    CHECK(contains(why_not(encode(update_likes{"../x", "visitor_1", true})),
                   "invalid: accumulator.update_likes: slug is \"../x\""));
    CHECK(contains(why_not(encode(update_likes{"hello", "?", true})), "visitor is \"?\""));
    CHECK(contains(why_not(encode(update_likes{"hello", "visitor_1", true, 0, uid{1, 2}})), "version 7"));
    CHECK(contains(refusal(w, a.counter, "accumulator.get_blog_stats", ""), "invalid: "));
    CHECK(contains(refusal(w, a.counter, "accumulator.get_count", encode(get_count{"anger"})), "invalid: "));
    CHECK(contains(refusal(w, a.counter, "format_disk", ""), "unsupported: the accumulator has no procedure"));
    CHECK(refused == std::vector<std::string>{"invalid", "invalid", "unsupported"});

    CHECK(n.is_alive(a.counter));
    CHECK(stats_of(w, a) == blog_stats{"hello", 0, 0});
    CHECK(heard.empty());
  });
}

TEST_CASE("one call too many is answered busy, and changes nothing") {
  testing::for_each_seed(20, [](world& w) {
    auto& n = accumulator_node(w);
    auto answers = std::vector<blog_stats>{};
    auto busy = 0;
    auto probe = n.events().attach<event_answered>([&](const event_answered& e) {
      if (e.outcome == "retry") {
        CHECK(e.why == "busy");
        ++busy;
      }
    });
    auto a = accumulator_parts{w, n, {.calls_max = 1}};
    a.started();
    for (int v = 0; v < 4; ++v)
      n.spawn<visitor_process>(visitor_process::plan{"visitor_" + std::to_string(v), {true}, answers});
    w.advance(10s);
    CHECK(busy > 0);
    CHECK(answers.size() == 4);  // They tried again.
    CHECK(stats_of(w, a) == blog_stats{"hello", 4, 4});
  });
}

TEST_CASE("a closed store is told to the caller") {
  auto w = world{};
  auto& n = accumulator_node(w);
  auto a = accumulator_parts{w, n};
  a.started();
  CHECK(a.db().close(1s).ok());
  auto answer = tell_accumulator(w, a.rpc, update_likes{"hello", "visitor_1", true});
  CHECK(answer.outcome == event_outcome::retry);
  CHECK(contains(answer.why, "unavailable: "));
  CHECK(
      contains(refusal(w, a.counter, "accumulator.get_blog_stats", encode(get_blog_stats{"hello"})), "unavailable: "));
  CHECK(n.is_alive(a.counter));
}

TEST_CASE("a database of a newer program ends the counter with the reason, and nobody can call it") {
  auto w = world{};
  auto& n = accumulator_node(w);
  {
    auto newer = migrations();
    newer.push_back({static_cast<int>(newer.size()) + 1, "later", "CREATE TABLE later (id INTEGER)"});
    auto time = manual_clock{};
    auto opened = store::test::open_or_fail({.path = "node.db", .vfs = n.disk().vfs()}, time);
    REQUIRE(opened.writer->migrate(schema_name, newer).ok());
  }
  auto a = accumulator_parts{w, n};
  auto outcome = w.try_ask<ready>(a.counter, await_ready{});
  auto* e = std::get_if<call_error>(&outcome);
  REQUIRE(e != nullptr);
  CHECK(contains(e->why.text, "accumulator"));
  CHECK_FALSE(n.is_alive(a.counter));
  auto call = call_accumulator(w, a.rpc, get_blog_stats{"hello"}, 1s);
  REQUIRE(std::holds_alternative<net::rpc::failure>(call));
  CHECK(std::get<net::rpc::failure>(call).is_undef());
}

TEST_CASE("what is committed is told of post, site and metrics, and can be asked for") {
  testing::for_each_seed(30, [](world& w) {
    auto& n = accumulator_node(w);
    auto site = std::vector<site_stats>{};
    auto likes = std::vector<metric_count>{};
    auto a = accumulator_parts{w, n};
    n.spawn<topic_listener<site_stats>>(site_topic().name(), site);
    n.spawn<topic_listener<metric_count>>(metric_topic("blog.hello.likes").name(), likes);
    a.started();
    auto first = tell_accumulator(w, a.rpc, increment_blog_visit{"hello", {"visitor_1", "visitor_2"}});
    CHECK(first.stats->visits == 2);
    CHECK(tell_accumulator(w, a.rpc, increment_visit{"home", {"visitor_1"}}).count->count == 1);
    for (int v = 0; v < 5; ++v)
      (void)tell_accumulator(w, a.rpc, update_likes{"hello", "visitor_" + std::to_string(v), true});
    w.advance(1s);
    auto told = ask_accumulator<site_stats>(w, a.rpc, get_site_stats{});
    CHECK(told == site_stats{3, 5, 0, 7, 0});
    REQUIRE_FALSE(site.empty());
    std::int64_t before = 0;
    for (const auto& s : site) {
      CHECK(s.previous == before);
      before = s.version;
    }
    CHECK(before == 7);
    CHECK(site.back().likes == 5);
    CHECK(likes.back() == metric_count{"blog.hello.likes", 5, 6});
    for (const auto& expected : {metric_count{"blog.hello.likes", 5, 6}, metric_count{"blog.hello.visits", 2, 6},
                                 metric_count{"page.home.visits", 1, 1}, metric_count{"site.visits", 3, 7},
                                 metric_count{"blog.unknown.comments", 0, 0}})
      CHECK(ask_accumulator<metric_count>(w, a.rpc, get_count{expected.metric}) == expected);
  });
}

TEST_CASE("sums are told at most every 100 ms, and the last one is told") {
  auto w = world{};
  auto& n = accumulator_node(w);
  auto site = std::vector<site_stats>{};
  auto a = accumulator_parts{w, n};
  n.spawn<topic_listener<site_stats>>(site_topic().name(), site);
  a.started();
  auto begin = w.now();
  for (int i = 0; i < 100; ++i)
    (void)tell_accumulator(w, a.rpc, update_likes{"hello", "", true, 1});
  auto took = w.now() - begin;
  w.advance(1s);
  CHECK(site.back().likes == 100);
  CHECK(static_cast<std::int64_t>(site.size()) <= 2 + took / sums_interval);
}

TEST_CASE("comments are told with dense versions, listed, and moderated by call") {
  testing::for_each_seed(30, [](world& w) {
    auto& n = accumulator_node(w);
    auto news = std::vector<comment_news>{};
    auto a = accumulator_parts{w, n};
    n.spawn<topic_listener<comment_news>>(comment_topic("hello").name(), news);
    a.started();
    uid_source ids{n.env().time(), n.env().random()};
    auto first = ids.next();
    auto made = tell_accumulator(w, a.rpc, add_comment{"hello", "Good point", "", {}, "visitor_1", first});
    CHECK(made.outcome == event_outcome::applied);
    CHECK(made.made->id == first);
    CHECK(made.made->author == default_author);
    auto reply = ids.next();
    (void)tell_accumulator(w, a.rpc, add_comment{"hello", "Indeed", "Bob", first, "visitor_2", reply});
    auto all = ask_accumulator<comment_list>(w, a.rpc, list_comments{"hello"});
    REQUIRE(all.comments.size() == 2);
    CHECK(all.is_complete);
    CHECK(all.version == 2);
    CHECK(all.comments[1].parent == first);
    auto some = ask_accumulator<comment_list>(w, a.rpc, list_comments{"hello", {}, {}, 1});
    CHECK(some.comments.size() == 1);
    CHECK_FALSE(some.is_complete);

    CHECK(tell_accumulator(w, a.rpc, moderate_comment{first, moderation::hide}).stats->comments == 0);
    CHECK(ask_accumulator<comment_list>(w, a.rpc, list_comments{"hello"}).comments.empty());
    auto seen = ask_accumulator<comment_list>(w, a.rpc, recent_comments{"hello"});
    REQUIRE(seen.comments.size() == 2);
    CHECK(seen.comments.back().state == comment_state::hidden);
    CHECK(seen.comments.back().content == "Good point");
    CHECK(tell_accumulator(w, a.rpc, moderate_comment{first, moderation::show}).stats->comments == 2);
    w.run();
    REQUIRE(news.size() == 4);
    for (std::size_t i = 0; i < news.size(); ++i)
      CHECK(news[i].version == static_cast<std::int64_t>(i) + 1);
    CHECK(news[0].what == *made.made);
    CHECK(news[2].what.state == comment_state::hidden);
    CHECK(news[3].is_list_stale);
    CHECK(
        contains(tell_accumulator(w, a.rpc, moderate_comment{ids.next(), moderation::hide}).why, "unknown_comment: "));
  });
}

TEST_CASE("a visitor that comments or likes too often is refused for a while") {
  auto w = world{};
  auto& n = accumulator_node(w);
  auto a = accumulator_parts{w, n, {.comments_per_minute = 2, .likes_per_minute = 3}};
  a.started();
  uid_source ids{n.env().time(), n.env().random()};
  auto comment_by = [&](const std::string& visitor) {
    return tell_accumulator(w, a.rpc, add_comment{"hello", "text", "", {}, visitor, ids.next()});
  };
  CHECK(comment_by("visitor_1").outcome == event_outcome::applied);
  CHECK(comment_by("visitor_1").outcome == event_outcome::applied);
  auto third = comment_by("visitor_1");
  CHECK(third.outcome == event_outcome::rejected);
  CHECK(contains(third.why, "too_many: "));
  CHECK(comment_by("visitor_2").outcome == event_outcome::applied);
  w.advance(30s);
  CHECK(comment_by("visitor_1").outcome == event_outcome::applied);

  auto id = ids.next();
  auto press = [&](bool liked, uid as) {
    return tell_accumulator(w, a.rpc, update_likes{"hello", "visitor_1", liked, 0, as}).outcome;
  };
  CHECK(press(true, id) == event_outcome::applied);
  for (int i = 0; i < 10; ++i)  // A repetition costs nothing, and neither does what is refused.
    CHECK(press(true, id) == event_outcome::duplicate);
  CHECK(press(false, ids.next()) == event_outcome::applied);
  CHECK(press(true, ids.next()) == event_outcome::applied);
  CHECK(press(false, ids.next()) == event_outcome::rejected);
  CHECK(press(true, id) == event_outcome::duplicate);
  w.advance(20s);
  CHECK(press(false, ids.next()) == event_outcome::applied);
}

TEST_CASE("a visitor of a host whose clock is fast is limited as any other, and not for hours") {
  auto w = world{};
  auto& n = accumulator_node(w);
  auto a = accumulator_parts{w, n, {.likes_per_minute = 3}};
  a.started();
  auto fast = manual_clock{n.env().time().wall_now() + 5h};
  uid_source ahead{fast, n.env().random()}, ids{n.env().time(), n.env().random()};
  auto press = [&](bool liked, uid as) {
    return tell_accumulator(w, a.rpc, update_likes{"hello", "visitor_1", liked, 0, as}).outcome;
  };
  for (bool liked : {true, false, true})
    CHECK(press(liked, ahead.next()) == event_outcome::applied);
  CHECK(press(false, ahead.next()) == event_outcome::rejected);
  w.advance(20s);
  CHECK(press(false, ids.next()) == event_outcome::applied);  // On a host whose clock is right.
  w.advance(20s);
  CHECK(press(true, ahead.next()) == event_outcome::applied);
}

TEST_CASE("options that can change while it runs take effect at once") {
  auto w = world{};
  auto& n = accumulator_node(w);
  auto a = accumulator_parts{w, n};
  a.started();
  uid_source ids{n.env().time(), n.env().random()};
  auto changed = accumulator_options{};
  changed.comments_moderated = true;
  changed.comment_bytes_max = 4;
  n.cast(a.counter, change_options{changed});
  auto long_one = tell_accumulator(w, a.rpc, add_comment{"hello", "12345", "", {}, "", ids.next()});
  CHECK(contains(long_one.why, "content is 5 bytes, expected 1 to 4"));
  auto pending = tell_accumulator(w, a.rpc, add_comment{"hello", "1234", "", {}, "", ids.next()});
  CHECK(pending.made->state == comment_state::pending);
}

TEST_CASE("commits begin no closer together than commit_interval, and nothing waits longer than it must") {
  testing::for_each_seed(20, [](world& w) {
    auto& n = accumulator_node(w);
    auto commits = std::vector<time_point>{};
    auto a = accumulator_parts{w, n, {.commit_interval = 5ms, .likes_per_minute = 10'000}};
    a.started();
    auto answers = std::vector<blog_stats>{};
    auto probe = n.events().attach<store::commit_done>([&](const store::commit_done&) { commits.push_back(w.now()); });
    for (int v = 0; v < 20; ++v)
      n.spawn<visitor_process>(
          visitor_process::plan{"visitor_" + std::to_string(v), std::vector<bool>(10, true), answers});
    auto begin = w.now();
    w.advance(5s);
    CHECK(answers.size() == 200);
    REQUIRE(commits.size() >= 2);
    auto took = commits.back() - begin;
    CHECK(static_cast<std::int64_t>(commits.size()) <= 1 + took / 5ms);
    CHECK(commits.size() < 100);  // Of 200 writes.
  });
}
