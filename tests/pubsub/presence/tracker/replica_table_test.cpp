#include "pubsub/presence/tracker/replica_table.hpp"

#include "pubsub/presence/tracker/limits.hpp"
#include "pubsub/presence/tracker/tracker_cluster.hpp"

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

using change = replica_table::change;

constexpr auto limits = replica_table::options{30s, 20min};
const time_point start{1h};

replica_id run(std::uint64_t version, std::string name = "b@sim") { return {std::move(name), version}; }

}  // namespace

TEST_CASE("RP1 two replicas of one name have different versions, the later the greater") {
  world w;
  tracker_cluster c{w, {"a@sim"}};
  auto first = c.status(c.a()).self;
  c.kill_shard(c.a(), "any");
  w.run();
  auto second = c.status(c.a()).self;
  CHECK(second.name == first.name);
  CHECK(second.version > first.version);
  w.crash_node(c.a());
  c.start("a@sim");
  CHECK(c.status(c.a()).self.version > second.version);
}

TEST_CASE("RP2 a replica is known by its name and version") {
  replica_table t{limits};
  (void)t.heard(run(7), start);
  REQUIRE(t.find("b@sim") != nullptr);
  CHECK(t.find("b@sim")->id == replica_id{"b@sim", 7});
  CHECK(t.find("c@sim") == nullptr);
}

TEST_CASE("RP3 the first beat of a replica has no previous, puts it up and is remembered") {
  replica_table t{limits};
  auto h = t.heard(run(1), start);
  CHECK(h.what == change::first);
  CHECK_FALSE(h.previous);
  auto all = t.all();
  REQUIRE(all.size() == 1);
  CHECK(all[0].status == replica_status::up);
  CHECK(all[0].heard == start);
}

TEST_CASE("RP4 silence between the two limits puts a replica down, and it stays known") {
  replica_table t{limits};
  (void)t.heard(run(1), start);
  auto silent = t.detect_down(start + 31s);
  CHECK(silent.down == std::vector{run(1)});
  CHECK(silent.gone.empty());
  CHECK(t.find("b@sim")->status == replica_status::down);
  CHECK(t.find("b@sim")->id == run(1));
  CHECK(t.detect_down(start + 40s).down.empty());
  SUBCASE("and for good when it goes on") {
    CHECK(t.detect_down(start + 20min).gone.empty());
    CHECK(t.detect_down(start + 20min + 1ns).gone == std::vector{run(1)});
    CHECK(t.find("b@sim") == nullptr);
  }
  SUBCASE("and the same run is up again when it is heard") {
    auto h = t.heard(run(1), start + 50s);
    CHECK(h.what == change::again);
    CHECK(t.find("b@sim")->status == replica_status::up);
  }
}

TEST_CASE("RP5 no silence changes nothing") {
  replica_table t{limits};
  (void)t.heard(run(1), start);
  auto silent = t.detect_down(start);
  CHECK(silent.down.empty());
  CHECK(silent.gone.empty());
  CHECK(t.detect_down(start + 30s).down.empty());
  CHECK(t.find("b@sim")->status == replica_status::up);
}

TEST_CASE("I29 a beat of an earlier run is stale, one of a later run replaces it") {
  replica_table t{limits};
  (void)t.heard(run(5), start);
  CHECK(t.heard(run(4), start + 20s).what == change::stale);
  CHECK(t.find("b@sim")->heard == start);
  auto h = t.heard(run(6), start + 1s);
  CHECK(h.what == change::replaced);
  REQUIRE(h.previous);
  CHECK(h.previous->id == run(5));
  CHECK(h.previous->status == replica_status::up);
  CHECK(t.heard(run(6), start + 2s).what == change::refreshed);
}

TEST_CASE("a silence over both limits puts a replica down and forgets it at once") {
  replica_table t{limits};
  (void)t.heard(run(1), start);
  auto silent = t.detect_down(start + 1h);
  CHECK(silent.down == std::vector{run(1)});
  CHECK(silent.gone == std::vector{run(1)});
}

