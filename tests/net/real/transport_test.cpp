// Everything between nodes passes CAF's middleman, and CAF listens nowhere.

#include "net/real/busy_link.hpp"
#include "net/real/counting_carriers.hpp"
#include "net/real/process_figures.hpp"
#include "net/real/real_node.hpp"

using namespace beamline;
using namespace beamline::testing;

namespace {

real_node_options counted(std::string name, carrier_counters& into) {
  real_node_options o;
  o.name = std::move(name);
  o.wrap = [&into](net::carriers& real) { return std::make_unique<counting_carriers>(real, into); };
  return o;
}

}  // namespace

TEST_CASE("every envelope between two nodes is one message that CAF wrote, and every octet of it is counted") {
  carrier_counters of_a, of_b;
  real_node a{counted("a@127.0.0.1", of_a)};
  real_node b{counted("b@127.0.0.1", of_b)};
  a.link(b);
  CHECK(a.middleman().count().opened == 1);
  CHECK(b.middleman().count().opened == 1);
  {
    busy_link busy{a, b};
    CHECK(busy.goes_on(500));
    REQUIRE(a.links().send(b.name(), lane::broadcast, "witness", bytes(1'000'000, 'x')));
    REQUIRE(b.links().send(a.name(), lane::presence, "witness", "here"));
    CHECK(a.seen.wait_for("message of b@127.0.0.1: here"));
    REQUIRE(eventually([&] { return b.seen.lines().size() == 2; }));
    CHECK(busy.seen().failed == 0);
  }
  // The last answers are on their way for a while: taken by a gate, not yet handed to its carrier, or not yet arrived.
  auto agree = [&] {
    auto here = a.link_with(b.name())->lanes;
    auto there = b.link_with(a.name())->lanes;
    return of_a.envelopes_out == of_b.envelopes_in && of_b.envelopes_out == of_a.envelopes_in
        && of_a.octets_out == of_b.octets_in && of_b.octets_out == of_a.octets_in
        && of_a.envelope_octets_out == here.octets_out && of_b.envelope_octets_in == there.octets_in
        && of_b.envelope_octets_out == there.octets_out && of_a.envelope_octets_in == here.octets_in
        && here.octets_out == there.octets_in && there.octets_out == here.octets_in;
  };
  auto figures = [&] {
    auto here = a.link_with(b.name())->lanes;
    auto there = b.link_with(a.name())->lanes;
    auto of = [](std::uint64_t sent, std::uint64_t carried, std::uint64_t came, std::uint64_t taken) {
      return std::to_string(sent) + " octets sent, " + std::to_string(carried) + " carried, " + std::to_string(came)
           + " came, " + std::to_string(taken) + " taken";
    };
    return "a to b: " + of(here.octets_out, of_a.envelope_octets_out, of_b.envelope_octets_in, there.octets_in)
         + "; b to a: " + of(there.octets_out, of_b.envelope_octets_out, of_a.envelope_octets_in, here.octets_in);
  };
  REQUIRE_MESSAGE(eventually(agree), figures());
  auto here = *a.link_with(b.name());
  CHECK(of_a.envelope_octets_out > 1'000'000);
  // CAF's own words: handshakes, and a hello of the dialler's door; beside these one message per envelope.
  CHECK(of_a.handshakes + of_b.handshakes == 3);
  CHECK(of_a.messages == of_a.envelopes_out + 1);
  CHECK(of_b.messages == of_b.envelopes_out);
  CHECK(of_a.others + of_b.others == 0);
  // What is on the wire beside these are the headers of frames, ticks and credit.
  CHECK(of_a.octets_out > of_a.envelope_octets_out);
  CHECK(here.wire_octets_out > of_a.octets_out);
  CHECK(here.wire_octets_out < of_a.octets_out + of_a.octets_out / 10 + 200'000);
}

TEST_CASE("while what CAF writes is held back nothing arrives, though the connection is up and ticks") {
  carrier_counters of_a, of_b;
  auto o = counted("a@127.0.0.1", of_a);
  o.links.tick_time = 400ms;
  auto p = counted("b@127.0.0.1", of_b);
  p.links.tick_time = 400ms;
  real_node a{std::move(o)};
  real_node b{std::move(p)};
  a.link(b);
  a.thread().run([&] { of_a.is_shut = true; });
  REQUIRE(a.links().send(b.name(), lane::rpc, "witness", "through CAF"));
  auto at = b.link_with(a.name())->wire_octets_in;
  REQUIRE(eventually([&] { return b.link_with(a.name())->wire_octets_in > at + 4 * 13; }));  // Four ticks.
  CHECK(of_a.envelopes_out == 1);
  CHECK(of_b.envelopes_in == 0);
  CHECK(b.seen.text() == "up a@127.0.0.1");
  a.thread().run([&] {
    of_a.is_shut = false;
    REQUIRE(of_a.held);
    of_a.held();
    of_a.held = {};
  });
  CHECK(b.seen.wait_for("message of a@127.0.0.1: through CAF"));
  CHECK(of_b.envelopes_in == 1);
}

TEST_CASE("no socket listens but those of the links, over IPv4 and IPv6") {
  REQUIRE(listening_ports().empty());
  {
    real_node a{{.name = "a@127.0.0.1"}};
    real_node b{{.name = "b@127.0.0.1", .host = "::1"}};
    real_node c{{.name = "c@127.0.0.1", .host = "::"}};
    std::set<std::uint16_t> ours{a.at().port, b.at().port, c.at().port};
    CHECK(listening_ports() == ours);
    a.link(b);
    auto o = a.connect({"127.0.0.1", c.at().port});
    REQUIRE_MESSAGE(o.ok(), o.detail);
    busy_link busy{a, b};
    CHECK(busy.goes_on(100));
    CHECK(listening_ports() == ours);
    CHECK(c.close());
    CHECK(listening_ports() == std::set<std::uint16_t>{a.at().port, b.at().port});
  }
  CHECK(listening_ports().empty());
}
