#include "pubsub/groups.hpp"

#include "net/linked_nodes.hpp"
#include "pubsub/groups/limits.hpp"
#include "pubsub/groups/scope.hpp"
#include "pubsub/groups/wire.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace beamline;
using namespace beamline::pubsub;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

namespace {

class member final : public process {
public:
  using process::process;
  behavior init() override { return handlers(); }
};

/// Keeps what its monitors are told: `+g 2` is a join of two members of g.
struct told {
  std::vector<std::string> lines;
  std::map<std::string, std::vector<pid>> folded;
};
class listener final : public process {
public:
  listener(process_context& c, told& to) : process{c}, to_{to} {}
  behavior init() override {
    return handlers(
        [this](const groups::joined& m) {
          to_.lines.push_back("+" + m.group + " " + std::to_string(m.members.size()));
          for (const auto& p : m.members)
            to_.folded[m.group].push_back(p);
        },
        [this](const groups::left& m) {
          to_.lines.push_back("-" + m.group + " " + std::to_string(m.members.size()));
          for (const auto& p : m.members) {
            auto& all = to_.folded[m.group];
            if (auto at = std::find(all.begin(), all.end(), p); at != all.end())
              all.erase(at);
            else
              to_.lines.push_back("left without having joined");
          }
        });
  }

private:
  told& to_;
};

std::vector<pid> sorted(std::vector<pid> all) {
  std::sort(all.begin(), all.end());
  return all;
}

/// Nodes with a scope each, linked when the test says so.
struct group_cluster {
  explicit group_cluster(world& the_world, std::vector<std::string> the_names = {"a@sim", "b@sim"},
                         std::size_t started = 9)
      : w{the_world}, names{std::move(the_names)}, net{w, names} {
    for (const auto& n : names)
      if (scopes.size() < started)
        start(n);
  }

  simulated_node& start(const std::string& name) {
    auto& n = w.start_node(name);
    n.env().provide(n.own<groups::scope_list>());
    net.join(n, "any");
    scopes[name] = n.spawn<groups::scope>();
    w.run();
    return n;
  }
  simulated_node& at(const std::string& name) { return *w.find_node(name); }
  simulated_node& a() { return at("a@sim"); }
  simulated_node& b() { return at("b@sim"); }
  void connect() {
    net.connect(a(), b());
    settle();
  }
  void settle() { w.advance(500ms); }

  pid spawn(simulated_node& n) {
    auto p = n.spawn<member>();
    w.run();
    return p;
  }
  /// Empty, or what it was refused with.
  template <class M>
  std::string ask(simulated_node& n, M m) {
    auto o = w.try_ask<void>(groups::scope_on(n.env()), std::move(m));
    auto* e = std::get_if<call_error>(&o);
    if (e == nullptr)
      return {};
    return e->what == call_error::kind::crashed ? e->why.text : std::string{to_string(e->what)};
  }
  void join(simulated_node& n, const std::string& group, std::vector<pid> members) {
    CHECK(ask(n, groups::join{group, std::move(members)}) == "");
  }
  void leave(simulated_node& n, const std::string& group, std::vector<pid> members) {
    CHECK(ask(n, groups::leave{group, std::move(members)}) == "");
  }
  std::vector<pid> members(simulated_node& n, const std::string& group) {
    return sorted(groups::get_members(n.env(), group));
  }
  std::vector<pid> local(simulated_node& n, const std::string& group) {
    return sorted(groups::get_local_members(n.env(), group));
  }
  std::vector<std::string> which(simulated_node& n) { return groups::which_groups(n.env()); }
  pid listen(simulated_node& n, told& to) {
    auto p = n.spawn<listener>(to);
    w.run();
    return p;
  }

  world& w;
  std::vector<std::string> names;
  linked_nodes net;
  std::map<std::string, pid> scopes;
};

using names = std::vector<std::string>;

}  // namespace

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

