// Who is told of joins and leaves.

#include "pubsub/group_cluster.hpp"

using namespace beamline;
using namespace beamline::pubsub;
using namespace beamline::pubsub::test;

TEST_CASE("PG17 who monitors a scope is answered with all that is in it, each time") {
  world w;
  group_cluster c{w};
  c.connect();
  told to;
  auto m = c.listen(c.a(), to);
  auto here = c.spawn(c.a());
  auto there = c.spawn(c.b());
  c.join(c.a(), "g", {here, here});
  c.join(c.b(), "g", {there});
  c.join(c.b(), "h", {there});
  c.settle();
  auto first = w.ask<groups::scope_monitored>(groups::scope_on(c.a().env()), groups::monitor_scope{m});
  auto second = w.ask<groups::scope_monitored>(groups::scope_on(c.a().env()), groups::monitor_scope{m});
  CHECK(first.ref != second.ref);
  CHECK(first.members == second.members);
  CHECK(first.members.size() == 2);
  CHECK(sorted(first.members["g"]) == sorted({here, here, there}));
  CHECK(first.members["h"] == std::vector{there});
  CHECK(to.lines.empty());
}

TEST_CASE("PG18 a monitored scope tells joins and leaves of all nodes, exactly, until demonitor") {
  testing::for_each_seed(20, [](world& w) {
    group_cluster c{w};
    c.connect();
    told one, two, far;
    auto p = c.listen(c.a(), one);
    auto q = c.listen(c.a(), two);
    auto r = c.listen(c.b(), far);
    auto scope = groups::scope_on(c.a().env());
    auto first = w.ask<groups::scope_monitored>(scope, groups::monitor_scope{p});
    (void)w.ask<groups::scope_monitored>(scope, groups::monitor_scope{q});
    (void)w.ask<groups::scope_monitored>(groups::scope_on(c.b().env()), groups::monitor_scope{r});
    auto here = c.spawn(c.a());
    auto there = c.spawn(c.b());
    c.join(c.a(), "g", {here, here});
    c.settle();
    c.join(c.b(), "g", {there});
    c.settle();
    c.leave(c.a(), "g", {here});
    c.settle();
    names expected{"+g 2", "+g 1", "-g 1"};
    for (const auto* t : {&one, &two, &far})
      CHECK(t->lines == expected);
    CHECK(sorted(one.folded["g"]) == c.members(c.a(), "g"));
    CHECK(w.ask<bool>(scope, groups::demonitor{first.ref}));
    CHECK_FALSE(w.ask<bool>(scope, groups::demonitor{first.ref}));
    CHECK_FALSE(w.ask<bool>(scope, groups::demonitor{12345}));
    w.crash_node(c.b());
    w.advance(5s);
    CHECK(one.lines == expected);
    CHECK(two.lines.back() == "-g 1");
    CHECK(sorted(two.folded["g"]) == c.members(c.a(), "g"));
    c.a().kill(q);
    w.run();
    c.join(c.a(), "g", {here});
    w.run();
    CHECK(two.lines.size() == 4);
  });
}

TEST_CASE("PG19 a monitored group tells of itself and of no other") {
  testing::for_each_seed(20, [](world& w) {
    group_cluster c{w};
    c.connect();
    told to;
    auto m = c.listen(c.a(), to);
    auto scope = groups::scope_on(c.a().env());
    auto here = c.spawn(c.a());
    auto there = c.spawn(c.b());
    c.join(c.a(), "g", {here});
    auto got = w.ask<groups::monitored>(scope, groups::monitor{"g", m});
    CHECK(got.members == std::vector{here});
    to.folded["g"] = got.members;
    c.join(c.a(), "h", {here});
    c.join(c.b(), "g", {there, there});
    c.settle();
    c.b().kill(there);
    c.settle();
    c.leave(c.a(), "g", {here});
    w.run();
    CHECK(to.lines == names{"+g 2", "-g 2", "-g 1"});
    SUBCASE("the empty group is monitored, too") {
      c.join(c.a(), "g", {here});
      w.run();
      CHECK(to.lines.back() == "+g 1");
    }
    SUBCASE("a member may monitor its own group and die") {
      c.join(c.a(), "g", {m});
      w.run();
      c.a().kill(m);
      w.run();
      CHECK(c.members(c.a(), "g").empty());
      CHECK(c.a().is_alive(c.scopes["a@sim"]));
    }
    CHECK(w.ask<bool>(scope, groups::demonitor{got.ref}) == c.a().is_alive(m));
  });
}

TEST_CASE("PG20 two monitors of a group and one of the scope are told each, and nothing is left of them") {
  world w;
  group_cluster c{w, {"a@sim"}};
  told to;
  auto m = c.listen(c.a(), to);
  auto scope = groups::scope_on(c.a().env());
  auto p = c.spawn(c.a());
  (void)w.ask<groups::monitored>(scope, groups::monitor{"one", m});
  (void)w.ask<groups::monitored>(scope, groups::monitor{"two", m});
  (void)w.ask<groups::scope_monitored>(scope, groups::monitor_scope{m});
  c.join(c.a(), "one", {p});
  c.join(c.a(), "two", {p});
  w.run();
  CHECK(to.lines == names{"+one 1", "+one 1", "+two 1", "+two 1"});
  auto pending = [&] { return c.a().processes().info(c.scopes["a@sim"].id(), w.now())->pending; };
  CHECK(pending() == 2);  // It watches the member and the listener.
  c.a().kill(m);
  w.run();
  CHECK(pending() == 1);
  c.join(c.a(), "one", {p});
  c.a().kill(p);
  w.run();
  CHECK(pending() == 0);
}
