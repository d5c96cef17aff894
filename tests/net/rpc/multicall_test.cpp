#include "net/rpc/limits.hpp"
#include "net/rpc/support.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net::rpc;
using namespace beamline::net::rpc::test;

namespace {

std::vector<std::string> texts(const std::vector<outcome<std::string>>& all) {
  std::vector<std::string> t;
  for (const auto& o : all)
    t.push_back(std::holds_alternative<failure>(o) ? status(o) : text_of(o));
  return t;
}
using list = std::vector<std::string>;

}  // namespace

TEST_CASE("RC16 one outcome per node of the list, in its order: own, live, dead and unknown ones, repeated ones") {
  testing::for_each_seed(20, [](world& w) {
    call_cluster c{w};
    w.crash_node(c.at("c@sim"));
    w.advance(5s);
    list nodes{"a@sim", "b@sim", "c@sim", "b@sim", "never@was", "a@sim"};
    list expected{"a@sim", "b@sim", "noconnection", "b@sim", "noconnection", "a@sim"};
    seeded_random chance{w.seed()};
    for (int n = 0; n < 5; ++n) {
      CHECK(texts(c.multicall<std::string>(nodes, where_are_you{})) == expected);
      auto i = chance.below(nodes.size());
      auto j = chance.below(nodes.size());
      std::swap(nodes[i], nodes[j]);
      std::swap(expected[i], expected[j]);
    }
    CHECK(c.multicall<std::string>({}, where_are_you{}).empty());
    CHECK(c.pending() == 0);
  });
}

TEST_CASE("RC17 what goes wrong on a node stands in its slot") {
  world w;
  call_cluster c{w};
  c.b().kill(c.servants["b@sim"]);
  w.run();
  for (const auto& [how, expected] : {std::pair{"throw", "thrown"}, {"exit", "exited"}, {"error", "failed"}}) {
    auto all = c.multicall<std::string>({"a@sim", "b@sim", "c@sim"}, misbehave{how, "oops"});
    CHECK(texts(all) == list{expected, "failed", expected});
    CHECK(std::get<failure>(all[1]).is_undef());
  }
}

TEST_CASE("RC18 the calls run at the same time, under one time limit") {
  world w;
  call_cluster c{w};
  list nodes;
  for (int i = 0; i < 12; ++i)
    nodes.push_back(c.names[static_cast<std::size_t>(i) % 3]);
  auto begin = w.now();
  CHECK(texts(c.multicall<std::string>(nodes, nap{2s, "k"}, 500ms)) == list(12, "timeout"));
  CHECK(w.now() - begin < 1s);
  begin = w.now();
  CHECK(texts(c.multicall<std::string>(nodes, nap{2s, "k"}, time_limit::infinity())) == list(12, "slept"));
  CHECK(w.now() - begin < 3s);
}

TEST_CASE("RC19 when all nodes die during it every slot is noconnection, and nothing strays") {
  testing::for_each_seed(10, [](world& w) {
    call_cluster c{w};
    auto got = std::make_shared<std::vector<list>>();
    c.run([&](process& p) {
      rpc::multicall<std::string>(p, {"b@sim", "c@sim", "b@sim"}, stay{"k"}, time_limit::infinity())
          .then([got](const std::vector<outcome<std::string>>& all) { got->push_back(texts(all)); });
    });
    REQUIRE(w.run_until([&] { return c.did["c@sim"].workers.contains("k"); }, 5s));
    w.crash_node(c.b());
    w.crash_node(c.at("c@sim"));
    REQUIRE(w.run_until([&] { return !got->empty(); }, 10s));
    w.advance(5s);
    CHECK(*got == std::vector<list>{list(3, "noconnection")});
    CHECK(c.pending() == 0);
  });
}