TEST_CASE("a lost link hides a replica after its grace, unless it is heard before") {
  replica_table t{limits};
  (void)t.heard(run(1), start);
  t.link_lost("b@sim", start + 5s);
  CHECK(t.next_hide() == start + 5s);
  CHECK(t.detect_down(start + 4s).down.empty());
  SUBCASE("it is not heard") {
    CHECK(t.detect_down(start + 5s).down == std::vector{run(1)});
    CHECK_FALSE(t.next_hide());
  }
  SUBCASE("it is heard") {
    CHECK(t.heard(run(1), start + 4s).what == change::refreshed);
    CHECK(t.detect_down(start + 10s).down.empty());
  }
  SUBCASE("its link is back just before: its beat has time to come") {
    t.link_found("b@sim", start + 6s);
    CHECK(t.detect_down(start + 5s).down.empty());
    CHECK(t.detect_down(start + 6s).down == std::vector{run(1)});
  }
  SUBCASE("a second loss does not make it later") {
    t.link_lost("b@sim", start + 9s);
    CHECK(t.next_hide() == start + 5s);
  }
}

TEST_CASE("a replica that left is not known, and nothing that was still under way brings it back") {
  replica_table t{limits};
  (void)t.heard(run(3), start);
  CHECK_FALSE(t.left(run(2)));
  CHECK_FALSE(t.left(run(3, "c@sim")));
  CHECK(t.left(run(3)));
  CHECK(t.all().empty());
  CHECK(t.heard(run(3), start).what == change::stale);
  CHECK(t.heard(run(4), start).what == change::first);
}

TEST_CASE("of a name that is gone for good the newest run is remembered") {
  replica_table t{limits};
  (void)t.heard(run(3), start);
  CHECK(t.detect_down(start + 1h).gone == std::vector{run(3)});
  CHECK(t.heard(run(2), start + 1h).what == change::stale);
  CHECK(t.find("b@sim") == nullptr);
  SUBCASE("that run was cut off, and is as new (D161)") { CHECK(t.heard(run(3), start + 1h).what == change::first); }
  SUBCASE("a later run is new") {
    CHECK(t.heard(run(5), start + 1h).what == change::first);
    CHECK(t.heard(run(4), start + 1h).what == change::stale);
    CHECK(t.detect_down(start + 2h).gone == std::vector{run(5)});
    CHECK(t.heard(run(4), start + 2h).what == change::stale);
  }
  SUBCASE("another table goes on from what this one knows") {
    (void)t.heard(run(1, "c@sim"), start);
    replica_table next{limits};
    for (const auto& r : t.newest_runs())
      next.remember(r.id, r.has_left);
    CHECK(next.heard(run(2), start).what == change::stale);
    CHECK(next.heard(run(0, "c@sim"), start).what == change::stale);
    CHECK(next.heard(run(1, "c@sim"), start).what == change::first);
  }
}

TEST_CASE("of so many names only: the first that was forgotten may come back in an earlier run") {
  replica_table t{limits};
  for (std::size_t i = 0; i <= past_replicas_max; ++i) {
    // Forgotten in another order than that of their names.
    (void)t.heard(run(2, std::to_string(past_replicas_max - i)), start);
    CHECK(t.left(run(2, std::to_string(past_replicas_max - i))));
  }
  CHECK(t.newest_runs().size() == past_replicas_max);
  CHECK(t.heard(run(2, "0"), start).what == change::stale);
  CHECK(t.heard(run(1, std::to_string(past_replicas_max)), start).what == change::first);
}

TEST_CASE("who was held up itself takes nobody else for silent") {
  replica_table t{limits};
  (void)t.heard(run(1), start);
  t.link_lost("b@sim", start + 50s);
  t.excuse(40s);
  CHECK(t.detect_down(start + 41s).down.empty());
  CHECK(t.next_hide() == start + 90s);
}

TEST_CASE("there is an end to how many replicas are known") {
  replica_table t{limits};
  for (std::size_t i = 0; i < replicas_max; ++i)
    CHECK(t.heard(run(1, std::to_string(i)), start).what == change::first);
  CHECK(t.heard(run(1, "one too many"), start).what == change::full);
  CHECK(t.heard(run(2, "7"), start).what == change::replaced);
}
