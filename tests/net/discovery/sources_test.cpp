#include "net/discovery/dns_source.hpp"
#include "net/discovery/static_source.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>

using namespace beamline;
using namespace beamline::net;
using answer = source_answer::kind;

namespace {

/// Answers at once what it was told to.
class table_resolver final : public resolver {
public:
  void resolve(dns_record what, const std::string& name, on_answer done) override {
    asked.emplace_back(what, name);
    auto found = records.find({what, name});
    if (part)
      done(*part);
    else if (found != records.end())
      done(found->second ? result<name_answer>{*found->second} : found->second.error());
    else
      done(error{errc::not_found, "no such name"});
  }

  std::map<std::pair<dns_record, std::string>, result<std::vector<endpoint>>> records;
  std::optional<name_answer> part;  // Instead of all.
  std::vector<std::pair<dns_record, std::string>> asked;
};

class queue final : public event_loop {
public:
  void post(std::function<void()> fn) override { posted.push_back(std::move(fn)); }
  void run() {
    for (auto& fn : std::exchange(posted, {}))
      fn();
  }
  std::vector<std::function<void()>> posted;
};

struct rig {
  source_answer ask(const discovery_query& q, dns_record what = dns_record::address) {
    dns_source s{q, what, names, loop};
    std::optional<source_answer> got;
    s.resolve([&](source_answer a) { got = std::move(a); });
    CHECK(names.asked.empty());  // Only the loop may ask.
    loop.run();
    names.asked.clear();
    REQUIRE(got);
    return *got;
  }
  static std::vector<std::string> addresses(const source_answer& a) {
    std::vector<std::string> out;
    for (const auto& p : a.found)
      out.push_back(to_string(p.at));
    return out;
  }

  table_resolver names;
  queue loop;
};

using words = std::vector<std::string>;

}  // namespace

TEST_CASE("an endpoint has one spelling") {
  struct row {
    endpoint in;
    std::optional<endpoint> out;
  };
  for (const auto& r : std::vector<row>{{{"10.0.0.1", 1}, {{"10.0.0.1", 1}}},
                                        {{"FD00:0:0::0001", 1}, {{"fd00::1", 1}}},
                                        {{"fe80::1%eth0", 1}, {{"fe80::1", 1}}},
                                        {{"::ffff:10.0.0.1", 1}, {{"10.0.0.1", 1}}},
                                        {{"Node-1.Example.ORG.", 1}, {{"node-1.example.org", 1}}},
                                        {{"10.0.0.1", 0}, std::nullopt},
                                        {{"0.0.0.0", 1}, std::nullopt},
                                        {{"::", 1}, std::nullopt},
                                        {{".", 1}, std::nullopt},
                                        {{"", 1}, std::nullopt},
                                        {{"not a host", 1}, std::nullopt},
                                        {{"10.0.0.256", 1}, std::nullopt}}) {
    INFO(r.in.host);
    CHECK(canonical_endpoint(r.in) == r.out);
  }
}

TEST_CASE("LC6 both address families are in the answer") {
  rig r;
  r.names.records.insert(
      {{dns_record::address, "all.example"}, std::vector<endpoint>{{"10.0.0.1", 0}, {"FD00::0:1", 0}, {"0.0.0.0", 0}}});
  auto a = r.ask({.name = "all.example", .role = "host", .port = 4400});
  CHECK(a.what == answer::found);
  CHECK(rig::addresses(a) == words{"10.0.0.1:4400", "[fd00::1]:4400"});
  CHECK(a.unusable == 1);
  CHECK(a.found[0].who.role == "host");
  CHECK(a.found[0].who.name.empty());
}

TEST_CASE("D191 what only one of A and AAAA answers is a part, if the other one is wanted, too") {
  rig r;
  name_answer half{std::vector<endpoint>{{"10.0.0.1", 0}}};
  half.lacks_aaaa = true;
  half.why = "AAAA: SERVFAIL";
  r.names.part = half;
  discovery_query q{.name = "all.example", .port = 1};
  auto a = r.ask(q);
  CHECK(a.what == answer::partial);
  CHECK(a.why == "AAAA: SERVFAIL");
  CHECK(rig::addresses(a) == words{"10.0.0.1:1"});
  q.records = {.a = true, .aaaa = false};
  CHECK(r.ask(q).what == answer::found);
  q.records = {.a = false, .aaaa = true};
  CHECK(r.ask(q).what == answer::failed);
}