TEST_CASE("RC20 one frozen node among quick ones: only its slot is a timeout") {
  world w;
  call_cluster c{w};
  w.pause_node(c.b(), 150ms);  // Shorter than it takes to be given up.
  auto begin = w.now();
  CHECK(texts(c.multicall<std::string>({"a@sim", "b@sim", "c@sim"}, where_are_you{}, 60ms))
        == list{"a@sim", "timeout", "c@sim"});
  CHECK(w.now() - begin < 150ms);
  w.advance(1s);
  CHECK(c.pending() == 0);
  CHECK(status(c.call<std::string>("b@sim", where_are_you{})) == "ok");
}

TEST_CASE("RC21 the cost of a multicall does not grow with the mailbox of the caller") {
  world w;
  call_cluster c{w};
  // Steps of the world are what it costs here: calls are keyed by number, nobody searches a mailbox.
  auto steps_of_one = [&](std::vector<std::string> nodes, time_limit within) {
    auto before = w.steps();
    (void)c.multicall<std::string>(std::move(nodes), where_are_you{}, within);
    return w.steps() - before;
  };
  list nodes{"a@sim", "b@sim", "c@sim"};
  auto idle = steps_of_one(nodes, 5s);
  auto got = std::make_shared<int>();
  auto handled = [&] { return c.a().processes().info(c.who.id(), w.now())->handled; };
  auto before = handled();
  constexpr int letters = 50'000;
  c.run([&](process& p) {
    rpc::multicall<std::string>(p, nodes, where_are_you{}, 5s)
        .then([got](const std::vector<outcome<std::string>>& all) { *got += static_cast<int>(all.size()); });
    for (int i = 0; i < letters; ++i)
      process_access{p}.cast(p.self(), in_your_turn{[](process&) {}});
  });
  REQUIRE(w.run_until([&] { return *got == 3; }, 60s));
  // Each letter was handled once, and the replies once.
  CHECK(handled() - before <= letters + 10);
  SUBCASE("with dead nodes, and without time") {
    w.crash_node(c.b());
    w.advance(5s);
    CHECK(steps_of_one(nodes, 5s) < idle * 10);
    CHECK(steps_of_one(nodes, 0s) < idle * 10);
  }
}

TEST_CASE("RC22 multicast is cast to many: malformed nodes are badarg and nothing is sent, unknown ones are silent") {
  testing::for_each_seed(10, [](world& w) {
    call_cluster c{w};
    c.run([&](process& p) {
      CHECK(rpc::multicast(p, {"a@sim", "b@sim", "c@sim", "never@was"}, leave_a_note{"all"}).ok());
      auto bad = rpc::multicast(p, {"a@sim", "no node"}, leave_a_note{"none"});
      CHECK(bad.error().message.starts_with("badarg: "));
      CHECK_FALSE(rpc::multicast(p, {"a@sim"}, leave_a_note{std::string(arguments_bytes_max, 'x')}).ok());
      CHECK_FALSE(rpc::multicast(p, list(multicall_nodes_max + 1, "a@sim"), leave_a_note{"many"}).ok());
    });
    w.advance(1s);
    for (const auto& n : c.names)
      CHECK(c.did[n].notes == list{"all"});
    w.crash_node(c.b());
    w.advance(5s);
    c.run([&](process& p) { CHECK(rpc::multicast(p, {"b@sim", "c@sim"}, leave_a_note{"after"}).ok()); });
    w.advance(1s);
    CHECK(c.did["b@sim"].notes == list{"all"});
    CHECK(c.did["c@sim"].notes == list{"all", "after"});
  });
}

TEST_CASE("a multicall with anything malformed is badarg in every slot, and nothing is sent") {
  world w;
  call_cluster c{w};
  CHECK(texts(c.multicall<std::string>({"a@sim", "no node", "b@sim"}, nap{1ms, "k"})) == list(3, "badarg"));
  CHECK(texts(c.multicall<std::string>({"a@sim"}, nap{1ms, "k"}, time_limit{-1s})) == list(1, "badarg"));
  w.advance(1s);
  CHECK(c.did["a@sim"].naps.empty());
}
