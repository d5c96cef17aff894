// What a peer costs that does not read, and what a large message costs those beside it.

#include "net/real/busy_link.hpp"
#include "net/real/process_figures.hpp"
#include "net/real/real_node.hpp"

#include <atomic>
#include <future>

using namespace beamline;
using namespace beamline::testing;

namespace {

constexpr std::size_t megabyte = 1U << 20;
// Sanitizers make everything slower, by about as much.
constexpr std::int64_t late_ms_max = is_memory_as_it_is ? 100 : 500;

/// Stops the net thread of a node until it is destroyed.
class stopped_thread {
public:
  explicit stopped_thread(real_node& n) : thread_{n.thread()} {
    auto stands = std::make_shared<std::promise<void>>();
    thread_.post([stands, go_on = go_on_.get_future().share()] {
      stands->set_value();
      (void)go_on.wait_for(20s);
    });
    stands->get_future().wait();
  }
  ~stopped_thread() {
    go_on_.set_value();
    thread_.run([] {});
  }
  stopped_thread(const stopped_thread&) = delete;
  stopped_thread& operator=(const stopped_thread&) = delete;

private:
  net::net_thread& thread_;
  std::promise<void> go_on_;
};

}  // namespace

TEST_CASE("a peer that stops reading costs the budgets of its lanes and no more, and gets all of it afterwards") {
  real_node_options o;
  o.name = "a@127.0.0.1";
  o.links.lanes.lane_octets = {megabyte, 8 * megabyte, 4 * megabyte, 8 * megabyte};
  real_node a{o};
  o.name = "b@127.0.0.1";
  real_node b{o};
  a.link(b);
  auto connection = a.link_with(b.name())->peer.connection;
  bytes payload(4'000, 'x');
  std::uint64_t taken = 0, broadcasts = 0;
  std::size_t memory = resident_octets();
  {
    stopped_thread standing{b};
    for (auto where : {lane::rpc, lane::presence}) {
      auto sent = a.links().send(b.name(), where, "witness", payload);
      for (; sent.ok() && taken < 100'000; sent = a.links().send(b.name(), where, "witness", payload))
        ++taken;
      REQUIRE_FALSE(sent.ok());
      CHECK(sent.error().code == errc::busy);
    }
    for (; broadcasts < 10'000; ++broadcasts)  // Five times what its lane may hold.
      REQUIRE(a.links().send(b.name(), lane::broadcast, "witness", payload));
    auto lanes = a.link_with(b.name())->lanes;
    CHECK(lanes.on_the_way_octets <= o.links.lanes.window_octets);
    std::uint64_t waiting = 0;
    for (std::size_t i = 0; i < o.links.lanes.lane_octets.size(); ++i) {
      CHECK(lanes.waiting_octets[i] <= o.links.lanes.lane_octets[i]);
      waiting += lanes.waiting_octets[i];
    }
    CHECK(waiting > 19 * megabyte);
    CHECK(lanes.refused == 2);
    CHECK(lanes.broadcasts_dropped > 7'000);
    auto grown = resident_octets() - std::min(resident_octets(), memory);
    MESSAGE("20 MiB of budgets cost " << grown / 1024 << " KiB of memory; " << taken << " messages were taken, "
                                      << lanes.broadcasts_dropped << " broadcasts dropped");
    if (is_memory_as_it_is)
      CHECK(grown < 30 * megabyte);
    taken += broadcasts - lanes.broadcasts_dropped;
  }
  CHECK(eventually([&] { return b.link_with(a.name())->lanes.messages_in >= taken; }));
  CHECK(b.link_with(a.name())->lanes.messages_in == taken);
  CHECK(eventually([&] { return b.seen.lines().size() == taken + 1; }));
  REQUIRE(a.link_with(b.name()));
  CHECK(a.link_with(b.name())->peer.connection == connection);
  CHECK(a.link_with(b.name())->lanes.waiting_octets == std::array<std::uint64_t, 4>{});
}

// A tick is written only when nothing else was for a while, and never while this goes on: each octet that comes counts
// as one. So the calls are what can be late, and the links' tick time is short enough to end them if nothing came.
TEST_CASE("beside a message of 50 MB no call is late by more than 100 ms, and the links stay") {
  real_node_options o;
  o.name = "a@127.0.0.1";
  o.links.tick_time = 1s;
  real_node a{o};
  o.name = "b@127.0.0.1";
  real_node b{o};
  a.link(b);
  busy_link busy{a, b};
  REQUIRE(busy.goes_on(1'000));
  auto undisturbed = busy.slowest_ms();
  busy.forget_slowest();
  auto before = busy.seen().answered.load();
  auto began = a.time().now();
  auto sender = a.home().spawn<hand>();
  a.home().cast(sender, hand::order{[far = b.process("echo")](hand& h) { h.cast(far, blob{bytes(50'000'000, 'x')}); }});
  REQUIRE(eventually([&] { return b.echoed.blob_octets == 50'000'000; }, 30s));
  auto took = to_ms(a.time().now() - began);
  MESSAGE("50 MB took " << took << " ms; the slowest of " << busy.seen().answered - before << " calls beside it "
                        << busy.slowest_ms() << " ms, undisturbed " << undisturbed << " ms");
  CHECK(busy.seen().answered > before);
  CHECK(busy.slowest_ms() <= undisturbed + late_ms_max + busy.allowance_ms());
  CHECK(busy.goes_on());
  CHECK(busy.seen().failed == 0);
  CHECK(a.seen.text() == "up b@127.0.0.1");
  CHECK(b.seen.text() == "up a@127.0.0.1");
  a.home().exit(sender, reason::shutdown());
}
