// Connections without faults: what byte_stream promises.

#include "testing/net/support.hpp"

#include <algorithm>

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

TEST_CASE("without faults everything arrives once and in order, both ways, and then the end") {
  testing::for_each_seed(150, [](world& w) {
    connected_pair c{w};
    seeded_random random{w.seed()};
    auto there = numbered(random.below(100'000), 1);
    auto back = numbered(random.below(100'000), 2);
    c.near.read_max = 1 + random.below(5000);
    c.near.read_all();
    c.far.read_all();
    c.near.write_in_parts(there, 1 + random.below(20'000));
    c.far.write_in_parts(back, 1 + random.below(20'000));
    REQUIRE(w.run_until([&] { return c.near.has_end && c.far.has_end; }));
    CHECK(c.far.got == there);
    CHECK(c.near.got == back);
    CHECK(c.near.written == there.size());
    CHECK_FALSE(c.near.read_problem);
    CHECK_FALSE(c.far.write_problem);
    CHECK(c.near.stream->is_open());
    CHECK(c.net.connections() == 1);
  });
}

TEST_CASE("pieces have nothing to do with writes: they are cut and merged") {
  std::size_t cut = 0, merged = 0;
  testing::for_each_seed(100, [&](world& w) {
    connected_pair c{w};
    c.far.read_all();
    c.near.write(numbered(200));
    REQUIRE(w.run_until([&] { return c.far.got.size() == 200; }));
    cut += c.far.reads > 1 ? 1 : 0;
    c.far.reads = 0;
    c.near.write_in_parts(numbered(200), 20);
    REQUIRE(w.run_until([&] { return c.far.has_end; }));
    merged += c.far.reads <= 10 ? 1 : 0;
  });
  CHECK(cut > 20);
  CHECK(merged > 20);
}

TEST_CASE("a peer that does not read stops the writer, within the bound, and reading lets it go on") {
  testing::for_each_seed(25, [](world& w) {
    connected_pair c{w};
    auto sent = numbered(4 * simulated_network::buffer_bytes_max, w.seed());
    c.near.write_in_parts(sent, 10'000);
    w.advance(2s);
    auto stuck_at = c.near.written;
    CHECK(stuck_at <= simulated_network::buffer_bytes_max);
    CHECK(stuck_at > simulated_network::buffer_bytes_max - 20'000);
    w.advance(2s);
    CHECK(c.near.written == stuck_at);
    c.far.read_all();
    REQUIRE(w.run_until([&] { return c.far.has_end; }));
    CHECK(c.far.got == sent);
    CHECK(c.near.written == sent.size());
  });
}

TEST_CASE("what the system has taken and nobody has read never exceeds the bound") {
  testing::for_each_seed(20, [](world& w) {
    connected_pair c{w};
    seeded_random random{w.seed()};
    c.near.write_in_parts(numbered(6 * simulated_network::buffer_bytes_max), 1 + random.below(30'000));
    while (!c.far.has_end) {
      c.far.read_max = 1 + random.below(100'000);
      auto reads = c.far.reads;
      c.far.read_once();
      REQUIRE(w.run_until([&] { return c.far.reads > reads; }));
      CHECK(c.near.written <= c.far.got.size() + simulated_network::buffer_bytes_max);
      w.pass(duration{static_cast<std::int64_t>(random.below(2'000'000))});
    }
  });
}

TEST_CASE("completions come later than the call, one for each, and none after the stream is gone") {
  world w;
  connected_pair c{w};
  int reads = 0, writes = 0;
  bool is_inside = true;
  c.near.stream->read(10, [&](const result<bytes>&) { reads += is_inside ? 100 : 1; });
  c.near.stream->write("hello", [&](const result<void>&) { writes += is_inside ? 100 : 1; });
  is_inside = false;
  SUBCASE("they come") {
    c.far.write("x");
    w.advance(100ms);
    CHECK(reads == 1);
    CHECK(writes == 1);
  }
  SUBCASE("close cancels them") {
    std::optional<error> why;
    is_inside = true;
    c.near.stream->close();
    is_inside = false;
    CHECK_FALSE(c.near.stream->is_open());
    w.advance(100ms);
    CHECK(reads == 1);
    CHECK(writes == 1);
    c.near.stream->read(10, [&](const result<bytes>& r) { why = r.error(); });
    c.near.stream->close();
    w.advance(100ms);
    REQUIRE(why);
    CHECK(why->code == errc::cancelled);
  }
  SUBCASE("a stream that is gone calls nobody, and the peer learns of it") {
    c.far.read_all();
    c.near.stream.reset();
    w.advance(100ms);
    CHECK(reads == 0);
    CHECK(writes == 0);
    REQUIRE(c.far.read_problem);
    CHECK(c.far.read_problem->code == errc::unavailable);
    CHECK(c.far.read_problem->message.find("reset by a@sim") != std::string::npos);
    CHECK(c.net.connections() == 0);
  }
  SUBCASE("two reads at once are a mistake of the caller") {
    CHECK_THROWS_AS(c.near.stream->read(10, [](const result<bytes>&) {}), std::logic_error);
    CHECK_THROWS_AS(c.near.stream->write("x", [](const result<void>&) {}), std::logic_error);
    CHECK_THROWS_AS(c.near.stream->finish(), std::logic_error);
    CHECK_THROWS_AS(c.far.stream->read(0, [](const result<bytes>&) {}), std::logic_error);
  }
}

TEST_CASE("after finish the peer reads what was written and the end, and goes on writing") {
  testing::for_each_seed(50, [](world& w) {
    connected_pair c{w};
    c.near.read_all();
    c.far.read_all();
    c.near.write("question");
    w.advance(50ms);
    c.near.stream->finish();
    CHECK_THROWS_AS(c.near.stream->write("more", [](const result<void>&) {}), std::logic_error);
    w.advance(50ms);
    CHECK(c.far.got == "question");
    CHECK(c.far.has_end);
    c.far.read_all();  // The end again, as often as one asks.
    c.far.has_end = false;
    c.far.write_in_parts("answer", 2);
    w.advance(50ms);
    CHECK(c.far.has_end);
    CHECK(c.near.got == "answer");
    CHECK(c.near.has_end);
  });
}

TEST_CASE("what was written before close arrives, when everything of the peer's was read") {
  testing::for_each_seed(50, [](world& w) {
    connected_pair c{w};
    c.far.read_all();
    c.near.write("last words");
    w.advance(1ms);
    c.near.stream->close();
    w.advance(100ms);
    CHECK(c.far.got == "last words");
    CHECK(c.far.has_end);
    CHECK(c.far.stream->is_open());
    c.far.write("too late");
    w.advance(100ms);
    CHECK(c.far.written == 8);  // The system has taken it ...
    c.far.write("and now it is known");
    w.advance(100ms);
    REQUIRE(c.far.write_problem);  // ... and been told that nobody is there.
    CHECK(c.far.write_problem->code == errc::unavailable);
    CHECK_FALSE(c.far.stream->is_open());
    CHECK(c.net.connections() == 0);
  });
}

TEST_CASE("closing without having read everything breaks the connection for the peer") {
  std::size_t lost = 0;
  testing::for_each_seed(100, [&](world& w) {
    connected_pair c{w};
    c.far.write("never read");
    w.advance(100ms);
    auto sent = numbered(500);
    c.near.write(sent);
    w.pass(1ms);
    c.near.stream->close();
    c.far.read_all();
    w.advance(100ms);
    CHECK(c.far.read_problem);
    CHECK_FALSE(c.far.has_end);
    CHECK(is_prefix(c.far.got, sent));
    lost += c.far.got.size() < sent.size() ? 1 : 0;
  });
  CHECK(lost > 20);
}

TEST_CASE("different connections overtake each other, one never overtakes itself") {
  std::size_t overtaken = 0;
  testing::for_each_seed(100, [&](world& w) {
    connected_pair c{w};
    auto second = dial(c.a, c.net.address_of("b@sim", 4400));
    REQUIRE(w.run_until([&] { return second->has_value() && c.at_b.accepted.size() == 2; }));
    talker later{std::move(***second)};
    auto& at_far_end = *c.at_b.accepted.back();
    std::string order;
    c.far.stream->read(10, [&](const result<bytes>&) { order += '1'; });
    at_far_end.stream->read(10, [&](const result<bytes>&) { order += '2'; });
    c.near.write("x");
    w.pass(100us);
    later.write("y");
    w.advance(100ms);
    REQUIRE(order.size() == 2);
    overtaken += order == "21" ? 1 : 0;
  });
  CHECK(overtaken > 10);
  CHECK(overtaken < 90);
}

TEST_CASE("the same seed gives the same trace, and every octet is in it") {
  auto trace = [](std::uint64_t seed, const bytes& sent) {
    world w{seed};
    connected_pair c{w};
    c.far.read_all();
    c.near.write_in_parts(sent, 999);
    (void)w.run_until([&] { return c.far.has_end; });
    return w.trace_hash();
  };
  auto sent = numbered(20'000);
  CHECK(trace(7, sent) == trace(7, sent));
  CHECK(trace(7, sent) != trace(8, sent));
  auto other = sent;
  other[12'345] = static_cast<char>(other[12'345] ^ 1);
  CHECK(trace(7, sent) != trace(7, other));
}

TEST_CASE("each end knows the address of the other") {
  world w;
  connected_pair c{w};
  CHECK(c.near.stream->remote() == c.net.address_of("b@sim", 4400));
  CHECK(c.far.stream->remote().host == c.net.address_of("a@sim", 0).host);
  CHECK(c.far.stream->remote().port >= 49'152);
}
