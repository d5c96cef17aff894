// Nodes as in production link over real sockets.

#include "net/real/busy_link.hpp"
#include "net/real/certificates.hpp"
#include "net/real/real_node.hpp"

using namespace beamline;
using namespace beamline::testing;

namespace {

constexpr std::int64_t casts = 20'000;

using kind = net::connect_outcome::kind;

net::links_options needing_certificates() {
  net::links_options o;
  o.needs_certificates = true;
  return o;
}

/// Casts of one process, which have to arrive in order.
void cast_many(real_node& from, real_node& to) {
  auto hands = from.home().spawn<hand>();
  auto far = to.process("echo");
  for (std::int64_t next = 0; next < casts;) {
    auto until = std::min(next + 2'000, casts);
    from.home().cast(hands, hand::order{[far, next, until](hand& h) {
                       for (auto i = next; i < until; ++i)
                         h.cast(far, numbered{i});
                     }});
    next = until;
  }
  REQUIRE(eventually([&] { return to.echoed.numbered == casts; }, 20s));
  CHECK(to.echoed.disordered == 0);
  from.home().exit(hands, reason::shutdown());
}

}  // namespace

TEST_CASE("two nodes link over IPv4 and over IPv6, and 20,000 casts arrive in order each way while calls go on") {
  for (const auto* host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    real_node a{{.name = "a@127.0.0.1", .host = host}};
    real_node b{{.name = "b@127.0.0.1", .host = host}};
    a.link(b);
    CHECK(a.link_with(b.name())->is_dialled_here);
    CHECK(b.link_with(a.name())->endpoint.find(host) != std::string::npos);
    busy_link busy{a, b};
    cast_many(a, b);
    cast_many(b, a);
    CHECK(busy.goes_on(1'000));
    CHECK(busy.seen().failed == 0);
    CHECK(a.seen.text() == "up b@127.0.0.1");
    CHECK(b.seen.text() == "up a@127.0.0.1");
  }
}

TEST_CASE("D33 nodes that listen on all addresses are told of by the address that their links come from") {
  struct case_of {
    std::string bind, dialled, told;
  };
  for (const auto& k : {case_of{"0.0.0.0", "127.0.0.1", "127.0.0.1"}, case_of{"::", "127.0.0.1", "127.0.0.1"},
                        case_of{"::", "::1", "::1"}}) {
    CAPTURE(k.bind);
    CAPTURE(k.told);
    real_node a{{.name = "a@127.0.0.1", .host = k.bind}};
    real_node b{{.name = "b@127.0.0.1", .host = k.bind}};
    real_node c{{.name = "c@127.0.0.1", .host = k.bind}};
    std::promise<net::links::hint> heard;
    c.links().on_hints([&](const std::vector<net::links::hint>& hints) { heard.set_value(hints.at(0)); });
    REQUIRE(b.connect(net::endpoint{k.dialled, a.at().port}).ok());
    REQUIRE(a.seen.wait_for("up b@127.0.0.1"));
    REQUIRE(c.connect(net::endpoint{k.dialled, a.at().port}).ok());
    auto moment = heard.get_future();
    REQUIRE(moment.wait_for(10s) == std::future_status::ready);
    auto hint = moment.get();
    CHECK(hint.name == "b@127.0.0.1");
    CHECK(hint.endpoint == to_string(net::endpoint{k.told, b.at().port}));
    auto o = c.connect(net::parse_endpoint(hint.endpoint).value(), {.name = hint.name});
    CHECK_MESSAGE(o.ok(), o.detail);
    CHECK(b.seen.wait_for("up c@127.0.0.1"));
  }
}

TEST_CASE("watches and exits cross, and the end of a node's links is connection_closed to the others") {
  real_node a{{.name = "a@127.0.0.1"}};
  real_node b{{.name = "b@127.0.0.1"}};
  real_node c{{.name = "c@127.0.0.1"}};
  a.link(b);
  b.link(c);
  a.link(c);
  CHECK(a.links().list(node_kinds::all).size() == 2);

  journal told;
  auto victim = b.home().spawn<hand>();
  auto other = b.home().spawn<hand>();
  auto watcher = a.home().spawn<hand>();
  a.home().cast(watcher, hand::order{[&, victim, other](hand& h) {
                  h.watch(victim, [&](const reason& why) { told.note("victim " + to_string(why)); });
                  h.watch(other, [&](const reason& why) { told.note("other " + to_string(why)); });
                  h.watch(c.process("nobody"), [&](const reason& why) { told.note("nobody " + to_string(why)); });
                  h.exit(victim, reason::custom("by hand"));
                }});
  CHECK(told.wait_for("victim " + to_string(reason::custom("by hand"))));
  CHECK(told.wait_for("nobody noproc"));

  REQUIRE(b.close());
  CHECK(told.wait_for("other noconnection"));
  CHECK(a.seen.wait_for("down b@127.0.0.1 connection_closed"));
  CHECK(c.seen.wait_for("down b@127.0.0.1 connection_closed"));
  CHECK(b.seen.wait_for("down a@127.0.0.1 net_kernel_terminated"));
  CHECK(b.seen.wait_for("down c@127.0.0.1 net_kernel_terminated"));
  CHECK(told.lines().size() == 3);
  CHECK(a.link_with(c.name()));
  auto after = a.home().call_sync<std::int64_t>(b.process("echo"), question{1}, 5s);
  CHECK(std::get<call_error>(after).what == call_error::kind::noconnection);
  CHECK(std::get<0>(a.home().call_sync<std::int64_t>(c.process("echo"), question{2}, 5s)) == 2);
  a.home().exit(watcher, reason::kill());
  REQUIRE(eventually([&] { return !a.home().processes().is_alive(watcher.id()); }));
}

TEST_CASE("a node that is disconnected can be linked again, as a later connection") {
  real_node a{{.name = "a@127.0.0.1"}};
  real_node b{{.name = "b@127.0.0.1"}};
  std::uint64_t last = 0;
  for (int round = 0; round < 10; ++round) {
    auto o = a.connect(b);
    REQUIRE_MESSAGE(o.what == kind::connected, o.detail);
    CHECK(a.connect(b).what == kind::already);
    REQUIRE(eventually([&] { return b.link_with(a.name()).has_value(); }));
    auto connection = a.link_with(b.name())->peer.connection;
    CHECK(connection > last);
    last = connection;
    CHECK(std::get<0>(b.home().call_sync<std::int64_t>(a.process("echo"), question{round}, 5s)) == round);
    CHECK(a.links().disconnect(b.name()));
    REQUIRE(eventually([&] { return !a.link_with(b.name()) && !b.link_with(a.name()); }));
  }
  CHECK(a.connect(a).what == kind::self);
}

TEST_CASE("nodes link over TLS when their certificates name them, by node or by role") {
  certificates ca;
  auto strict = needing_certificates();
  auto as_host = strict;
  as_host.role = "host";
  real_node a{{.name = "a@127.0.0.1", .tls = ca.issue_to_node("a@127.0.0.1"), .links = strict}};
  real_node b{{.name = "b@127.0.0.1", .host = "::1", .tls = ca.issue("beamline://role/host"), .links = as_host}};
  a.link(b);
  busy_link busy{a, b};
  cast_many(a, b);
  CHECK(busy.goes_on(200));
  CHECK(busy.seen().failed == 0);

  SUBCASE("a node whose certificate names another one is refused, whoever dials") {
    real_node c{{.name = "c@127.0.0.1", .tls = ca.issue_to_node("d@127.0.0.1"), .links = strict}};
    auto dialled = c.connect(a);
    CHECK(dialled.what == kind::refused);
    CHECK(eventually([&] { return a.logged("its certificate is for other nodes").size() == 1; }));
    CHECK(a.logged("c@127.0.0.1").size() == 1);
    auto accepted = a.connect(c);
    CHECK(accepted.what == kind::unacceptable);
    CHECK(accepted.detail.find("beamline://node/c@127.0.0.1") != std::string::npos);
    CHECK(c.seen.lines().empty());
  }
  SUBCASE("a node without a certificate is refused, whoever dials") {
    real_node c{{.name = "c@127.0.0.1"}};
    CHECK_FALSE(c.connect(a).ok());
    CHECK_FALSE(a.connect(c).ok());
    CHECK(eventually([&] { return a.logged("a stranger failed at TLS").size() == 1; }));
    CHECK(c.seen.lines().empty());
  }
  SUBCASE("a node whose certificate somebody else issued is refused, whoever dials") {
    certificates others;
    real_node c{{.name = "c@127.0.0.1", .tls = others.issue_to_node("c@127.0.0.1"), .links = strict}};
    CHECK_FALSE(c.connect(a).ok());
    CHECK_FALSE(a.connect(c).ok());
    CHECK(c.seen.lines().empty());
  }
  CHECK(busy.goes_on());
  CHECK(busy.seen().failed == 0);
  CHECK(a.seen.text() == "up b@127.0.0.1");
}

TEST_CASE("a node that needs certificates takes nobody over TCP without TLS") {
  auto strict = needing_certificates();
  real_node a{{.name = "a@127.0.0.1", .links = strict}};
  real_node b{{.name = "b@127.0.0.1"}};
  CHECK(b.connect(a).what == kind::refused);
  CHECK(a.connect(b).what == kind::unacceptable);
  CHECK(eventually([&] { return a.logged("its certificate is for other nodes").size() == 1; }));
  CHECK(a.seen.lines().empty());
  CHECK(b.seen.lines().empty());
}
