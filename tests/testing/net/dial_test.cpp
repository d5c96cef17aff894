// Dialling and listening, in every situation of the other machine.

#include "testing/net/support.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

struct two_machines {
  explicit two_machines(testing::world& the_world) : w{the_world} {}
  std::shared_ptr<dialled> dial_b(duration within = 1s) { return dial(a, net.address_of("b@sim", 4400), within); }

  testing::world& w;
  simulated_network& net = w.network();
  simulated_node& a = w.start_node("a@sim");
  simulated_node& b = w.start_node("b@sim");
};

std::string problem_of(const dialled& d) { return d && !d->ok() ? d->error().message : "it was not refused"; }
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("dialling takes a round trip, whether somebody listens or not") {
  testing::for_each_seed(50, [](world& w) {
    two_machines m{w};
    auto begin = w.now();
    auto refused = m.dial_b();
    REQUIRE(w.run_until([&] { return refused->has_value(); }));
    CHECK(w.now() - begin >= 400us);
    CHECK(w.now() - begin <= 7ms);
    CHECK((*refused)->error().code == errc::unavailable);
    CHECK(contains(problem_of(*refused), "refused"));

    auto s = listen_at(m.b);
    s.accept_all();
    begin = w.now();
    auto taken = m.dial_b();
    REQUIRE(w.run_until([&] { return taken->has_value(); }));
    CHECK(w.now() - begin >= 400us);
    REQUIRE((*taken)->ok());
    w.advance(10ms);
    CHECK(s.accepted.size() == 1);
    CHECK(m.net.connections() == 1);
  });
}

TEST_CASE("a dial that nobody answers fails when its time is up, and not a moment before") {
  world w;
  two_machines m{w};
  auto s = listen_at(m.b);
  s.accept_all();
  SUBCASE("the way there is cut") { m.net.partition_one_way("a@sim", "b@sim"); }
  SUBCASE("the way back is cut") { m.net.partition_one_way("b@sim", "a@sim"); }
  SUBCASE("the machine has no power") {
    s.port.reset();
    w.end_node(m.b, node_end::power_loss);
  }
  auto begin = w.now();
  auto d = m.dial_b(300ms);
  REQUIRE(w.run_until([&] { return d->has_value(); }, 10s));
  CHECK(w.now() - begin == 300ms);
  CHECK((*d)->error().code == errc::unavailable);
  CHECK(contains(problem_of(*d), "no answer within 300 ms"));
  m.net.heal_all();
  w.advance(5s);
  CHECK(s.accepted.empty());  // Who has given up is not connected later.
  CHECK(m.net.connections() == 0);
}

TEST_CASE("a dial goes through when what held it ends in time") {
  testing::for_each_seed(30, [](world& w) {
    two_machines m{w};
    std::optional<server> s{listen_at(m.b)};
    std::shared_ptr<dialled> d;
    auto which = w.seed() % 3;
    if (which == 0) {
      m.net.partition("a@sim", "b@sim");
      d = m.dial_b(2s);
      w.advance(500ms);
      m.net.heal("a@sim", "b@sim");
    } else if (which == 1) {
      m.net.stall("a@sim", "b@sim", 500ms);
      d = m.dial_b(2s);
    } else {
      s.reset();
      w.end_node(m.b, node_end::power_loss);
      d = m.dial_b(2s);
      w.advance(500ms);
      s = listen_at(w.start_node("b@sim"));
    }
    CHECK_FALSE(d->has_value());
    s->accept_all();
    REQUIRE(w.run_until([&] { return d->has_value(); }));
    INFO(problem_of(*d));
    CHECK((*d)->ok());
    w.advance(50ms);
    CHECK(s->accepted.size() == 1);
  });
}

TEST_CASE("a machine whose node has crashed or stopped refuses; one that never ran one does so, too") {
  world w;
  two_machines m{w};
  auto s = listen_at(m.b);
  std::string to = "b@sim";
  SUBCASE("crashed") { w.crash_node(m.b); }
  SUBCASE("stopped") {
    s.port.reset();
    (void)w.stop_node(m.b);
  }
  SUBCASE("never ran one") { to = "c@sim"; }
  auto d = dial(m.a, m.net.address_of(to, 4400));
  w.advance(50ms);
  REQUIRE(d->has_value());
  CHECK(contains(problem_of(*d), "refused"));
}

TEST_CASE("the system of a paused machine takes a bounded number of connections; the rest wait for room") {
  world w;
  two_machines m{w};
  auto s = listen_at(m.b);
  s.accept_all();
  w.pause_node(m.b, 2s);
  std::vector<std::shared_ptr<dialled>> dials;
  for (int i = 0; i < 30; ++i) {
    dials.push_back(m.dial_b(10s));
    w.advance(20ms);
  }
  w.advance(500ms);
  auto answered = [&] { return std::count_if(dials.begin(), dials.end(), [](auto& d) { return d->has_value(); }); };
  CHECK(answered() == 16);
  CHECK(s.accepted.empty());
  REQUIRE(w.run_until([&] { return s.accepted.size() == 30; }));
  CHECK(answered() == 30);
  for (const auto& d : dials)
    CHECK((*d)->ok());
}

