// Events that hosts send again and again until they have an answer, over crashes, losses of power and bad disks: each
// is applied once.

#include "apps/accumulator/counter.hpp"
#include "apps/accumulator/events.hpp"
#include "apps/accumulator/sweeper.hpp"
#include "apps/support.hpp"
#include "net/rpc/call.hpp"
#include "testing/disk/simulated_disk.hpp"

#include <deque>
#include <map>
#include <set>

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::test;
using testing::world;

namespace {

template <class M>
event event_of(const uid& id, const M& m) {
  return {id, std::string{M::message_name}, encode(m), "key", wall_time{}};
}

/// What a host has to deliver; outlives the runs of its process.
struct outbox {
  std::deque<event> waiting;
  std::vector<uid> rejected;
  std::size_t applied = 0;
  std::size_t duplicates = 0;
};

/// Sends the front of an outbox in batches, and again what was not answered.
class sender final : public process {
public:
  sender(process_context& c, outbox& from, std::size_t batch_max) : process{c}, from_{from}, batch_max_{batch_max} {}
  behavior init() override {
    next();
    return {};
  }

private:
  void next() {
    if (from_.waiting.empty())
      return;
    handle_buffered_event batch;
    for (const auto& e : from_.waiting)
      if (batch.events.size() < batch_max_)
        batch.events.push_back(e);
    auto size = batch.events.size();
    net::rpc::call_role<event_answers>(*this, role, batch, 500ms)
        .then([this, size](const event_answers& a) { on_answers(a, size); },
              [this](const net::rpc::failure&) { run_after(20ms, [this] { next(); }); });
  }

  void on_answers(const event_answers& a, std::size_t size) {
    REQUIRE(a.answers.size() == size);
    bool is_stopped = false;
    for (const auto& one : a.answers) {
      // Once one has to be sent again, so have all behind it.
      if (is_stopped)
        CHECK((one.outcome == event_outcome::retry || one.outcome == event_outcome::rejected));
      if (one.outcome == event_outcome::retry) {
        CHECK_FALSE(one.why.empty());
        is_stopped = true;
      }
      if (is_stopped)
        continue;
      CHECK(one.id == from_.waiting.front().id);
      from_.applied += one.outcome == event_outcome::applied ? 1U : 0U;
      from_.duplicates += one.outcome == event_outcome::duplicate ? 1U : 0U;
      if (one.outcome == event_outcome::rejected)
        from_.rejected.push_back(one.id);
      from_.waiting.pop_front();
    }
    run_after(is_stopped ? 20ms : 1ms, [this] { next(); });
  }

  outbox& from_;
  std::size_t batch_max_;
};

/// Broadcasts events once, as hosts do with what may be lost.
class tracker final : public process {
public:
  tracker(process_context& c, std::vector<tracked_event> events) : process{c}, events_{std::move(events)} {}
  behavior init() override {
    for (const auto& e : events_)
      CHECK(pubsub::system_of(env()).broadcast(*this, analytics_topic(), e));
    return {};
  }

private:
  std::vector<tracked_event> events_;
};

std::int64_t count_of(world& w, const accumulator_parts& a, const std::string& key) {
  return ask_accumulator<metric_count>(w, a.rpc, get_count{key}).count;
}

}  // namespace

