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
  explicit two_accumulators(world& the_world, bool is_shared)
      : w{with_calls(the_world)}, net{w, {"accumulator_1@sim", "accumulator_2@sim", "host_1@sim"}} {
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
    n.spawn<counter>(counter::parts{db.share(), rpc, is_shared}, accumulator_options{});
    guards.push_back(n.spawn<rivals>());
    w.run();
  }

  world& w;
  linked_nodes net;
  simulated_node& one = w.start_node("accumulator_1@sim");
  simulated_node& two = w.start_node("accumulator_2@sim");
  simulated_node& host = w.start_node("host_1@sim");
  std::vector<pid> guards;
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
