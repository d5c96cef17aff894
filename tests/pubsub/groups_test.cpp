#include "pubsub/group_cluster.hpp"

using namespace beamline;
using namespace beamline::pubsub;
using namespace beamline::pubsub::test;

TEST_CASE("PG1 joining and leaving in the default scope, and which_groups follows") {
  world w;
  group_cluster c{w, {"a@sim"}};
  auto p = c.spawn(c.a());
  CHECK(c.which(c.a()).empty());
  c.join(c.a(), "g", {p});
  c.join(c.a(), "h", {p});
  CHECK(c.which(c.a()) == names{"g", "h"});
  CHECK(groups::which_local_groups(c.a().env()) == names{"g", "h"});
  CHECK(c.members(c.a(), "g") == std::vector{p});
  CHECK(c.members(c.a(), "x").empty());
  c.leave(c.a(), "g", {p});
  CHECK(c.which(c.a()) == names{"h"});
  CHECK(c.members(c.a(), "g").empty());
  SUBCASE("scopes never mix") {
    c.a().spawn<groups::scope>("other");
    w.run();
    CHECK(groups::which_groups(c.a().env(), "other").empty());
    CHECK_FALSE(std::holds_alternative<call_error>(
        w.try_ask<void>(groups::scope_on(c.a().env(), "other"), groups::join{"h", {p, p}})));
    CHECK(groups::get_members(c.a().env(), "h", "other").size() == 2);
    CHECK(c.members(c.a(), "h").size() == 1);
  }
  SUBCASE("a scope name in use cannot start twice, and the first goes on") {
    auto second = c.a().spawn<groups::scope>();
    w.run();
    CHECK_FALSE(c.a().is_alive(second));
    CHECK(c.a().processes().exit_reason(second.id())->text.starts_with("already_started: "));
    CHECK(c.which(c.a()) == names{"h"});
  }
}

TEST_CASE("PG2 malformed requests are refused with what is wrong, and change nothing") {
  world w;
  group_cluster c{w, {"a@sim"}};
  auto p = c.spawn(c.a());
  auto is_badarg = [&](auto m) {
    auto why = c.ask(c.a(), std::move(m));
    CHECK_MESSAGE(why.starts_with("badarg: "), why);
  };
  is_badarg(groups::join{"", {p}});
  is_badarg(groups::join{std::string(groups::group_name_bytes_max + 1, 'g'), {p}});
  is_badarg(groups::leave{"", {p}});
  is_badarg(groups::monitor{"", p});
  is_badarg(groups::monitor{"g", pid{}});
  is_badarg(groups::monitor_scope{pid{}});
  is_badarg(groups::monitor_scope{pid{c.a().env().self(), std::string{"somebody"}}});
  CHECK(c.which(c.a()).empty());
  SUBCASE("so is a scope whose name is no name") {
    auto s = c.a().spawn<groups::scope>(std::string(groups::scope_name_bytes_max + 1, 's'));
    w.run();
    CHECK_FALSE(c.a().is_alive(s));
  }
  SUBCASE("what a peer sends that no scope would") {
    group_cluster two{w, {"c@sim", "d@sim"}};
    auto& from = two.at("c@sim");
    auto& to = two.at("d@sim");
    two.net.connect(from, to);
    for (const auto* octets : {"", "\x09", "\x02\xff\xff"})
      CHECK(from.env().peers().send("d@sim", lane::presence, "pg:pg", octets).ok());
    two.settle();
    CHECK(to.is_alive(two.scopes["d@sim"]));
  }
}

TEST_CASE("PG4 only processes of this node join: with one of another node, or nobody, the whole list is refused") {
  world w;
  group_cluster c{w};
  c.connect();
  auto here = c.spawn(c.a());
  auto there = c.spawn(c.b());
  CHECK(c.ask(c.a(), groups::join{"g", {there}}).starts_with("nolocal: "));
  CHECK(c.ask(c.a(), groups::join{"g", {here, there}}).starts_with("nolocal: "));
  CHECK(c.ask(c.a(), groups::join{"g", {here, pid{}}}).starts_with("badarg: "));
  CHECK(c.ask(c.a(), groups::join{"g", {here, pid{c.a().env().self(), std::string{"named"}}}}).starts_with("badarg: "));
  auto before = std::make_shared<const node_identity>(node_identity{"a@sim", 0});
  CHECK(c.ask(c.a(), groups::join{"g", {pid{before, here.id()}}}).starts_with("nolocal: "));
  CHECK(c.ask(c.a(), groups::leave{"g", {there}}).starts_with("nolocal: "));
  CHECK(c.ask(c.a(), groups::monitor{"g", there}).starts_with("nolocal: "));
  CHECK(c.which(c.a()).empty());
}

TEST_CASE("PG5 memberships count: three are three, each leave takes one, and the dead leave with all of theirs") {
  testing::for_each_seed(20, [](world& w) {
    group_cluster c{w, {"a@sim"}};
    auto p = c.spawn(c.a());
    auto q = c.spawn(c.a());
    CHECK(c.ask(c.a(), groups::leave{"g", {p}}).starts_with("not_joined: "));
    c.join(c.a(), "g", {p});
    c.join(c.a(), "g", {p, p});
    CHECK(c.members(c.a(), "g") == std::vector{p, p, p});
    CHECK(c.local(c.a(), "g") == std::vector{p, p, p});
    CHECK(c.ask(c.a(), groups::leave{"g", {q}}).starts_with("not_joined: "));
    CHECK(c.ask(c.a(), groups::leave{"g", {}}).starts_with("not_joined: "));
    c.leave(c.a(), "g", {p, q});  // One of them was.
    CHECK(c.members(c.a(), "g") == std::vector{p, p});
    c.leave(c.a(), "g", {p, p});
    CHECK(c.which(c.a()).empty());
    c.join(c.a(), "g", {p, q});
    c.join(c.a(), "h", {p, p});
    c.a().kill(p);
    w.run();
    CHECK(c.members(c.a(), "g") == std::vector{q});
    CHECK(c.which(c.a()) == names{"g"});
    c.join(c.a(), "g", {p});  // Dead already: a member until that is noticed.
    w.run();
    CHECK(c.members(c.a(), "g") == std::vector{q});
  });
}

TEST_CASE("PG6 members are seen on the peer, not among its own; they go with their death and with their node") {
  testing::for_each_seed(20, [](world& w) {
    group_cluster c{w};
    c.connect();
    auto p = c.spawn(c.a());
    c.join(c.a(), "g", {p});
    c.settle();
    CHECK(c.members(c.b(), "g") == std::vector{p});
    CHECK(c.local(c.b(), "g").empty());
    c.a().kill(p);
    c.settle();
    CHECK(c.which(c.b()).empty());
    auto q = c.spawn(c.b());
    auto r = c.spawn(c.b());
    c.join(c.b(), "g", {q});
    c.join(c.b(), "g", {r});
    c.settle();
    CHECK(c.members(c.a(), "g") == sorted({q, r}));
    w.crash_node(c.b());
    w.advance(5s);
    CHECK(c.members(c.a(), "g").empty());
    CHECK(c.which(c.a()).empty());
  });
}