TEST_CASE("each event of a batch is answered, and a bad one does not stop the others") {
  testing::for_each_seed(30, [](world& w) {
    auto& n = accumulator_node(w);
    auto a = accumulator_parts{w, n};
    a.started();
    uid_source ids{n.env().time(), n.env().random()};
    auto first = event_of(ids.next(), update_likes{"hello", "", true, 1});
    auto batch = handle_buffered_event{
        {first, event{ids.next(), "accumulator.dance", "x"}, event_of(ids.next(), update_likes{"Hello", "", true, 1}),
         event{ids.next(), std::string{update_likes::message_name}, "\xff"},
         event_of(uid{1, 2}, update_likes{"hello", "", true, 1}), first,
         event{ids.next(), std::string{update_likes::message_name}, std::string(payload_bytes_max + 1, 'x')},
         event_of(ids.next(), blog_like{"hello", ""})}};
    auto answers = ask_accumulator<event_answers>(w, a.rpc, batch).answers;
    REQUIRE(answers.size() == batch.events.size());
    using enum event_outcome;
    auto expected = std::vector{applied, rejected, rejected, rejected, rejected, duplicate, rejected, applied};
    for (std::size_t i = 0; i < answers.size(); ++i) {
      CAPTURE(i);
      CHECK(answers[i].id == batch.events[i].id);
      CHECK(answers[i].outcome == expected[i]);
    }
    CHECK(answers[1].why == "unknown_event_type: this accumulator knows no event \"accumulator.dance\"");
    CHECK(contains(answers[2].why, "invalid: accumulator.update_likes: slug is \"Hello\""));
    CHECK(contains(answers[4].why, "version 7"));
    CHECK(decode<write_answer>(answers[0].answer)->stats->likes == 1);
    CHECK(decode<write_answer>(answers[5].answer)->stats->likes == 1);
    CHECK(answers[1].answer.empty());
    CHECK(count_of(w, a, "blog.hello.likes") == 2);
    CHECK(ask_accumulator<event_answers>(w, a.rpc, handle_buffered_event{}).answers.empty());
  });
}

TEST_CASE("a batch that finds no room is refused as a whole, but one is always taken") {
  std::map<event_outcome, int> outcomes;
  testing::for_each_seed(40, [&](world& w) {
    auto& n = accumulator_node(w);
    auto a = accumulator_parts{w, n, {.calls_max = 2}};
    a.started();
    uid_source ids{n.env().time(), n.env().random()};
    auto rival = outbox{};
    rival.waiting.push_back(event_of(ids.next(), update_likes{"hello", "", true, 1}));
    n.spawn<sender>(rival, 1U);
    auto batch = handle_buffered_event{};
    for (int i = 0; i < 3; ++i)
      batch.events.push_back(event_of(ids.next(), update_likes{"hello", "", true, 1}));
    auto answers = ask_accumulator<event_answers>(w, a.rpc, batch).answers;
    REQUIRE(answers.size() == 3);
    auto outcome = answers.front().outcome;
    for (const auto& one : answers) {
      CHECK(one.outcome == outcome);
      if (outcome == event_outcome::retry)
        CHECK(contains(one.why, "busy: "));
    }
    ++outcomes[outcome];
    w.advance(1s);
    CHECK(count_of(w, a, "blog.hello.likes") == (outcome == event_outcome::applied ? 4 : 1));
  });
  CHECK(outcomes[event_outcome::applied] > 0);
  CHECK(outcomes[event_outcome::retry] > 0);
  CHECK(outcomes.size() == 2);
}