TEST_CASE("a port belongs to one listener, and is free when that is gone") {
  world w;
  two_machines m{w};
  auto s = std::make_unique<server>(listen_at(m.b));
  auto second = m.b.network().listen({"", 4400});
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == errc::conflict);
  CHECK(contains(second.error().message, "4400"));
  CHECK(m.a.network().listen({"", 4400}).ok());  // Another machine's port.
  auto waiting = m.dial_b();
  w.advance(50ms);
  talker t{std::move(***waiting)};
  t.read_all();
  s.reset();
  w.advance(50ms);
  CHECK(t.read_problem);  // It was never accepted.
  CHECK(m.b.network().listen({"", 4400}).ok());
}

TEST_CASE("port 0 is a free one") {
  world w;
  two_machines m{w};
  auto one = listen_at(m.b, 0);
  auto other = listen_at(m.b, 0);
  CHECK(one.port->local().port >= 49'152);
  CHECK(one.port->local().port != other.port->local().port);
  one.accept_all();
  auto d = dial(m.a, m.net.address_of("b@sim", one.port->local().port));
  w.advance(50ms);
  CHECK((*d)->ok());
}

TEST_CASE("a listener is reached by the addresses it listens at, and only by those") {
  world w;
  two_machines m{w};
  auto own = m.net.address_of("b@sim", 0).host;
  auto reached = [&](simulated_node& by, const std::string& host) {
    auto d = dial(by, {host, 4400});
    w.advance(100ms);
    return d->has_value() && (*d)->ok();
  };
  SUBCASE("any") {
    auto s = listen_at(m.b, 4400, "0.0.0.0");
    CHECK(reached(m.a, own));
    CHECK(reached(m.b, own));
    CHECK(reached(m.b, "127.0.0.1"));
    CHECK_FALSE(reached(m.a, "127.0.0.1"));
  }
  SUBCASE("its own address") {
    auto s = listen_at(m.b, 4400, own);
    CHECK(reached(m.a, own));
    CHECK_FALSE(reached(m.b, "localhost"));
  }
  SUBCASE("loopback") {
    auto s = listen_at(m.b, 4400, "127.0.0.1");
    CHECK_FALSE(reached(m.a, own));
    CHECK(reached(m.b, "localhost"));
  }
  SUBCASE("somebody else's address cannot be listened at") {
    auto s = m.b.network().listen({m.net.address_of("a@sim", 0).host, 4400});
    REQUIRE_FALSE(s.ok());
    CHECK(s.error().code == errc::invalid);
  }
}

TEST_CASE("an address that nobody has answers nothing; a name that nobody has is not found") {
  world w;
  two_machines m{w};
  auto nobody = dial(m.a, {"10.77.0.1", 4400}, 100ms);
  auto nameless = dial(m.a, {"nobody.example", 4400});
  w.advance(1s);
  CHECK(contains(problem_of(*nobody), "no answer"));
  CHECK((*nameless)->error().code == errc::not_found);
  CHECK(contains(problem_of(*nameless), "nobody.example:4400"));
}

TEST_CASE("dialling a machine by its name asks for it first") {
  world w;
  two_machines m{w};
  auto s = listen_at(m.b);
  s.accept_all();
  auto d = dial(m.a, {"b", 4400});
  w.advance(50ms);
  CHECK((*d)->ok());
  m.net.set_dns_outage("a@sim", true);
  auto blind = dial(m.a, {"b@sim", 4400}, 5s);
  w.advance(1s);
  REQUIRE(blind->has_value());
  CHECK((*blind)->error().code == errc::unavailable);
  CHECK(contains(problem_of(*blind), "name server"));
}

TEST_CASE("the dialler that ends before it is answered is forgotten") {
  testing::for_each_seed(60, [](world& w) {
    two_machines m{w};
    auto s = listen_at(m.b);
    s.accept_all();
    auto d = m.dial_b();
    seeded_random random{w.seed()};
    w.pass(duration{static_cast<std::int64_t>(random.below(6'000'000))});
    w.crash_node(m.a);
    bool was_told = d->has_value();
    w.advance(100ms);
    CHECK(d->has_value() == was_told);
    for (auto& t : s.accepted)
      t->read_all();
    w.advance(100ms);
    for (auto& t : s.accepted)
      CHECK((t->has_end || t->read_problem));
  });
}

TEST_CASE("what a dialler held is let go of with its node, however long its call stands at a cut") {
  world w;
  w.network().partition("a@sim", "b@sim");
  auto held = std::make_shared<int>(1);
  for (int life = 0; life < 3; ++life) {
    auto& a = w.start_node("a@sim");
    auto* b = w.find_node("b@sim");
    if (b == nullptr)
      b = &w.start_node("b@sim");
    a.network().dial({"10.0.0.2", 4400}, 10s, [held](auto) { FAIL("its node is gone"); });
    a.resolver().resolve(net::dns_record::address, "b@sim", [held](auto) { FAIL("its node is gone"); });
    w.pass(1us);
    w.crash_node(a);
    CHECK(held.use_count() == 1);
  }
  w.network().heal_all();
  w.advance(1s);
}
