// More than one accumulator in a cluster.

#include "apps/accumulator/rivals.hpp"

#include "apps/support.hpp"
#include "net/linked_nodes.hpp"

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::test;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

namespace {

struct two_accumulators {
  explicit two_accumulators(world& the_world, bool is_shared, bool holds = false)
      : w{with_calls(the_world)}, is_held{holds}, net{w, {"accumulator_1@sim", "accumulator_2@sim", "host_1@sim"}} {
    start(one, is_shared);
    start(two, is_shared);
    net.join(host, "event_horizon");
    host.spawn<net::rpc::server>("event_horizon");
  }
  ~two_accumulators() {
    w.crash_node(one);
    w.crash_node(two);
    w.crash_node(host);
  }

  void start(simulated_node& n, bool is_shared) {
    net.join(n, "accumulator");
    auto rpc = n.spawn<net::rpc::server>("accumulator");
    start_topics(n);
    auto& db = n.own<testing::simulated_database>(n);
    counter::parts p{db.share(), rpc, is_shared};
    p.is_held = is_held;
    counters.push_back(n.spawn<counter>(p, accumulator_options{}));
    guards.push_back(n.spawn<rivals>(rivals::parts{is_held ? counters.back() : pid{}}));
    w.run();
  }

  /// What a host is answered that sends an event to that node.
  write_answer like(simulated_node& to) {
    uid_source ids{host.env().time(), host.env().random()};
    auto arguments = encode(update_likes{"hello", "visitor_1", true, 0, ids.next()});
    auto reply = w.try_ask<bytes>(
        counters[&to == &one ? 0 : 1],
        net::rpc::procedure_call{std::string{update_likes::message_name}, std::move(arguments), "host_1@sim"});
    REQUIRE(std::holds_alternative<bytes>(reply));
    return decode<write_answer>(std::get<bytes>(reply)).value();
  }

  world& w;
  bool is_held;
  linked_nodes net;
  simulated_node& one = w.start_node("accumulator_1@sim");
  simulated_node& two = w.start_node("accumulator_2@sim");
  simulated_node& host = w.start_node("host_1@sim");
  std::vector<pid> counters, guards;
};

}  // namespace

TEST_CASE("of two accumulators with files one gives way, and always the same") {
  testing::for_each_seed(30, [](world& w) {
    auto c = two_accumulators{w, false};
    c.net.connect(c.one, c.host);
    c.net.connect(c.two, c.host);
    w.advance(10s);
    CHECK(c.one.is_alive(c.guards[0]));  // A host is no rival, and the two have not met.
    CHECK(c.two.is_alive(c.guards[1]));
    c.net.connect(c.one, c.two);
    w.advance(10s);
    CHECK(c.one.is_alive(c.guards[0]));
    CHECK_FALSE(c.two.is_alive(c.guards[1]));
  });
}

TEST_CASE("of two accumulators with files the later one applies nothing before the earlier one was asked") {
  testing::for_each_seed(30, [](world& w) {
    auto c = two_accumulators{w, false, true};
    c.net.connect(c.one, c.host);
    c.net.connect(c.two, c.host);
    auto first = c.like(c.one);
    CHECK(first.outcome == event_outcome::retry);
    CHECK(contains(first.why, "unavailable: "));
    c.net.connect(c.one, c.two);
    for (auto end = w.now() + 10s; w.now() < end && c.two.is_alive(c.guards[1]); w.pass(10ms))
      CHECK(c.like(c.two).outcome == event_outcome::retry);
    CHECK_FALSE(c.two.is_alive(c.guards[1]));
    CHECK(c.like(c.two).outcome == event_outcome::retry);
    w.advance(2s);
    CHECK(c.like(c.one).outcome == event_outcome::applied);
  });
}

TEST_CASE("an accumulator that is alone, or meets a later one, applies what comes after its first look") {
  testing::for_each_seed(30, [](world& w) {
    auto c = two_accumulators{w, false, true};
    w.advance(rivals_first_look + 1s);
    CHECK(c.like(c.one).outcome == event_outcome::applied);
    CHECK(c.like(c.two).outcome == event_outcome::applied);  // Nobody can know yet.
    c.net.connect(c.one, c.two);
    for (auto end = w.now() + 3s; w.now() < end; w.pass(100ms))  // Below what one visitor may send.
      CHECK(c.like(c.one).outcome == event_outcome::applied);
  });
}

TEST_CASE("an accumulator whose earlier one does not answer waits until it is out of reach") {
  testing::for_each_seed(10, [](world& w) {
    auto c = two_accumulators{w, false, true};
    c.one.kill(c.counters[0]);
    c.net.connect(c.one, c.two);
    w.advance(8s);
    CHECK(c.like(c.two).outcome == event_outcome::retry);
    c.net.cut(c.one, c.two);
    w.advance(5s);
    CHECK(c.two.is_alive(c.guards[1]));
    CHECK(c.like(c.two).outcome == event_outcome::applied);
  });
}
