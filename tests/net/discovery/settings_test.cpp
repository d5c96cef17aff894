#include "net/discovery/settings.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net;

namespace {

cluster_options with(dns_query q) {
  cluster_options o;
  o.queries.push_back(std::move(q));
  return o;
}

std::string complaint(const cluster_options& o) {
  auto r = discovery_settings(o);
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == errc::invalid);
  return r.error().message;
}

bool says(const std::string& text, std::string_view part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("DC4 a query can be a plain name: whatever their role, on the cluster's port") {
  cluster_options o;
  o.port = 4477;
  o.remote_dns = {"hosts.internal"};
  auto s = discovery_settings(o);
  REQUIRE(s.ok());
  REQUIRE(s->queries.size() == 1);
  CHECK(s->queries[0] == discovery_query{.name = "hosts.internal", .port = 4477});
}

TEST_CASE("DC5 a query can be a name with the role behind it, and a port") {
  auto s = discovery_settings(with({.dns = "acc.internal", .role = "accumulator", .port = 4500}));
  REQUIRE(s.ok());
  CHECK(s->queries.at(0) == discovery_query{.name = "acc.internal", .role = "accumulator", .port = 4500});
  CHECK(discovery_settings(with({.dns = "acc.internal", .role = "accumulator"}))->queries.at(0).port == 4400);
}

TEST_CASE("DC6 there can be several queries") {
  auto o = with({.dns = "acc.internal", .role = "accumulator"});
  o.remote_dns = {"a.internal", "b.internal"};
  auto s = discovery_settings(o);
  REQUIRE(s.ok());
  REQUIRE(s->queries.size() == 3);
  CHECK(s->queries[0].name == "a.internal");
  CHECK(s->queries[2].name == "acc.internal");
}

TEST_CASE("DC2 a list of one query is that query") {
  cluster_options one, other;
  one.remote_dns = {"hosts.internal"};
  other.remote_dns = {"ignore", "hosts.internal"};
  CHECK(discovery_settings(one)->queries == discovery_settings(other)->queries);
}

TEST_CASE("DC3 a query that says ignore is none") {
  auto o = with({.dns = "ignore", .role = "host"});
  o.remote_dns = {"ignore"};
  auto s = discovery_settings(o);
  REQUIRE(s.ok());
  CHECK(s->queries.empty());
}

TEST_CASE("the kinds of records of a query are those of the configuration") {
  auto s = discovery_settings(with({.dns = "x.internal", .role = "host", .records = {"srv", "aaaa"}}));
  REQUIRE(s.ok());
  CHECK(s->queries.at(0).records == dns_records{.a = false, .aaaa = true, .srv = true});
}

TEST_CASE("DC8 a kind of record that there is not is refused, with what there is") {
  auto why = complaint(with({.dns = "x.internal", .role = "host", .records = {"a", "mx"}}));
  CHECK(says(why, "cluster.queries[0].records is \"mx\""));
  CHECK(says(why, "\"a\", \"aaaa\" and \"srv\""));
}

TEST_CASE("DC9 no kind of record at all is refused") {
  auto why = complaint(with({.dns = "x.internal", .role = "host", .records = {}}));
  CHECK(says(why, "cluster.queries[0].records is empty"));
}

TEST_CASE("LC5 a query that is no name, a role that is none and a peer that is no endpoint are refused") {
  CHECK(says(complaint(with({.dns = "not a name", .role = "host"})), "cluster.queries[0].dns is \"not a name\""));
  CHECK(says(complaint(with({.dns = "", .role = "host"})), "cluster.queries[0].dns is \"\""));
  CHECK(says(complaint(with({.dns = "x.internal", .role = ""})), "cluster.queries[0].role is \"\""));
  CHECK(says(complaint(with({.dns = "x.internal", .role = "a@b"})), "cluster.queries[0].role is \"a@b\""));
  cluster_options o;
  o.remote_dns = {"10.0.0.1:4400"};
  CHECK(says(complaint(o), "cluster.remote_dns is \"10.0.0.1:4400\""));
  o.remote_dns.clear();
  for (const auto* peer : {"10.0.0.1", "10.0.0.300:1", "0.0.0.0:4400", ""}) {
    o.peers = {peer};
    CHECK(says(complaint(o), "cluster.peers is \"" + std::string{peer} + "\""));
  }
}

TEST_CASE("static peers and what a node itself is reached at are in their one spelling") {
  cluster_options o;
  o.bind = "::1";
  o.port = 4401;
  o.advertise = "10.0.0.1:4400";
  o.peers = {"[FD00:0::1]:4400", "Node.Example:4401"};
  o.query_interval = 3s;
  o.mesh = cluster_mesh::none;
  auto s = discovery_settings(o, {{"10.0.0.2", 4400}});
  REQUIRE(s.ok());
  CHECK(s->peers == std::vector<endpoint>{{"fd00::1", 4400}, {"node.example", 4401}});
  CHECK(s->own == std::vector<endpoint>{{"10.0.0.2", 4400}, {"10.0.0.1", 4400}, {"::1", 4401}});
  CHECK(s->interval == 3s);
  CHECK_FALSE(s->follows_hints);
  o.mesh = cluster_mesh::role;
  CHECK(discovery_settings(o)->follows_hints);
}
