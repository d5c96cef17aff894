#include "base/json.hpp"
#include "net/rpc/server.hpp"
#include "program/cluster_verbs_wiring.hpp"
#include "pubsub/topics.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace beamline;
using namespace beamline::program;
using control::request;

namespace {

struct memory final : control::answer_sink {
  std::vector<json> items;
  std::optional<json> result;
  std::optional<error> failed;
  bool wants = true;

  control::taken item(const json& i) override {
    items.push_back(i);
    return control::taken::yes;
  }
  void succeed(const json& r) override { result = r; }
  void fail(const error& e, const json&) override { failed = e; }
  bool is_wanted() const override { return wants && !result && !failed; }
};

/// A node with calls, topics and its verbs, without links: what it asks it asks itself (D78).
struct fixture {
  explicit fixture(testing::world& world) : w{world} {
    add_cluster_verbs(verbs, n.get(), parts_of(n.get(), links));
    verbs.add("echo", "says it again", {control::needs("what", "a text")},
              [](const json& a, control::answer reply) { reply.ok(a); });
  }
  ~fixture() { w.crash_node(n); }  // Before its verbs go.
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  void start_rpc() {
    rpc = n.spawn<net::rpc::server>();
    w.run();  // It is there before `far verbs` begins, as under their supervisor.
    far = n.spawn<far_verbs>(&verbs);
    w.run();
  }
  pid start_topics() {
    auto p = n.spawn<pubsub::topics>();
    w.run();
    return p;
  }

  std::shared_ptr<memory> begin(request r) {
    auto sink = std::make_shared<memory>();
    auto job = verbs.prepare(r);
    REQUIRE_MESSAGE(job.ok(), (job ? "" : job.error().message));
    verbs.run(*job, sink, job->timeout ? w.now() + *job->timeout : time_point::max());
    return sink;
  }
  json ok(request r) {
    auto sink = begin(std::move(r));
    w.run_until([&] { return sink->result || sink->failed; }, 60s);
    REQUIRE_MESSAGE(sink->result.has_value(), (sink->failed ? sink->failed->message : "no answer"));
    return *sink->result;
  }
  error fails(request r) {
    auto sink = begin(std::move(r));
    w.run_until([&] { return sink->result || sink->failed; }, 60s);
    REQUIRE(sink->failed.has_value());
    return *sink->failed;
  }
  std::size_t processes() { return n.processes().list(w.now()).size(); }