TEST_CASE("events sent again over crashes, power losses and failing disks are applied once, in their order") {
  testing::for_each_seed(120, [](world& w) {
    auto random = seeded_random{w.seed()};
    auto pick = [&](std::uint64_t n) { return random.below(n); };
    auto clock = manual_clock{wall_time{std::chrono::seconds{1'700'000'000}}};
    uid_source ids{clock, random};
    auto hosts = std::vector<outbox>(2);
    std::int64_t likes = 0;
    std::set<std::string> readers;
    std::vector<uid> comments;
    std::map<std::string, bool> liked;
    for (std::size_t h = 0; h < hosts.size(); ++h) {
      for (int i = 0; i < 40; ++i) {
        auto id = ids.next();
        auto what = pick(4);
        auto who = "visitor_" + std::to_string(h) + std::to_string(pick(3));
        if (what == 0) {
          hosts[h].waiting.push_back(event_of(id, update_likes{"post-a", "", true, 1}));
          ++likes;
        } else if (what == 1) {
          liked[who] = pick(2) == 0;
          hosts[h].waiting.push_back(event_of(id, update_likes{"post-b", who, liked[who]}));
        } else if (what == 2) {
          hosts[h].waiting.push_back(event_of(id, increment_blog_visit{"post-a", {who, "somebody"}}));
          readers.insert({who, "somebody"});
        } else {
          hosts[h].waiting.push_back(event_of(id, add_comment{"post-b", "text", "", {}, "", id}));
          comments.push_back(id);
        }
      }
    }
    auto is_done = [&] { return hosts[0].waiting.empty() && hosts[1].waiting.empty(); };
    auto told = std::int64_t{0};  // The newest version that anybody was told of post-a.
    for (int life = 0; life < 4; ++life) {
      auto& n = accumulator_node(w);
      auto heard = std::vector<blog_stats>{};
      n.disk().heal();
      {
        auto a = accumulator_parts{w, n, {.comments_per_minute = 10'000, .likes_per_minute = 10'000}};
        a.ends = pick(2) == 0 ? testing::node_end::crash : testing::node_end::power_loss;
        n.spawn<listener>("post-a", heard);
        for (auto& from : hosts)
          n.spawn<sender>(from, 1 + pick(10));
        if (life < 3) {
          w.advance(duration{static_cast<std::int64_t>(pick(60'000'000))});
          if (pick(2) == 0) {
            pick(2) == 0 ? n.disk().set_failing(true) : n.disk().set_full(true);
            w.advance(duration{static_cast<std::int64_t>(pick(60'000'000))});
            n.disk().heal();
          }
          w.advance(duration{static_cast<std::int64_t>(pick(30'000'000))});
        } else {
          REQUIRE(w.run_until(is_done, 60s));
          w.advance(1s);
          for (const auto& from : hosts) {
            CHECK(from.rejected.empty());
            CHECK(from.applied + from.duplicates == 40);
          }
          auto post_a = ask_accumulator(w, a.rpc, get_blog_stats{"post-a"});
          CHECK(post_a.likes == likes);
          CHECK(post_a.visits == static_cast<std::int64_t>(readers.size()));
          auto post_b = ask_accumulator(w, a.rpc, get_blog_stats{"post-b"});
          CHECK(post_b.likes == std::count_if(liked.begin(), liked.end(), [](const auto& l) { return l.second; }));
          CHECK(post_b.comments == static_cast<std::int64_t>(comments.size()));
          std::set<uid> made;
          for (const auto& c : ask_accumulator<comment_list>(w, a.rpc, list_comments{"post-b"}).comments)
            made.insert(c.id);
          CHECK(made == std::set<uid>(comments.begin(), comments.end()));
          auto site = ask_accumulator<site_stats>(w, a.rpc, get_site_stats{});
          CHECK(site.likes == post_a.likes + post_b.likes);
          CHECK(site.visits == post_a.visits);
          CHECK(site.version == post_a.version + post_b.version);
        }
      }
      // Nothing is told that a later life does not know: broadcasts come after the commit.
      for (const auto& h : heard) {
        CHECK(h.version > told);
        told = h.version;
      }
    }
  });
}

TEST_CASE("broadcast events pass the same memory of ids, and lost ones are counted") {
  testing::for_each_seed(30, [](world& w) {
    auto& n = accumulator_node(w);
    auto lost = std::map<std::string, std::uint64_t>{};
    auto probe = n.events().attach<events_lost>([&](const events_lost& e) { lost[std::string{e.why}] += e.count; });
    auto a = accumulator_parts{w, n};
    a.started();
    uid_source ids{n.env().time(), n.env().random()};
    auto tracked = [&](const auto& m, std::uint64_t sequence) {
      auto e = event_of(ids.next(), m);
      return tracked_event{e.id, e.type, e.payload, "host_1#1", sequence};
    };
    auto like = tracked(blog_like{"hello", ""}, 1);
    auto again = like;
    again.sequence = 2;
    auto visit = tracked(blog_visit{"hello", "visitor_1"}, 3);
    auto comment = tracked(blog_comment{"hello", {{"content", "text"}}}, 7);  // Three did not come.
    auto strange = tracked(get_count{"x"}, 8);
    n.spawn<tracker>(std::vector{like, again, visit, comment, strange});
    w.advance(1s);
    auto stats = ask_accumulator(w, a.rpc, get_blog_stats{"hello"});
    CHECK(stats.likes == 1);
    CHECK(stats.visits == 1);
    CHECK(stats.comments == 1);
    CHECK(lost == std::map<std::string, std::uint64_t>{{"gap", 3}, {"unknown_event_type", 1}});
    // The same event by the other way.
    auto by_call = handle_buffered_event{{event{like.id, like.type, like.payload}}};
    CHECK(ask_accumulator<event_answers>(w, a.rpc, by_call).answers.front().outcome == event_outcome::duplicate);
    CHECK(ask_accumulator(w, a.rpc, get_blog_stats{"hello"}).likes == 1);
    CHECK(a.db().close(1s).ok());
    n.spawn<tracker>(std::vector{tracked(blog_like{"hello", ""}, 9)});
    w.advance(1s);
    CHECK(lost["unavailable"] == 1);
  });
}

TEST_CASE("the sweeper forgets old ids while events come, and what is too old is rejected") {
  testing::for_each_seed(10, [](world& w) {
    auto& n = accumulator_node(w);
    auto rounds = std::vector<std::int64_t>{};
    auto probe = n.events().attach<swept>([&](const swept& e) { rounds.push_back(e.ids); });
    auto a = accumulator_parts{w, n, {.dedupe_retention = 1h, .sweep_interval = 10min}};
    a.started();
    n.spawn<sweeper>(a.share(), a.options);
    uid_source ids{n.env().time(), n.env().random()};
    auto first = handle_buffered_event{{event_of(ids.next(), update_likes{"hello", "", true, 1})}};
    auto outcome = [&] { return ask_accumulator<event_answers>(w, a.rpc, first).answers.front(); };
    CHECK(outcome().outcome == event_outcome::applied);
    w.advance(45min);
    CHECK(outcome().outcome == event_outcome::duplicate);
    w.advance(30min);
    CHECK(outcome().outcome == event_outcome::rejected);
    CHECK(contains(outcome().why, "expired: "));
    CHECK(rounds.size() == 7);
    CHECK(std::count(rounds.begin(), rounds.end(), 1) == 1);
    CHECK(count_of(w, a, "blog.hello.likes") == 1);
  });
}

TEST_CASE("SY20 two accumulators over one database that both hear a broadcast event count it once") {
  testing::for_each_seed(60, [](world& w) {
    auto& n = accumulator_node(w);
    auto outcomes = std::map<std::string, int>{};
    auto probe =
        n.events().attach<event_answered>([&](const event_answered& e) { ++outcomes[std::string{e.outcome}]; });
    auto a = accumulator_parts{w, n};
    a.started();
    auto second = n.spawn<counter>(counter::parts{a.share(), a.rpc, true}, accumulator_options{});
    (void)w.ask<ready>(second, await_ready{});
    auto heard = std::vector<blog_stats>{};
    n.spawn<listener>("hello", heard);
    uid_source ids{n.env().time(), n.env().random()};
    auto events = std::vector<tracked_event>{};
    for (int i = 0; i < 20; ++i) {
      auto e = event_of(ids.next(), blog_like{"hello", ""});
      events.push_back({e.id, e.type, e.payload});
    }
    n.spawn<tracker>(events);
    w.advance(5s);
    CHECK(outcomes == std::map<std::string, int>{{"applied", 20}, {"duplicate", 20}});
    CHECK(count_of(w, a, "blog.hello.likes") == 20);
    std::int64_t version = 0;
    for (const auto& h : heard) {
      CHECK(h.version > version);
      version = h.version;
    }
    CHECK(version == 20);
  });
}
