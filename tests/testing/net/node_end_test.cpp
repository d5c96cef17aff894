// What the end, the pause and the restart of a node do to its connections.

#include "testing/net/support.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

TEST_CASE("a crash says goodbye: the peer reads what was sent and then the end") {
  testing::for_each_seed(60, [](world& w) {
    connected_pair c{w};
    c.far.read_all();
    auto sent = numbered(5000);
    c.near.write(sent);
    w.pass(500us);
    w.crash_node(c.a);
    w.advance(1s);
    CHECK(c.far.got == sent);  // Its system had taken it.
    CHECK(c.far.has_end);
    CHECK_FALSE(c.near.stream->is_open());
    c.far.write("hello?");
    w.advance(1s);
    c.far.write("hello?");
    w.advance(1s);
    CHECK(c.far.write_problem);
    CHECK(c.net.connections() == 0);
  });
}

TEST_CASE("a crash with something unread breaks the connection, and may lose the end of what was sent") {
  std::size_t lost = 0;
  testing::for_each_seed(60, [&](world& w) {
    connected_pair c{w};
    c.far.write("never read");
    w.advance(50ms);
    c.far.read_all();
    auto sent = numbered(50'000);
    c.near.write(sent);
    w.pass(500us);
    w.crash_node(c.a);
    w.advance(1s);
    CHECK(is_prefix(c.far.got, sent));
    REQUIRE(c.far.read_problem);
    CHECK(c.far.read_problem->message.find("reset by a@sim") != std::string::npos);
    lost += c.far.got.size() < sent.size() ? 1 : 0;
  });
  CHECK(lost > 10);
}

TEST_CASE("a node that stops in order says goodbye, too") {
  world w;
  connected_pair c{w};
  c.far.read_all();
  (void)w.stop_node(c.a);
  w.advance(100ms);
  CHECK(c.far.has_end);
}

TEST_CASE("a loss of power says nothing; the restarted machine knows nothing of the connection") {
  testing::for_each_seed(60, [](world& w) {
    connected_pair c{w};
    c.far.read_all();
    auto sent = numbered(5000);
    c.near.write(sent);
    w.pass(500us);
    w.end_node(c.a, node_end::power_loss);
    w.advance(10s);
    CHECK(is_prefix(c.far.got, sent));
    CHECK_FALSE(c.far.has_end);
    CHECK_FALSE(c.far.read_problem);
    CHECK(c.far.stream->is_open());
    c.far.write("into the void");
    w.advance(2s);
    CHECK(c.far.written == 13);
    CHECK_FALSE(c.far.read_problem);
    w.start_node("a@sim");
    w.advance(1s);
    REQUIRE(c.far.read_problem);  // It was sent again, and the new system knew nothing of it.
    CHECK(c.far.read_problem->message.find("reset by a@sim") != std::string::npos);
    CHECK(c.net.connections() == 0);
  });
}

TEST_CASE("who only listens never learns of a loss of power") {
  world w;
  connected_pair c{w};
  c.far.read_all();
  w.end_node(c.a, node_end::power_loss);
  w.start_node("a@sim");
  w.advance(1h);
  CHECK_FALSE(c.far.read_problem);
  CHECK(c.far.stream->is_open());
}

TEST_CASE("a peer without power that is written to is given up in the end") {
  world w;
  connected_pair c{w};
  c.far.read_all();
  w.end_node(c.a, node_end::power_loss);
  c.far.write("x");
  w.advance(59s);
  CHECK_FALSE(c.far.read_problem);
  w.advance(3s);
  REQUIRE(c.far.read_problem);
  CHECK(c.far.read_problem->message.find("no answer from a@sim") != std::string::npos);
  auto steps = w.trace_hash();
  w.advance(1h);
  CHECK(w.trace_hash() == steps);  // Nothing goes on for ever.
}

TEST_CASE("the system of a paused node goes on receiving; the node reads it when it runs again") {
  testing::for_each_seed(40, [](world& w) {
    connected_pair c{w};
    c.far.read_all();
    w.pause_node(c.b, 3s);
    auto sent = numbered(3 * simulated_network::buffer_bytes_max);
    c.near.write_in_parts(sent, 10'000);
    w.advance(2s);
    CHECK(c.far.got.empty());
    CHECK(c.near.written > simulated_network::buffer_bytes_max - 20'000);
    CHECK(c.near.written <= simulated_network::buffer_bytes_max);
    REQUIRE(w.run_until([&] { return c.far.has_end; }));
    CHECK(c.far.got == sent);
    CHECK(c.far.reads < 500);
  });
}

TEST_CASE("streams of a node that has ended do nothing and harm nobody") {
  world w;
  connected_pair c{w};
  c.near.read_all();
  w.crash_node(c.a);
  int calls = 0;
  c.near.stream->write("x", [&](const result<void>&) { ++calls; });
  c.near.stream->close();
  w.advance(1s);
  CHECK(calls == 0);
  CHECK(c.near.reads == 0);
  CHECK(c.near.written == 0);
  c.near.stream.reset();
  c.far.stream.reset();
  w.advance(1s);
}

TEST_CASE("a stream may outlive its world") {
  talker kept;
  {
    world w;
    connected_pair c{w};
    kept.stream = std::move(c.near.stream);
    c.far.read_all();
  }
  kept.stream->close();
  CHECK_FALSE(kept.stream->is_open());
}

TEST_CASE("a node started again on its machine is not disturbed by connections of the run before") {
  testing::for_each_seed(60, [](world& w) {
    connected_pair c{w};
    c.far.read_all();
    c.far.write_in_parts(numbered(200'000), 5000);
    w.pass(2ms);
    w.end_node(c.a, w.seed() % 2 == 0 ? node_end::crash : node_end::power_loss);
    auto& again = w.start_node("a@sim");
    auto d = dial(again, c.net.address_of("b@sim", 4400), 5s);
    REQUIRE(w.run_until([&] { return d->has_value() && c.at_b.accepted.size() == 2; }));
    talker near{std::move(***d)};
    near.read_all();
    auto sent = numbered(20'000, 5);
    c.at_b.accepted[1]->write_in_parts(sent, 900);
    REQUIRE(w.run_until([&] { return near.has_end; }));
    CHECK(near.got == sent);
    w.advance(1s);
    CHECK((c.far.read_problem || c.far.has_end));
  });
}
