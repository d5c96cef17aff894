// Merging is commutative, associative and idempotent (D148, I27): whatever pieces of histories come in whatever order,
// how often and through whom, those who have been given the same hold the same.

#include "base/random.hpp"
#include "pubsub/presence/crdt/crdt_texts.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

const replica_id reader = replica("z");

/// A replica that lives, and everything it ever said: changes of every period, whole states, and merged changes.
struct speaker {
  explicit speaker(replica_id id) : held{std::move(id)} {}

  void live(seeded_random& chance) {
    for (auto n = chance.below(4); n > 0; --n) {
      auto who = key(chance.below(2) == 0 ? "t" : "u", chance.below(2) == 0 ? "k" : "l", chance.below(2));
      if (chance.below(3) == 0)
        (void)held.leave(who);
      else
        (void)held.join(who, meta(std::to_string(chance.below(1'000))));
    }
    recent.push(held.changes());
    said.push_back(taken_changes(held));
    if (chance.below(4) == 0)
      said.push_back(held.extract(reader, {{held.self(), 0}}));
    if (auto part = recent.extract(reader, {{held.self(), chance.below(8)}}))
      said.push_back(std::move(*part));
  }

  state held;
  generations recent{{4, 12}};
  std::vector<delta> said{};
};

state a_reader(const std::vector<speaker>& of) {
  state s{reader};
  for (const auto& one : of)
    (void)s.replica_up(one.held.self());
  return s;
}

void shuffle(std::vector<delta>& all, seeded_random& chance) {
  for (std::size_t i = all.size(); i > 1; --i)
    std::swap(all[i - 1], all[chance.below(i)]);
}

bool hold_the_same(const state& a, const state& b) {
  auto listed = [](const state& s) {
    std::string all;
    for (const auto& topic : s.topics())
      all += topic + " " + text(s.all(topic)) + "\n";
    return all;
  };
  return a.context() == b.context() && a.cloud_size() == b.cloud_size() && all_of(a) == all_of(b)
      && listed(a) == listed(b);
}

}  // namespace

TEST_CASE("I27 the same pieces of histories in any order, any of them repeated, give the same state") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    seeded_random chance{seed};
    std::vector<speaker> speakers{speaker{replica("a")}, speaker{replica("b")}};
    std::vector<delta> said;
    for (auto& s : speakers)
      for (int period = 0; period < 5; ++period)
        s.live(chance);
    for (const auto& s : speakers)
      for (const auto& d : s.said)
        if (chance.below(5) != 0)  // What is lost is lost for both readers.
          said.push_back(d);
    auto first = a_reader(speakers);
    for (const auto& d : said)
      (void)first.merge(d);
    auto again = said;
    for (const auto& d : said)
      if (chance.below(3) == 0)
        again.push_back(d);
    shuffle(again, chance);
    auto second = a_reader(speakers);
    for (const auto& d : again)
      (void)second.merge(d);
    REQUIRE_MESSAGE(hold_the_same(first, second), "seed " << seed);
    // Once more changes nothing, and says nothing.
    for (const auto& d : again)
      REQUIRE_MESSAGE(second.merge(d).empty(), "seed " << seed);
    REQUIRE_MESSAGE(hold_the_same(first, second), "seed " << seed);
    // With the whole of everybody it is what everybody has.
    for (const auto& s : speakers) {
      (void)second.merge(all_of(s.held));
      REQUIRE(second.summary_of(s.held.self()) == s.held.summary_of(s.held.self()));
    }
    REQUIRE(second.cloud_size() == 0);
  }
}

TEST_CASE("I27 what is merged before it is passed on is as good as the pieces") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    seeded_random chance{seed};
    std::vector<speaker> speakers{speaker{replica("a")}, speaker{replica("b")}, speaker{replica("c")}};
    std::vector<state> middle(3, a_reader(speakers));
    for (int period = 0; period < 4; ++period)
      for (auto& s : speakers) {
        s.live(chance);
        for (auto& m : middle)
          if (chance.below(3) != 0)
            (void)m.merge(s.said.back());
      }
    // What waits behind a gap is not passed on; here it is given up, as if it had not come.
    for (auto& m : middle) {
      auto whole = all_of(m);
      m = a_reader(speakers);
      (void)m.merge(whole);
    }
    auto with = [](state s, const state& other) {
      (void)s.merge(all_of(other));
      return s;
    };
    auto left = with(with(middle[0], middle[1]), middle[2]);
    auto right = with(middle[0], with(middle[1], middle[2]));
    REQUIRE_MESSAGE(all_of(left) == all_of(right), "seed " << seed);
    REQUIRE_MESSAGE(all_of(with(middle[0], middle[1])) == all_of(with(middle[1], middle[0])), "seed " << seed);
    REQUIRE_MESSAGE(all_of(with(left, left)) == all_of(left), "seed " << seed);
  }
}

TEST_CASE("I27 merged deltas of one range are the same, whichever absorbs the other") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    seeded_random chance{seed};
    speaker s{replica("a")};
    for (int period = 0; period < 6; ++period)
      s.live(chance);
    for (std::size_t i = 0; i < s.said.size(); ++i)
      for (std::size_t j = 0; j < s.said.size(); ++j) {
        auto there = merged(s.said[i], s.said[j]);
        auto back = merged(s.said[j], s.said[i]);
        REQUIRE(there.has_value() == back.has_value());
        if (there)
          REQUIRE_MESSAGE(*there == *back, "seed " << seed << ", " << i << " and " << j);
      }
  }
}