TEST_CASE("PG7 a thundering herd of syncs does not starve a local join") {
  world w;
  group_cluster c{w};
  c.connect();
  auto p = c.spawn(c.a());
  for (int i = 0; i < 10'000; ++i)
    c.a().cast(groups::scope_on(c.a().env()), groups::join{"group " + std::to_string(i), {p}});
  w.run();
  c.settle();
  CHECK(c.which(c.b()).size() == 10'000);
  auto stranger = c.spawn(c.b());
  for (std::uint64_t i = 0; i < 2000; ++i) {
    groups::wire_sync sync{1U << 30, i + 1, true, "", "", {{"group 1", {stranger.id(), stranger.id()}}}};
    c.a().cast(c.scopes["a@sim"], peer_message{*c.b().env().self(), "pg:pg", groups::encode_group_message(sync)});
    // Each of these asks for all 10,000.
    c.a().cast(c.scopes["a@sim"], peer_message{*c.b().env().self(), "pg:pg",
                                               groups::encode_group_message(groups::wire_discover{1U << 30})});
  }
  auto begin = w.now();
  c.join(c.a(), "late", {p});
  CHECK(w.now() - begin < 5s);
  CHECK(c.members(c.a(), "group 1").size() == 3);
}

TEST_CASE("PG8 members from before the peer came are told to it, and their death later") {
  testing::for_each_seed(20, [](world& w) {
    group_cluster c{w, {"a@sim", "b@sim"}};
    auto p = c.spawn(c.a());
    c.join(c.a(), "g", {p, p});
    CHECK(c.which(c.b()).empty());
    c.connect();
    CHECK(c.members(c.b(), "g") == std::vector{p, p});
    c.a().kill(p);
    c.settle();
    CHECK(c.members(c.b(), "g").empty());
  });
}

TEST_CASE("PG9 what happens on both sides of a split is seen by both after it") {
  testing::for_each_seed(30, [](world& w) {
    group_cluster c{w};
    c.connect();
    auto stays = c.spawn(c.b());
    auto moves = c.spawn(c.b());
    auto leaves = c.spawn(c.b());
    auto own = c.spawn(c.a());
    c.join(c.b(), "g", {stays, leaves});
    c.join(c.b(), "from", {moves});
    c.settle();
    CHECK(c.members(c.a(), "g") == sorted({stays, leaves}));
    c.net.cut(c.a(), c.b());
    w.run();
    CHECK(c.which(c.a()).empty());
    auto late = c.spawn(c.b());
    c.join(c.b(), "g", {late});
    c.leave(c.b(), "g", {leaves});
    c.leave(c.b(), "from", {moves});
    c.join(c.b(), "to", {moves});
    c.join(c.a(), "g", {own});
    CHECK(c.members(c.a(), "g") == std::vector{own});
    c.connect();
    for (auto* n : {&c.a(), &c.b()}) {
      CHECK(c.members(*n, "g") == sorted({stays, late, own}));
      CHECK(c.members(*n, "to") == std::vector{moves});
      CHECK(c.members(*n, "from").empty());
      CHECK(c.which(*n) == names{"g", "to"});
    }
  });
}

TEST_CASE("PG10 of four nodes split in two, nobody lists what was left or died meanwhile") {
  testing::for_each_seed(10, [](world& w) {
    group_cluster c{w, {"a@sim", "b@sim", "c@sim", "d@sim"}};
    for (const auto& x : c.names)
      for (const auto& y : c.names)
        if (x < y)
          c.net.connect(c.at(x), c.at(y));
    std::map<std::string, pid> one;
    for (const auto& x : c.names) {
      one[x] = c.spawn(c.at(x));
      c.join(c.at(x), "g", {one[x]});
    }
    c.join(c.a(), "left", {one["a@sim"]});
    c.join(c.at("d@sim"), "killed", {one["d@sim"]});
    c.settle();
    for (const auto& x : c.names)
      CHECK(c.members(c.at(x), "g").size() == 4);
    for (const auto* x : {"a@sim", "b@sim"})
      for (const auto* y : {"c@sim", "d@sim"})
        c.net.cut(c.at(x), c.at(y));
    w.run();
    CHECK(c.members(c.a(), "g").size() == 2);
    c.leave(c.a(), "left", {one["a@sim"]});
    CHECK(c.ask(c.a(), groups::leave{"left", {one["a@sim"]}}).starts_with("not_joined: "));
    c.at("d@sim").kill(one["d@sim"]);
    c.settle();
    for (const auto* x : {"a@sim", "b@sim"})
      for (const auto* y : {"c@sim", "d@sim"})
        c.net.connect(c.at(x), c.at(y));
    c.settle();
    for (const auto& x : c.names) {
      CHECK(c.which(c.at(x)) == names{"g"});
      CHECK(c.members(c.at(x), "g") == sorted({one["a@sim"], one["b@sim"], one["c@sim"]}));
      CHECK(c.ask(c.at(x), groups::leave{"left", {one[x]}}).starts_with("not_joined: "));
    }
  });
}

TEST_CASE("PG11 two nodes exchange their groups again and again, deaths and partial leaves included") {
  testing::for_each_seed(20, [](world& w) {
    group_cluster c{w};
    c.connect();
    std::vector<pid> here;
    std::vector<pid> there;
    for (int i = 0; i < 10; ++i) {
      here.push_back(c.spawn(c.a()));
      there.push_back(c.spawn(c.b()));
    }
    c.join(c.a(), "one", here);
    c.join(c.b(), "one", there);
    c.join(c.b(), "two", there);
    c.settle();
    CHECK(c.members(c.a(), "one").size() == 20);
    for (int i = 0; i < 3; ++i) {
      c.b().kill(there.back());
      there.pop_back();
    }
    c.settle();
    CHECK(c.members(c.a(), "two") == sorted(there));
    c.net.cut(c.a(), c.b());
    w.run();
    CHECK(c.members(c.a(), "two").empty());
    CHECK(c.members(c.a(), "one") == sorted(here));
    c.leave(c.b(), "two", {there[0], there[1]});
    c.join(c.b(), "three", {there[0], there[0]});
    c.connect();
    auto two = std::vector<pid>(there.begin() + 2, there.end());
    CHECK(c.members(c.a(), "two") == sorted(two));
    CHECK(c.members(c.a(), "three") == std::vector{there[0], there[0]});
    CHECK(c.members(c.b(), "one").size() == 17);
    c.leave(c.b(), "three", {there[0]});
    c.settle();
    CHECK(c.members(c.a(), "three") == std::vector{there[0]});
    c.leave(c.b(), "three", {there[0]});
    c.settle();
    CHECK(c.which(c.a()) == names{"one", "two"});
  });
}

TEST_CASE("PG12 what joined twice elsewhere is never among the own members") {
  world w;
  group_cluster c{w};
  c.connect();
  auto p = c.spawn(c.b());
  c.join(c.b(), "g", {p});
  c.join(c.b(), "g", {p});
  c.settle();
  CHECK(c.members(c.a(), "g") == std::vector{p, p});
  CHECK(c.local(c.a(), "g").empty());
  CHECK(groups::which_local_groups(c.a().env()).empty());
}

TEST_CASE("PG13 who joined twice is listed twice, also on a peer that came in between") {
  world w;
  group_cluster c{w, {"a@sim", "b@sim"}, 1};
  auto p = c.spawn(c.a());
  c.join(c.a(), "g", {p});
  c.start("b@sim");
  c.connect();
  c.join(c.a(), "g", {p});
  c.settle();
  CHECK(c.members(c.a(), "g") == std::vector{p, p});
  CHECK(c.members(c.b(), "g") == std::vector{p, p});
}

TEST_CASE("PG14 a scope that is started anew has lost the own memberships and learns those of others") {
  testing::for_each_seed(30, [](world& w) {
    group_cluster c{w};
    c.connect();
    auto here = c.spawn(c.a());
    auto there = c.spawn(c.b());
    c.join(c.a(), "g", {here});
    c.join(c.b(), "g", {there});
    c.settle();
    told by_b;
    auto p = c.listen(c.b(), by_b);
    by_b.folded["g"] = w.ask<groups::monitored>(groups::scope_on(c.b().env()), groups::monitor{"g", p}).members;
    c.a().kill(c.scopes["a@sim"]);
    c.settle();
    CHECK(c.which(c.a()).empty());
    CHECK(c.members(c.b(), "g") == std::vector{there});
    CHECK(by_b.lines == names{"-g 1"});
    c.scopes["a@sim"] = c.a().spawn<groups::scope>();
    c.settle();
    CHECK(c.members(c.a(), "g") == std::vector{there});
    CHECK(c.local(c.a(), "g").empty());
    CHECK(by_b.lines == names{"-g 1"});
    c.join(c.a(), "g", {here});
    c.settle();
    CHECK(c.members(c.b(), "g") == sorted({here, there}));
  });
}

TEST_CASE("PG15 without a scope joins and leaves fail with noproc, and reads find nothing") {
  world w;
  group_cluster c{w, {"a@sim"}};
  auto p = c.spawn(c.a());
  c.join(c.a(), "g", {p});
  c.a().kill(c.scopes["a@sim"]);
  w.run();
  CHECK(c.ask(c.a(), groups::join{"g", {p}}) == "noproc");
  CHECK(c.ask(c.a(), groups::leave{"g", {p}}) == "noproc");
  CHECK(c.members(c.a(), "g").empty());
  CHECK(c.local(c.a(), "g").empty());
  CHECK(c.which(c.a()).empty());
  CHECK(groups::get_members(c.a().env(), "g", "never started").empty());
}

TEST_CASE("PG16 a scope can start, stop and start again while nobody is linked") {
  world w;
  group_cluster c{w};
  for (int i = 0; i < 3; ++i) {
    c.a().kill(c.scopes["a@sim"]);
    w.run();
    c.scopes["a@sim"] = c.a().spawn<groups::scope>();
    w.run();
  }
  auto p = c.spawn(c.a());
  c.join(c.a(), "g", {p});
  c.connect();
  CHECK(c.members(c.b(), "g") == std::vector{p});
}

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

TEST_CASE("after node_down was told no member of that node is returned, whoever looks first") {
  class looker final : public process {
  public:
    looker(process_context& context, std::vector<std::size_t>& seen) : process{context}, seen_{seen} {}
    behavior init() override {
      (void)env().peers().subscribe_with_snapshot(self());
      return handlers([](const node_up&) {},
                      [this](const node_down&) { seen_.push_back(groups::get_members(env(), "g").size()); });
    }

  private:
    std::vector<std::size_t>& seen_;
  };
  testing::for_each_seed(100, [](world& w) {
    std::vector<std::size_t> seen;
    group_cluster c{w};
    c.a().spawn<looker>(seen);
    c.connect();
    auto p = c.spawn(c.b());
    c.join(c.b(), "g", {p});
    c.settle();
    REQUIRE(c.members(c.a(), "g").size() == 1);
    c.net.cut(c.a(), c.b());
    w.run();
    CHECK(seen == std::vector<std::size_t>{0});
  });
}

TEST_CASE("a link that repeats everything it carries changes no membership") {
  testing::for_each_seed(20, [](world& w) {
    group_cluster c{w};
    c.net.is_doubling = true;
    c.connect();
    auto p = c.spawn(c.a());
    c.join(c.a(), "g", {p, p});
    c.join(c.a(), "g", {p});
    c.leave(c.a(), "g", {p});
    c.settle();
    CHECK(c.members(c.b(), "g") == std::vector{p, p});
  });
}

TEST_CASE("when all is quiet every node sees the union of what those it is linked with have") {
  testing::for_each_seed(40, [](world& w) {
    group_cluster c{w, {"a@sim", "b@sim", "c@sim"}};
    seeded_random chance{w.derive_seed(3)};
    told by_a;
    auto m = c.listen(c.a(), by_a);
    (void)w.ask<groups::scope_monitored>(groups::scope_on(c.a().env()), groups::monitor_scope{m});
    std::map<std::string, std::vector<pid>> alive;
    auto any = [&]() -> simulated_node& { return c.at(c.names[chance.below(3)]); };
    auto group = [&] { return "g" + std::to_string(chance.below(3)); };
    for (int step = 0; step < 60; ++step) {
      auto& n = any();
      auto& own = alive[n.name()];
      switch (chance.below(8)) {
        case 0:
        case 1: own.push_back(n.spawn<member>()); break;
        case 2:
        case 3:
          if (!own.empty())
            n.cast(groups::scope_on(n.env()), groups::join{group(), {own[chance.below(own.size())]}});
          break;
        case 4:
          if (!own.empty())
            n.cast(groups::scope_on(n.env()), groups::leave{group(), {own[chance.below(own.size())]}});
          break;
        case 5:
          if (!own.empty()) {
            n.kill(own.back());
            own.pop_back();
          }
          break;
        case 6: {
          auto& o = any();
          if (o.name() == n.name())
            break;
          c.net.is_linked(n, o) ? c.net.cut(n, o) : c.net.connect(n, o);
          break;
        }
        default: {
          auto& o = any();
          if (o.name() != n.name() && c.net.is_linked(n, o))
            c.net.shake(n, o);
        }
      }
      w.pass(duration{static_cast<std::int64_t>(chance.below(20'000'000))});
    }
    w.advance(5s);
    for (const auto& x : c.names)
      for (int g = 0; g < 3; ++g) {
        auto name = "g" + std::to_string(g);
        std::vector<pid> expected;
        for (const auto& y : c.names)
          if (x == y || c.net.is_linked(c.at(x), c.at(y)))
            for (const auto& p : c.local(c.at(y), name))
              expected.push_back(p);
        CHECK_MESSAGE(c.members(c.at(x), name) == sorted(expected), x << " seed " << w.seed());
        if (x == "a@sim")
          CHECK(sorted(by_a.folded[name]) == c.members(c.a(), name));
      }
  });
}
