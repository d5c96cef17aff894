// The trees of two nodes as the program builds them, but for sockets: whatever is killed, the pages heal.

#include "apps/blog_parts.hpp"
#include "apps/tab.hpp"
#include "net/linked_nodes.hpp"
#include "supervision/supervisor.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;
namespace sv = beamline::supervision;

namespace {

sv::supervisor_spec rest_for_one(std::vector<sv::child_spec> children) {
  // More than a test kills: that a supervisor gives up is shown elsewhere.
  return {.flags = {.strategy = sv::strategy::rest_for_one, .intensity = 100}, .children = std::move(children)};
}

sv::supervisor_spec one_for_one(std::vector<sv::child_spec> children) {
  return {.flags = {.strategy = sv::strategy::one_for_one, .intensity = 100}, .children = std::move(children)};
}

struct tree_cluster {
  explicit tree_cluster(world& the_world)
      : w{with_calls(the_world)},
        net{w, {"host_1@sim", "accumulator_1@sim"}, testing::patient_links(20s, 1s)},
        of{host.get(), two_posts(), {}} {
    net.join(host, "event_horizon");
    net.join(counting, "accumulator");
    host.env().provide(of);
    start_runtime(host, "event_horizon");
    start_runtime(counting, "accumulator");
    start_outbox(host);
    host.spawn<sv::supervisor>(one_for_one(blog_children(host, of)));
    sv::child_spec counter;
    counter.id = "counter";
    counter.name = "accumulator.counter";
    counter.start = [this](sv::starter& by) -> sv::start_outcome {
      return by.spawn<accumulator::counter>(accumulator::counter::parts{db.share(), net::rpc::rpc_on(counting.env())});
    };
    counting.spawn<sv::supervisor>(rest_for_one({counter}));
    net.connect(host, counting);
  }
  ~tree_cluster() {
    w.crash_node(host);
    w.crash_node(counting);
  }

  void start_runtime(simulated_node& n, const std::string& role) {
    prepare_topics(n);
    n.spawn<sv::supervisor>(rest_for_one({sv::child<net::rpc::server>("rpc", role), pubsub::child_system({})}));
    w.run();  // The applications come after it.
  }
  pid open(shown_page& page, std::string visitor) {
    return host.spawn<tab>(tab::setup{"hello", std::move(visitor), page});
  }
  [[nodiscard]] bool settles(const std::function<bool()>& condition) { return w.run_until(condition, 120s); }
  void kill(simulated_node& n, const std::string& name) {
    REQUIRE(settles([&] { return static_cast<bool>(n.get().whereis(name)); }));
    n.kill(n.get().whereis(name));
  }

  world& w;
  linked_nodes net;
  simulated_node& host = w.start_node("host_1@sim");
  simulated_node& counting = w.start_node("accumulator_1@sim");
  testing::simulated_database& db = counting.own<testing::simulated_database>(counting);
  blog of;
};

}  // namespace

TEST_CASE("whichever process of the two nodes is killed, open pages are told of the next like, and likes count") {
  struct victim {
    bool is_on_host;
    std::string name;
  };
  std::vector<victim> victims{{true, "rpc"},
                              {true, "pubsub:main"},
                              {true, "pubsub:main:pool"},
                              {true, "pubsub:main:partitions"},
                              {true, std::string{analytics_name}},
                              {true, std::string{submissions_name}},
                              {true, std::string{backlog_name}},
                              {true, std::string{net::outbox::outbox_name}},
                              {false, "rpc"},
                              {false, "pubsub:main"},
                              {false, "accumulator.counter"}};
  for (const auto& v : victims) {
    CAPTURE(v.name);
    CAPTURE(v.is_on_host);
    testing::for_each_seed(25, [&](world& w) {
      tree_cluster c{w};
      auto mine = shown_page{};
      auto theirs = shown_page{};
      auto t = c.open(mine, "visitor_1");
      c.open(theirs, "visitor_2");
      REQUIRE(c.settles([&] { return mine.likes() == "0" && theirs.likes() == "0"; }));

      auto random = seeded_random{w.seed()};
      if (random.below(2) == 0) {  // A like is under way; it must not count twice.
        c.host.cast(t, press{"true"});
        w.advance(duration{static_cast<std::int64_t>(random.below(6'000'000))});
      }
      c.kill(v.is_on_host ? c.host : c.counting, v.name);
      w.advance(40s);  // The longest pause between two attempts of anybody is shorter.
      c.host.cast(t, press{"true"});
      REQUIRE(c.settles([&] { return mine.likes() == "1" && theirs.likes() == "1" && mine.is_pressed(); }));
      c.host.cast(t, press{"false"});
      REQUIRE(c.settles([&] { return mine.likes() == "0" && theirs.likes() == "0"; }));
    });
  }
}

TEST_CASE("a page that opens while analytics is away is served when it is back") {
  testing::for_each_seed(25, [](world& w) {
    tree_cluster c{w};
    w.advance(1s);
    auto page = shown_page{};
    c.kill(c.host, std::string{analytics_name});
    c.open(page, "visitor_1");
    REQUIRE(c.settles([&] { return page.likes() == "0"; }));
    c.kill(c.host, std::string{analytics_name});
    w.run();
    c.kill(c.host, "pubsub:main");
    w.advance(40s);
    (void)tell_accumulator(w, net::rpc::rpc_on(c.counting.env()),
                           accumulator::update_likes{"hello", "visitor_9", true});
    REQUIRE(c.settles([&] { return page.likes() == "1"; }));
  });
}
