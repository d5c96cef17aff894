// The page /cluster and the process behind it, on nodes with real links.
#include "apps/event_horizon/views/cluster_page.hpp"

#include "apps/event_horizon/facade.hpp"
#include "apps/support.hpp"
#include "net/linked_nodes.hpp"
#include "net/outbox/api.hpp"
#include "net/rpc/call.hpp"
#include "net/rpc/events.hpp"
#include "testing/live/live_site.hpp"

#include <memory>
#include <string>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::linked_nodes;
using testing::live_page;
using testing::live_site;
using testing::simulated_node;
using testing::world;

namespace {

/// What every node does: answers how far the others are.
class reporter final : public process {
public:
  using process::process;

private:
  behavior init() override {
    call<void>(net::rpc::rpc_on(env()),
               net::rpc::register_procedures{{net::link_ping_procedure(), net::link_report_procedure()}, self()}, 5s)
        .then([] {}, [](const call_error& e) { FAIL(to_string(e)); });
    return {};
  }
};

/// Stands for the outbox of the node.
class scripted_outbox final : public process {
public:
  scripted_outbox(process_context& c, net::outbox::status& now) : process{c}, now_{now} {}

private:
  behavior init() override {
    if (auto named = register_as(std::string{net::outbox::outbox_name}); !named)
      throw std::runtime_error{named.error().message};
    return handlers([this](const net::outbox::get_status&) { return now_; });
  }

  net::outbox::status& now_;
};

/// Makes calls, whose times the page shows.
struct call_often {
  std::string node;
  int times = 1;
};
class caller final : public process {
public:
  using process::process;

private:
  behavior init() override {
    return handlers([this](const call_often& m) {
      for (int i = 0; i < m.times; ++i)
        net::rpc::call<void>(*this, m.node, accumulator::get_site_stats{}, 1s)
            .then([] {}, [](const net::rpc::failure&) {});
    });
  }
};

/// Two hosts and an accumulator; the page is the first one's.
struct small_cluster {
  explicit small_cluster(world& the_world)
      : w{with_calls(the_world)},
        net{w, {"host_1@10.0.0.1", "host_2@10.0.0.2", "accumulator_1@10.0.0.3"}, testing::patient_links()},
        of{host.get(), catalogue{}, {}} {
    start(host, "event_horizon");
    start(other, "event_horizon");
    start(counting, "accumulator");
    host.env().provide(of);
    host.env().provide(board);
    w.run();
    net.connect(host, other);
    net.connect(host, counting);
    net.connect(other, counting);
    watcher = host.spawn<cluster_watch>(cluster_watch::parts{&board, "event_horizon", "1.2.3"});
    pages.emplace(host);
    pages->view<cluster_page>("/cluster");
    w.run();
  }
  ~small_cluster() { w.crash_node(host); }

  void start(simulated_node& n, const char* role) {
    net.join(n, role);
    n.spawn<net::rpc::server>(std::string{role});
    w.run();
    n.spawn<reporter>();
  }

  world& w;
  linked_nodes net;
  simulated_node& host = w.start_node("host_1@10.0.0.1");
  simulated_node& other = w.start_node("host_2@10.0.0.2");
  simulated_node& counting = w.start_node("accumulator_1@10.0.0.3");
  blog of;
  cluster_board board;
  std::optional<live_site> pages;
  pid watcher;
};

/// How many answers have left for the browser's diffs so far.
std::size_t diffs(const live_page& page) { return occurrences(page.wire_log(), "\"diff\","); }

}  // namespace

TEST_CASE("the page shows all nodes with their own measurements, and nobody's address") {
  testing::for_each_seed(20, [](world& w) {
    small_cluster c{w};
    auto page = c.pages->visit("/cluster");
    w.advance(8s);
    CHECK(page.find_all("#nodes tbody tr").size() == 3);
    CHECK(page.element("#nodes tr[data-node=host_1] .state").text() == "this host");
    CHECK(page.element("#nodes tr[data-node=accumulator_1] .state").text() == "linked");
    CHECK(page.element("#nodes-there").text() == "3 of 3");
    for (const char* from : {"host_1", "host_2", "accumulator_1"}) {
      const auto cells = page.find_all("#latencies tr[data-from=" + std::string{from} + "] td");
      REQUIRE(cells.size() == 3);
      int measured = 0;
      for (const auto& cell : cells)
        measured += cell.text().ends_with(" ms") ? 1 : 0;
      CHECK(measured == 2);
    }
    CHECK_FALSE(contains(page.html(), "10.0.0."));
    CHECK_FALSE(contains(page.html(), "@"));
  });
}

TEST_CASE("a lost accumulator is seen within two seconds, and its return") {
  testing::for_each_seed(20, [](world& w) {
    small_cluster c{w};
    auto page = c.pages->visit("/cluster");
    w.advance(3s);
    CHECK(page.element("#accumulator .state").text() == "reachable");
    c.net.cut(c.host, c.counting);
    w.advance(2s);
    CHECK(page.element("#accumulator .state").text() == "away");
    CHECK(page.element("#nodes tr[data-node=accumulator_1] .state").text() == "away");
    CHECK(page.has("#link-events li", "accumulator_1 went"));
    CHECK(page.element("#nodes-there").text() == "2 of 3");
    w.advance(10s);
    CHECK(page.has("#accumulator p", "away for 1"));
    c.net.connect(c.host, c.counting);
    w.advance(2s);
    CHECK(page.element("#accumulator .state").text() == "reachable");
    CHECK(page.element("#link-events li:first-child .state").text() == "accumulator_1 came");
  });
}

