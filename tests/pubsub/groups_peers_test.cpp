#include "pubsub/group_cluster.hpp"

using namespace beamline;
using namespace beamline::pubsub;
using namespace beamline::pubsub::test;

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
    c.net.double_all(true);
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
