#include "pubsub/presence/crdt/crdt_texts.hpp"

#include <doctest/doctest.h>

using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

const replica_id a = replica("a");
const replica_id b = replica("b");
const replica_id c = replica("c");
const replica_id d = replica("d");

}  // namespace

TEST_CASE("CK1 a clock dominates one that it has all of, and itself, but none of other replicas") {
  clock_map small{{a, 1}, {b, 2}};
  clock_map large{{a, 1}, {b, 2}, {c, 3}};
  CHECK(dominates(large, small));
  CHECK_FALSE(dominates(small, large));
  CHECK_FALSE(dominates({{a, 1}}, {{b, 1}}));
  CHECK_FALSE(dominates({{b, 1}}, {{a, 1}}));
  CHECK(dominates(small, small));
  CHECK(dominates({}, {}));
  CHECK_MESSAGE((dominates({{a, 1}, {b, 1}}, {{a, 1}, {c, 0}})), "a missing replica is one of which nothing was seen");
  CHECK_FALSE_MESSAGE((dominates({{a, 5}}, {{a, 1}, {c, 0}})), "fewer replicas");
  CHECK_FALSE(dominates({{a, 5}, {b, 1}}, {{a, 1}, {b, 2}}));
}

TEST_CASE("CK2 the upper bound has the greater counter of each replica of either") {
  CHECK(upper_bound({{a, 1}, {b, 2}, {c, 2}}, {{a, 3}, {b, 1}, {d, 2}}) == clock_map{{a, 3}, {b, 2}, {c, 2}, {d, 2}});
  CHECK(upper_bound({{a, 1}}, {}) == clock_map{{a, 1}});
  CHECK(upper_bound({}, {{a, 1}}) == clock_map{{a, 1}});
}

TEST_CASE("CK3 the lower bound has the lesser counter where both have the replica, else the one there is") {
  CHECK(lower_bound({{a, 1}, {b, 2}, {c, 2}}, {{a, 3}, {b, 1}, {d, 2}}) == clock_map{{a, 1}, {b, 1}, {c, 2}, {d, 2}});
  CHECK(lower_bound({{a, 1}}, {}) == clock_map{{a, 1}});
  CHECK(lower_bound({}, {{a, 1}}) == clock_map{{a, 1}});
}

TEST_CASE("CK4 a restricted clock keeps the replicas that are listed and that it has") {
  CHECK(restricted({{a, 1}, {b, 2}, {c, 3}}, std::set<replica_id>{a, c, d}) == clock_map{{a, 1}, {c, 3}});
  CHECK(restricted({{a, 1}, {b, 2}}, clock_map{{b, 9}, {d, 1}}) == clock_map{{b, 2}});
  CHECK(restricted({{a, 1}}, std::set<replica_id>{}).empty());
  CHECK_MESSAGE((restricted({{a, 1}}, std::set<replica_id>{replica("a", 2)}).empty()),
                "another run is another replica");
}

TEST_CASE("CK5 the replicas of a clock are its keys") {
  CHECK(replicas_of({{b, 2}, {a, 1}}) == std::vector<replica_id>{a, b});
  CHECK(replicas_of({}).empty());
}

TEST_CASE("a transfer is asked of the most advanced replicas only, and of none that knows nothing new") {
  clock_set heard;
  clock_map own{{a, 5}, {b, 3}, {c, 1}};
  SUBCASE("nobody was heard") {
    CHECK(heard.empty());
    CHECK(heard.take(a, own).empty());
  }
  SUBCASE("who knows less, or the same, is not asked") {
    heard.add(b, {{a, 5}, {b, 3}, {c, 1}});
    heard.add(c, {{a, 4}, {c, 1}});
    CHECK(heard.take(a, own).empty());
    CHECK_MESSAGE(heard.empty(), "each beat counts once");
  }
  SUBCASE("one that knows all that the others know is enough") {
    heard.add(b, {{a, 5}, {b, 4}, {c, 1}});
    heard.add(c, {{a, 5}, {b, 4}, {c, 2}});
    CHECK(heard.take(a, own) == std::vector<replica_id>{c});
  }
  SUBCASE("two that know a part each are both asked, the third that knows no more than they together is not") {
    heard.add(b, {{b, 9}});
    heard.add(c, {{c, 9}});
    heard.add(d, {{b, 4}, {c, 2}});
    CHECK(heard.take(a, own) == std::vector<replica_id>{b, c});
  }
  SUBCASE("of equal ones one is asked, who wrote it if possible") {
    heard.add(b, {{b, 9}});
    heard.add(c, {{b, 9}});
    heard.add(d, {{b, 9}});
    CHECK(heard.take(a, own) == std::vector<replica_id>{b});
    heard.add(b, {{c, 9}});
    heard.add(d, {{c, 9}});
    CHECK(heard.take(a, own).size() == 1);
  }
  SUBCASE("an empty clock changes nothing, a newer one replaces the older") {
    heard.add(b, {{b, 9}});
    heard.add(b, {});
    CHECK_FALSE(heard.empty());
    heard.add(b, {{b, 3}});
    CHECK(heard.take(a, own).empty());
  }
  SUBCASE("replicas that are not up here count for nothing, so a stable partial partition is quiet (D155)") {
    heard.add(b, {{a, 5}, {b, 3}, {c, 1}, {d, 100}});
    CHECK(heard.take(a, own).empty());
  }
  SUBCASE("own beats, and those of a replica that went down meanwhile, are no reason") {
    heard.add(a, {{b, 9}});
    heard.add(b, {{b, 9}});
    heard.remove(b);
    CHECK(heard.take(a, own).empty());
  }
}
