#include "base/random.hpp"
#include "pubsub/presence/crdt/crdt_texts.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

TEST_CASE("a set of dots is what a plain set of numbers is, with neighbours as one run") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    seeded_random chance{seed};
    dot_set dots;
    std::set<std::uint64_t> plain;
    for (int step = 0; step < 60; ++step) {
      auto first = chance.below(40) + 1;
      auto last = first + chance.below(chance.below(4) == 0 ? 12 : 2);
      if (chance.below(12) == 0) {
        dots.erase_upto(first);
        plain.erase(plain.begin(), plain.upper_bound(first));
      } else {
        dots.insert(first, last);
        for (auto n = first; n <= last; ++n)
          plain.insert(n);
      }
      REQUIRE(dots.size() == plain.size());
      REQUIRE(dots.empty() == plain.empty());
      REQUIRE(dots.last() == (plain.empty() ? 0 : *plain.rbegin()));
      auto agree = true;
      std::uint64_t end = 0;
      for (auto [from, to] : dots.runs()) {
        agree = agree && (end == 0 || from > end + 1) && from <= to;
        end = to;
      }
      for (std::uint64_t n = 0; n <= 60; ++n)
        agree = agree && dots.contains(n) == plain.contains(n);
      REQUIRE_MESSAGE(agree, "seed " << seed);
      auto has_all = true;
      for (auto n = first; n <= last; ++n)
        has_all = has_all && plain.contains(n);
      REQUIRE(dots.contains(first, last) == has_all);
    }
  }
}

TEST_CASE("a hundred thousand dots in a row are one run") {
  dot_set dots;
  for (std::uint64_t n = 1; n <= 100'000; ++n)
    dots.insert(n);
  CHECK(dots.runs().size() == 1);
  CHECK(dots.size() == 100'000);
}

TEST_CASE("the union of two sets of dots has the dots of both") {
  dot_set a;
  a.insert(1, 3);
  a.insert(7);
  dot_set b;
  b.insert(4, 5);
  b.insert(9);
  a.insert(b);
  CHECK(a.runs() == dot_set::run_map{{1, 5}, {7, 7}, {9, 9}});
  CHECK(a.size() == 7);
  a.clear();
  CHECK(a.empty());
}

TEST_CASE("the greatest counters there are do no harm") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  dot_set dots;
  dots.insert(most - 1, most);
  dots.insert(5, most - 3);
  dots.insert(most - 2);
  CHECK(dots.runs() == dot_set::run_map{{5, most}});
  CHECK(dots.contains(most));
}