TEST_CASE("the outbox is followed, also while nobody watches") {
  world w;
  small_cluster c{w};
  net::outbox::status now;
  now.entries_max = 10'000;
  now.bytes_max = 64U << 20;
  now.last_error = "secret: /var/lib/beamline";
  c.host.spawn<scripted_outbox>(now);
  w.advance(2s);
  now.size = 1700;
  now.octets = 2048;
  now.oldest = 61s;
  w.advance(20s);
  now.size = 3;
  w.advance(10s);
  auto page = c.pages->visit("/cluster");
  w.advance(1s);
  CHECK(page.element("#events-waiting").text() == "3");
  CHECK(page.element("#outbox figcaption").text() == "Now 3, at most 1,700 within the last 10 minutes.");
  CHECK(contains(page.element("#buffer-history").attribute("aria-label").value(), "at most 1,700"));
  CHECK(contains(page.element("#buffer-history .line").attribute("d").value(), "V"));
  CHECK(page.has("#outbox .facts", "3 of 10,000"));
  CHECK(page.has("#outbox .facts", "2 KiB of 64 MiB"));
  CHECK(page.has("#outbox .facts", "1 min"));
  CHECK_FALSE(contains(page.html(), "secret"));
}

TEST_CASE("what calls between nodes take is shown, the page's own questions apart") {
  world w;
  small_cluster c{w};
  auto page = c.pages->visit("/cluster");
  w.advance(20s);
  CHECK(page.element("#call-count").text() == "0");
  CHECK(page.element("#call-p99").text() == "–");
  c.host.cast(c.host.spawn<caller>(), call_often{c.counting.name(), 40});
  w.advance(3s);
  CHECK(page.element("#call-count").text() == "40");
  CHECK(page.element("#call-median").text().ends_with(" ms"));
  w.advance(call_window::span + 20s);
  CHECK(page.element("#call-count").text() == "0");
}

TEST_CASE("the first HTML shows the newest picture, without a script") {
  world w;
  small_cluster c{w};
  w.advance(10s);
  auto page = c.pages->browser().load("/cluster");
  CHECK(page.element("#accumulator .state").text() == "reachable");
  CHECK(page.find_all("#nodes tbody tr").size() == 3);
  CHECK(page.element("#reader-latency").text() == "–");
}

TEST_CASE("a host that has only just started has a page that says so, and fills it in") {
  world w;
  small_cluster c{w};
  c.host.kill(c.watcher);
  c.board.show(nullptr);
  auto page = c.pages->visit("/cluster");
  CHECK(page.has("p", "only just started"));
  c.host.spawn<cluster_watch>(cluster_watch::parts{&c.board, "event_horizon", "1.2.3"});
  w.advance(3s);
  CHECK(page.find_all("#nodes tbody tr").size() == 3);
}

TEST_CASE("a page is told at most once a second, and nodes are asked only while somebody watches") {
  world w;
  net::outbox::status now;
  small_cluster c{w};
  c.host.spawn<scripted_outbox>(now);
  int asked = 0;
  const auto hears = c.host.env().events().attach<net::rpc::remote_call_done>(
      [&](const net::rpc::remote_call_done& e) { asked += e.function == "link_report" ? 1 : 0; });
  w.advance(60s);
  CHECK(asked == 0);
  auto page = c.pages->visit("/cluster");
  const auto before = diffs(page);
  // There is something new to tell all the time.
  for (int i = 0; i < 40; ++i) {
    ++now.size;
    w.advance(250ms);
  }
  CHECK(page.element("#events-waiting").text() != "0");  // Looking makes the page take what has come.
  CHECK(asked >= 27);
  CHECK(asked <= 36);
  CHECK(diffs(page) - before >= 9);
  CHECK(diffs(page) - before <= 11);
  page.disconnect();
  w.advance(2s);
  asked = 0;
  w.advance(30s);
  CHECK(asked == 0);
}

TEST_CASE("pages find the process again after it was restarted") {
  world w;
  small_cluster c{w};
  auto page = c.pages->visit("/cluster");
  w.advance(3s);
  c.host.kill(c.watcher);
  w.advance(1s);
  c.host.spawn<cluster_watch>(cluster_watch::parts{&c.board, "event_horizon", "1.2.3"});
  w.advance(3s);
  c.net.cut(c.host, c.counting);
  w.advance(3s);
  CHECK(page.element("#accumulator .state").text() == "away");
}

TEST_CASE("the host answers the reader's question how far it is, and no other") {
  world w;
  small_cluster c{w};
  auto page = c.pages->visit("/cluster");
  CHECK(page.element("#reader-latency").push_event("ping") == json::object());
  page.expect_crash([&] { page.element("#reader-latency").push_event("pong"); });
}

TEST_CASE("a node that is linked with nobody reports nobody, and one that does not answer has no latency") {
  world w;
  small_cluster c{w};
  const auto report = [&](simulated_node& of) {
    auto reply = w.ask<net::rpc::wire_reply>(
        of.get().whereis("rpc"),
        net::rpc::wire_request{
            std::string{net::get_link_report::message_name}, encode(net::get_link_report{}), {}, 5s});
    return decode<net::link_report>(std::get<bytes>(net::rpc::from_wire(std::move(reply)))).value();
  };
  REQUIRE(report(c.host).links.size() == 2);
  CHECK(report(c.host).links[0].node == "accumulator_1@10.0.0.3");
  CHECK(report(c.host).links[0].latency.value() < 1s);
  w.pause_node(c.counting, 1500ms);
  const auto paused = report(c.host);
  CHECK_FALSE(paused.links[0].latency);
  CHECK(paused.links[1].latency);
  c.net.cut(c.host, c.counting);
  c.net.cut(c.host, c.other);
  CHECK(report(c.host).links.empty());
}