TEST_CASE("DC7 the records can be some of a, aaaa and srv") {
  rig r;
  r.names.records.insert(
      {{dns_record::address, "all.example"}, std::vector<endpoint>{{"10.0.0.1", 0}, {"fd00::1", 0}}});
  discovery_query q{.name = "all.example", .port = 1};
  q.records = {.a = true, .aaaa = false};
  CHECK(rig::addresses(r.ask(q)) == words{"10.0.0.1:1"});
  q.records = {.a = false, .aaaa = true};
  CHECK(rig::addresses(r.ask(q)) == words{"[fd00::1]:1"});
  r.names.records.insert_or_assign({dns_record::address, "all.example"}, std::vector<endpoint>{{"10.0.0.1", 0}});
  CHECK(r.ask(q).what == answer::nobody);
}

TEST_CASE("D193 ports and hosts of SRV records are taken as they are, once per spelling") {
  rig r;
  r.names.records.insert({{dns_record::service, "_link._tcp.example"},
                          std::vector<endpoint>{{"B.example.", 4401}, {"a.example", 4400}, {".", 1}, {"c", 0}}});
  auto a = r.ask({.name = "_link._tcp.example", .role = "host", .port = 9}, dns_record::service);
  CHECK(rig::addresses(a) == words{"b.example:4401", "a.example:4400"});
  CHECK(a.unusable == 2);
}

TEST_CASE("D191 no such name is an answer, a failure is none, and says why") {
  rig r;
  CHECK(r.ask({.name = "nobody.example", .port = 1}).what == answer::nobody);
  r.names.records.insert({{dns_record::address, "sick.example"}, error{errc::unavailable, "SERVFAIL from 10.0.0.53"}});
  auto a = r.ask({.name = "sick.example", .port = 1});
  CHECK(a.what == answer::failed);
  CHECK(a.why == "SERVFAIL from 10.0.0.53");
  r.names.records.insert({{dns_record::address, "slow.example"}, error{errc::timeout, "no answer"}});
  CHECK(r.ask({.name = "slow.example", .port = 1}).what == answer::failed);
  r.names.records.insert({{dns_record::address, "empty.example"}, std::vector<endpoint>{}});
  CHECK(r.ask({.name = "empty.example", .port = 1}).what == answer::nobody);
}

TEST_CASE("an answer reaches whoever asked also when the source is gone by then") {
  rig r;
  std::optional<source_answer> got;
  {
    dns_source s{{.name = "x.example", .port = 1}, dns_record::address, r.names, r.loop};
    s.resolve([&](source_answer a) { got = std::move(a); });
  }
  r.loop.run();
  REQUIRE(got);
  CHECK(got->what == answer::nobody);
}

TEST_CASE("the label of a source says what it asks for") {
  rig r;
  discovery_query q{.name = "x.example", .port = 1};
  CHECK(dns_source{q, dns_record::address, r.names, r.loop}.label() == "x.example (a, aaaa)");
  q.records.a = false;
  CHECK(dns_source{q, dns_record::address, r.names, r.loop}.label() == "x.example (aaaa)");
  CHECK(dns_source{q, dns_record::service, r.names, r.loop}.label() == "x.example (srv)");
}

TEST_CASE("the static list always says the same, hints what was told since they were asked") {
  static_source peers{{{"10.0.0.1", 4400}, {"::1", 4401}}};
  hint_source hints;
  auto ask = [](discovery_source& s) {
    source_answer got;
    s.resolve([&](source_answer a) { got = std::move(a); });
    return got;
  };
  CHECK(rig::addresses(ask(peers)) == words{"10.0.0.1:4400", "[::1]:4401"});
  CHECK(rig::addresses(ask(peers)) == words{"10.0.0.1:4400", "[::1]:4401"});
  CHECK(ask(hints).what == answer::nobody);
  hints.told({{"x@there", "10.0.0.7:4400", "host"}, {"y@there", "", "host"}, {"z@there", "nonsense", "host"}});
  auto a = ask(hints);
  CHECK(rig::addresses(a) == words{"10.0.0.7:4400"});
  CHECK(a.found.at(0).who.name == "x@there");
  CHECK(a.found.at(0).who.role == "host");
  CHECK(a.unusable == 1);
  CHECK(ask(hints).what == answer::nobody);
  CHECK(hints.told({{"x@there", "10.0.0.7:4400", "host"}}).size() == 1);
  CHECK(hints.told({{"y@there", "10.0.0.8:4400", "host"}}).size() == 1);
  CHECK(rig::addresses(ask(hints)) == words{"10.0.0.7:4400", "10.0.0.8:4400"});
}
