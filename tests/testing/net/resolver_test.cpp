#include "testing/net/support.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;
using net::dns_record;
using net::endpoint;

namespace {

using answers = std::optional<result<net::name_answer>>;

struct asker {
  explicit asker(testing::world& the_world) : w{the_world} {}

  result<net::name_answer> ask(dns_record what, const std::string& name) {
    answers got;
    a.resolver().resolve(what, name, [&](result<net::name_answer> r) { got = std::move(r); });
    CHECK_FALSE(got.has_value());
    REQUIRE(w.run_until([&] { return got.has_value(); }));
    return std::move(*got);
  }

  testing::world& w;
  simulated_network& net = w.network();
  simulated_node& a = w.start_node("a@sim");
  simulated_node& b = w.start_node("b@sim");
};

}  // namespace

TEST_CASE("a machine's name and the part of it before the @ resolve to its address") {
  world w;
  asker m{w};
  auto address = std::vector<endpoint>{m.net.address_of("b@sim", 0)};
  CHECK(*m.ask(dns_record::address, "b@sim") == address);
  CHECK(*m.ask(dns_record::address, "b") == address);
  CHECK(m.ask(dns_record::address, "sim").error().code == errc::not_found);
  CHECK(m.ask(dns_record::service, "b@sim").error().code == errc::not_found);
}

TEST_CASE("records say what they were set to, until they are taken away") {
  world w;
  asker m{w};
  std::vector<endpoint> both{{"10.0.0.1", 0}, {"10.0.0.2", 0}};
  std::vector<endpoint> service{{"a", 4400}, {"b", 4401}};
  m.net.set_record(dns_record::address, "cluster.example", both);
  m.net.set_record(dns_record::service, "_link._tcp.example", service);
  CHECK(*m.ask(dns_record::address, "cluster.example") == both);
  CHECK(*m.ask(dns_record::service, "_link._tcp.example") == service);
  m.net.set_record(dns_record::address, "cluster.example", {});
  CHECK(m.ask(dns_record::address, "cluster.example").error().code == errc::not_found);
}

TEST_CASE("during an outage a question is unavailable after a while, on that machine only") {
  world w;
  asker m{w};
  m.net.set_dns_outage("a@sim", true);
  auto begin = w.now();
  auto r = m.ask(dns_record::address, "b");
  CHECK(r.error().code == errc::unavailable);
  CHECK(w.now() - begin == simulated_network::dns_answer_within);
  answers at_b;
  m.b.resolver().resolve(dns_record::address, "a", [&](result<net::name_answer> found) { at_b = std::move(found); });
  w.advance(50ms);
  REQUIRE(at_b.has_value());
  CHECK(at_b->ok());
  m.net.set_dns_outage("a@sim", false);
  CHECK(m.ask(dns_record::address, "b").ok());
}

TEST_CASE("a node that ends is not answered, and one that pauses later") {
  world w;
  asker m{w};
  answers got;
  m.a.resolver().resolve(dns_record::address, "b", [&](result<net::name_answer> r) { got = std::move(r); });
  SUBCASE("ended") {
    w.crash_node(m.a);
    w.advance(5s);
    CHECK_FALSE(got.has_value());
  }
  SUBCASE("paused") {
    w.pause_node(m.a, 1s);
    w.advance(900ms);
    CHECK_FALSE(got.has_value());
    w.advance(200ms);
    CHECK(got.has_value());
  }
}
