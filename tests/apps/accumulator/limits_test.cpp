// The limits of a visitor whose events come in another order than they were made in.

#include "apps/support.hpp"
#include "base/id.hpp"
#include "base/limiter.hpp"
#include "base/random.hpp"

#include <algorithm>
#include <vector>

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::test;
using testing::world;

namespace {

const wall_time noon{std::chrono::hours{12}};

/// When a visitor of two hosts acted, as each host queued it: no more than `most` in any two minutes of both together.
std::vector<std::vector<wall_time>> calm_queues(random_source& random, std::size_t most) {
  auto all = std::vector<wall_time>{};
  for (auto at = noon; all.size() < 60; at += std::chrono::seconds{1 + random.below(40)})
    if (all.size() < most || at - all[all.size() - most] >= 2min)
      all.push_back(at);
  auto queues = std::vector<std::vector<wall_time>>(2);
  for (auto at : all)
    queues[random.below(2)].push_back(at);
  return queues;
}

}  // namespace

TEST_CASE("what was made long before the newest event of a visitor is not refused for coming after it") {
  limiter l{{.per_minute = 2}};
  const auto now = noon + 2h;
  CHECK(l.take("visitor_1", noon + 1h, now));
  for (int i = 0; i < 59; ++i)
    CHECK(l.take("visitor_1", noon + i * 1min, now));
  SUBCASE("and takes nothing from what may be done after that") {
    CHECK(l.take("visitor_1", noon + 1h, now));
    CHECK_FALSE(l.take("visitor_1", noon + 1h, now));
  }
  SUBCASE("nor gives anything back") {
    for (int i = 0; i < 5; ++i)
      l.give_back("visitor_1", noon);
    CHECK(l.take("visitor_1", noon + 1h, now));
    CHECK_FALSE(l.take("visitor_1", noon + 1h, now));
  }
  SUBCASE("what was made in the same minute counts with it") {
    CHECK(l.take("visitor_1", noon + 59min + 1s, now));
    CHECK_FALSE(l.take("visitor_1", noon + 59min + 2s, now));
    CHECK(l.take("visitor_1", noon + 59min, now));
  }
}

TEST_CASE("two hosts that drain one after the other, or by turns, lose nothing of a calm visitor") {
  auto random = seeded_random{7};
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    auto queues = calm_queues(random, 6);
    limiter l{{.per_minute = 6}};
    const auto by_turns = random.below(2) == 0;
    auto next = std::vector<std::size_t>(2);
    std::size_t from = random.below(2);
    while (next[0] < queues[0].size() || next[1] < queues[1].size()) {
      if (by_turns)
        from = random.below(2);
      if (next[from] == queues[from].size())
        from = 1 - from;
      CHECK(l.take("visitor_1", queues[from][next[from]++], noon + 24h));
    }
  }
}

TEST_CASE("comments that waited on one host are taken though the visitor wrote on another one meanwhile") {
  auto w = world{};
  auto& n = accumulator_node(w);
  auto a = accumulator_parts{w, n, {.comments_per_minute = 2}};
  a.started();
  uid_source ids{n.env().time(), n.env().random()};
  auto queued = std::vector<uid>{};
  for (int i = 0; i < 6; ++i) {
    queued.push_back(ids.next());
    w.advance(1min);
  }
  auto drain = [&](const uid& id) {
    return tell_accumulator(w, a.rpc, add_comment{"hello", "text", "", {}, "visitor_1", id}).outcome;
  };
  CHECK(drain(ids.next()) == event_outcome::applied);  // On the other host.
  for (const auto& id : queued)
    CHECK(drain(id) == event_outcome::applied);
  for (int i = 0; i < 3; ++i)  // Repeated, they give the visitor nothing.
    CHECK(drain(queued.front()) == event_outcome::duplicate);
  CHECK(drain(ids.next()) == event_outcome::applied);
  CHECK(drain(ids.next()) == event_outcome::rejected);
}
