#include "base/json.hpp"
#include "net/rpc/call.hpp"
#include "net/rpc/server.hpp"
#include "program/cluster_verbs_wiring.hpp"
#include "pubsub/broadcast_request.hpp"
#include "pubsub/json_message.hpp"
#include "pubsub/system.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
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

/// Something else than JSON that is broadcast.
struct temperature {
  std::int64_t degrees = 0;
  BEAMLINE_MESSAGE(temperature, "test.temperature", 1, degrees)
};
constexpr pubsub::topic_name<temperature, pubsub::topic_class::last_value> outside{"outside"};

/// Broadcasts it, here.
class thermometer final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers(
        [this](const temperature& m) { CHECK(pubsub::system_of(env()).local_broadcast(*this, outside(), m)); });
  }
};

/// Calls `pubsub.broadcast` of its own node.
class caller final : public process {
public:
  caller(process_context& c, pubsub::broadcast_request what, std::optional<bool>& outcome)
      : process{c}, what_{std::move(what)}, outcome_{outcome} {}
  behavior init() override {
    net::rpc::call<void>(*this, env().self()->name, what_, 1s)
        .then([this] { outcome_ = true; }, [this](const net::rpc::failure&) { outcome_ = false; });
    return handlers();
  }

private:
  pubsub::broadcast_request what_;
  std::optional<bool>& outcome_;
};

testing::world& with_messages(testing::world& w) {
  w.contract().add<pubsub::json_message, temperature>();
  return w;
}

/// A node with calls, topics and its verbs, without links: what it asks it asks itself (D78).
struct fixture {
  explicit fixture(testing::world& world) : w{world} {
    n.env().provide(n.own<supervision::partition_directory>());
    n.env().provide(n.own<pubsub::directory>());
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
  pid start_topics(std::string name = std::string{pubsub::default_system}) {
    pubsub::system_options o;
    o.name = std::move(name);
    auto p = n.spawn<supervision::supervisor>(supervision::supervisor_spec{.children = {pubsub::child_system(o)}});
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
  testing::simulated_node& n = with_messages(w).start_node();
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
  CHECK(f.ok({.verb = "call", .positional = {self, "net.link_ping", "{}"}})["value"].is_null());
  auto all = f.ok({.verb = "call", .positional = {self}});
  CHECK(contains(all["text"].get<std::string>(), "pubsub.broadcast(kind: u, message: string"));
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

TEST_CASE("subscribe shows what broadcast tells, JSON and text, and other messages as their text") {
  testing::world w;
  fixture f{w};
  f.start_topics();
  auto before = f.processes();
  auto sink = f.begin({.verb = "subscribe", .positional = {"demo", "2"}});
  auto other = f.begin({.verb = "subscribe", .positional = {"outside", "1"}});
  w.run();
  f.ok({.verb = "broadcast", .positional = {"demo", R"({"hello":"there"})"}});
  f.ok({.verb = "broadcast", .positional = {"other", "1"}});
  f.ok({.verb = "broadcast", .positional = {"demo", "a text"}});
  auto by = f.n.spawn<thermometer>();
  f.n.cast(by, temperature{-4});
  w.run();
  CHECK(sink->items == std::vector<json>{json{{"hello", "there"}}, "a text"});
  REQUIRE(sink->result.has_value());
  CHECK((*sink->result)["count"] == 2);
  CHECK(other->items == std::vector<json>{json{{"message", "test.temperature{degrees: -4}"}}});
  f.n.kill(by);
  w.advance(1s);
  CHECK(f.processes() == before);
  CHECK(f.fails({.verb = "broadcast", .positional = {std::string(256, 't'), "1"}}).code == errc::invalid);
}

TEST_CASE("a subscription ends with its client, and with the PubSub system") {
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
  f.n.exit(topics, reason::shutdown());
  w.advance(2 * listener_interval);
  REQUIRE(stays->failed);
  CHECK(*stays->failed == error{errc::unavailable, "the PubSub system \"main\" does not run on this node"});
}

TEST_CASE("pubsub.broadcast reaches the subscribers of whichever system, with JSON or any message") {
  testing::world w;
  fixture f{w};
  f.start_topics();
  f.start_topics("other");
  f.start_rpc();
  auto sink = f.begin({.verb = "subscribe", .positional = {"demo"}});
  w.run();
  const auto& self = f.n.name();
  auto call = [&](json arguments) {
    return request{.verb = "call", .positional = {self, "pubsub.broadcast", arguments.dump()}};
  };
  CHECK(f.ok(call({{"system", "main"}, {"topic", "demo"}, {"message", "[1,2]"}}))["value"].is_null());
  CHECK(sink->items == std::vector<json>{json::array({1, 2})});
  CHECK(f.ok(call({{"system", "other"}, {"topic", "demo"}, {"message", "3"}}))["value"].is_null());
  CHECK(sink->items.size() == 1);
  // As an application would: typed, and of a class.
  auto r = pubsub::broadcast_request_of("other", outside(), temperature{7});
  std::optional<bool> is_told;
  f.n.spawn<caller>(r, is_told);
  w.advance(1s);
  CHECK(is_told == std::optional{true});
  auto kept = pubsub::system_of(f.n.env(), "other").last_value("outside");
  REQUIRE_FALSE(kept.empty());
  CHECK(kept.get_as<temperature>(0).degrees == 7);
  CHECK(pubsub::system_of(f.n.env()).last_value("outside").empty());

  struct refusal {
    json arguments;
    std::string said;
  };
  for (const auto& [arguments, said] :
       {refusal{{{"system", "third"}, {"topic", "demo"}, {"message", "1"}}, "no PubSub system \"third\" runs on"},
        refusal{{{"system", "main"}, {"topic", "demo"}, {"message", "{"}}, "message: "},
        refusal{{{"system", "main"}, {"topic", ""}, {"message", "1"}}, "a topic has 1 to 255 octets"},
        refusal{{{"system", "main"}, {"topic", "t"}, {"message", "1"}, {"name", ""}, {"kind", 2}}, "kind is 2"},
        refusal{{{"system", "main"}, {"topic", "t"}, {"message", "1"}, {"name", "no.such"}}, "no.such"}}) {
    auto e = f.fails(call(arguments));
    CHECK_MESSAGE(contains(e.message, said), e.message);
  }
}

TEST_CASE("a node without discovery says so") {
  testing::world w;
  fixture f{w};
  for (const char* what : {"status", "refresh"}) {
    auto e = f.fails({.verb = "discovery", .positional = {what}});
    CHECK(e == error{errc::unavailable, "the process discovery does not run on this node"});
  }
}