  testing::world& w;
  testing::simulated_node& n = w.start_node();
  control::dispatcher verbs{n.env().log()};
  current<net::links> links;
  pid rpc, far;
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("a node whose links do not run says so, whatever is asked of them") {
  testing::world w;
  fixture f{w};
  for (const auto& r :
       {request{.verb = "nodes"}, request{.verb = "connect", .positional = {"h:1"}},
        request{.verb = "disconnect", .positional = {"b@h"}}, request{.verb = "ban", .positional = {"b@h", "1"}}}) {
    auto e = f.fails(r);
    CHECK(e.code == errc::unavailable);
    CHECK(contains(e.message, "the links of this node do not run"));
  }
}

TEST_CASE("ping, call and via ask the rpc process, and leave no process behind") {
  testing::world w;
  fixture f{w};
  f.start_rpc();
  auto before = f.processes();
  const auto& self = f.n.name();
  CHECK(f.ok({.verb = "ping", .positional = {self}})["answer"] == "pong");
  CHECK(f.ok({.verb = "call", .positional = {self, "control.ping", R"({"number":4})"}})["value"].is_null());
  auto all = f.ok({.verb = "call", .positional = {self}});
  CHECK(contains(all["text"].get<std::string>(), "control.ping(number: u"));
  CHECK(f.ok({.verb = "via", .arguments = {{"node", self}, {"verb", "echo"}, {"words", {"hello"}}}})
        == json{{"what", "hello"}});
  CHECK(f.fails({.verb = "via", .arguments = {{"node", self}, {"verb", "ecco"}}}).code == errc::not_found);
  CHECK(f.fails({.verb = "via", .arguments = {{"node", self}, {"verb", "subscribe"}, {"words", {"t"}}}}).code
        == errc::unsupported);
  CHECK(f.fails({.verb = "call", .positional = {self, "no.such", "{}"}}).code == errc::not_found);
  w.advance(1s);
  CHECK(f.processes() == before);
}

TEST_CASE("a node that is not linked is a pang at once") {
  testing::world w;
  fixture f{w};
  f.start_rpc();
  auto begun = w.now();
  auto e = f.fails({.verb = "ping", .positional = {"b@h"}});
  CHECK(e.code == errc::unavailable);
  CHECK(contains(e.message, "pang: noconnection"));
  CHECK(w.now() - begun < 1s);
  CHECK(f.fails({.verb = "call", .positional = {"b@h", "p"}}).code == errc::unavailable);
  CHECK(f.fails({.verb = "ping", .positional = {"no name"}}).code == errc::invalid);
}

TEST_CASE("what peers may ask is served again when the rpc process has been started anew") {
  testing::world w;
  fixture f{w};
  f.start_rpc();
  f.n.kill(f.rpc);
  f.n.kill(f.far);  // As rest_for_one does.
  w.run();
  CHECK(f.fails({.verb = "ping", .positional = {f.n.name()}}).code == errc::unsupported);
  f.start_rpc();
  CHECK(f.ok({.verb = "ping", .positional = {f.n.name()}})["answer"] == "pong");
}

TEST_CASE("subscribe shows what broadcast tells, JSON and text, and other payloads as octets") {
  testing::world w;
  fixture f{w};
  f.start_topics();
  auto before = f.processes();
  auto sink = f.begin({.verb = "subscribe", .positional = {"demo", "3"}});
  w.run();
  f.ok({.verb = "broadcast", .positional = {"demo", R"({"hello":"there"})"}});
  f.ok({.verb = "broadcast", .positional = {"other", "1"}});
  f.ok({.verb = "broadcast", .positional = {"demo", "a text"}});
  f.n.cast(pubsub::broadcast_on(f.n.env()), pubsub::publish{"demo", bytes{"\x01\x02"
                                                                          "abc"}});
  w.run();
  CHECK(sink->items == std::vector<json>{json{{"hello", "there"}}, "a text", json{{"octets", 5}, {"shown", "??abc"}}});
  REQUIRE(sink->result.has_value());
  CHECK((*sink->result)["count"] == 3);
  w.advance(1s);
  CHECK(f.processes() == before);
}

TEST_CASE("a subscription ends with its client, and with the broadcast process") {
  testing::world w;
  fixture f{w};
  CHECK(f.fails({.verb = "subscribe", .positional = {"demo"}}).code == errc::unavailable);
  CHECK(f.fails({.verb = "broadcast", .positional = {"demo", "1"}}).code == errc::unavailable);
  auto topics = f.start_topics();
  auto before = f.processes();
  auto gone = f.begin({.verb = "subscribe", .positional = {"demo"}});
  auto stays = f.begin({.verb = "subscribe", .positional = {"demo"}});
  w.run();
  CHECK(f.processes() == before + 2);
  gone->wants = false;
  w.advance(2 * listener_interval);
  CHECK(f.processes() == before + 1);
  f.n.kill(topics);
  w.run();
  CHECK(stays->failed->code == errc::unavailable);
  CHECK(contains(stays->failed->message, "the broadcast process has ended"));
}

TEST_CASE("a node without discovery says so") {
  testing::world w;
  fixture f{w};
  for (const char* what : {"status", "refresh"}) {
    auto e = f.fails({.verb = "discovery", .positional = {what}});
    CHECK(e == error{errc::unavailable, "the process discovery does not run on this node"});
  }
}
