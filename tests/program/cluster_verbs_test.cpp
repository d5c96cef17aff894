#include "base/json.hpp"
#include "net/discovery/note.hpp"
#include "program/cluster_verbs.hpp"
#include "program/cluster_verbs_text.hpp"
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
  json details;
  bool wants = true;

  control::taken item(const json& i) override {
    items.push_back(i);
    return control::taken::yes;
  }
  void succeed(const json& r) override { result = r; }
  void fail(const error& e, const json& d) override {
    failed = e;
    details = d;
  }
  bool is_wanted() const override { return wants; }
};

net::link_stats link_of(std::string name, bool is_hidden = false) {
  net::link_stats s;
  s.peer = {
      .identity = {std::move(name), 7}, .role = "accumulator", .version = "1", .connection = 3, .is_hidden = is_hidden};
  s.endpoint = "127.0.0.1:4401";
  s.up_for = 90s;
  s.latency = 250us;
  s.wire_octets_in = 1536;
  s.lanes.waiting_messages = {0, 2, 0, 40};
  s.lanes.broadcasts_dropped = 1000;
  s.lanes.refused = 5;
  return s;
}

/// A node whose links, calls and topics are what the test says.
struct fixture {
  explicit fixture(testing::world& world) : w{world} { add_cluster_verbs(verbs, n.get(), parts()); }

  cluster_verbs_parts parts() {
    cluster_verbs_parts p;
    p.stats = [this] { return links; };
    p.connect = [this](const net::endpoint& at, auto done) {
      dialled = at;
      done(connected);
    };
    p.disconnect = [this](std::string_view name) {
      ended = name;
      return result<bool>{name == "b@h"};
    };
    p.ban = [this](std::string_view name, duration lasts) -> result<void> {
      ended = std::string{name} + " for " + std::to_string(lasts / 1s);
      return {};
    };
    p.ping = [this](const std::string&, duration within, auto done) {
      given = within;
      w.advance(3ms);
      done(pong);
    };
    p.call = [this](const cluster_verbs_parts::procedure_call& c, auto done) {
      called = c;
      done(value);
    };
    p.procedures = [](const std::string&, duration, auto done) {
      done(json::parse(R"([{"name":"shop.get","request":{"slug":"string","most":"i"},"reply":"list<string>"},
                           {"name":"raw","request":"octets","reply":"octets"}])"));
    };
    p.run = [this](const std::string& node, const far_request& r, duration within, auto done) {
      ended = node;
      far = r;
      given = within;
      done(far_value);
    };
    p.subscribe = [this](const std::string& topic, cluster_verbs_parts::listener who) {
      tell = who.told;
      wanted = who.is_wanted;
      if (topic == "none")
        who.failed({errc::unavailable, "topics do not run"});
    };
    p.broadcast = [this](const std::string& topic, const json& m, auto done) {
      sent = {{topic, m}};
      done(result<void>{});
    };
    p.discovery = [this](bool is_refresh, auto done) {
      rounds += is_refresh ? 1 : 0;
      done(json{{"text", "nothing is known\n"}});
    };
    return p;
  }

  std::shared_ptr<memory> run(const request& r, duration within = 10s) {
    auto sink = std::make_shared<memory>();
    auto job = verbs.prepare(r);
    REQUIRE_MESSAGE(job.ok(), (job ? "" : job.error().message));
    verbs.run(*job, sink, job->what->options.is_stream ? time_point::max() : w.now() + within);
    return sink;
  }
  json ok(const request& r) {
    auto sink = run(r);
    REQUIRE_MESSAGE(sink->result.has_value(), (sink->failed ? sink->failed->message : "no answer"));
    return *sink->result;
  }
  error fails(const request& r) {
    auto sink = run(r);
    REQUIRE(sink->failed.has_value());
    return *sink->failed;
  }

  testing::world& w;
  testing::simulated_node& n = w.start_node();
  control::dispatcher verbs{n.env().log()};

  result<std::vector<net::link_stats>> links = std::vector{link_of("c@h"), link_of("b@h"), link_of("tool@h", true)};
  result<net::connect_outcome> connected = net::connect_outcome{net::connect_outcome::kind::connected, "b@h", {}};
  result<void> pong{};
  result<json> value = json{{"total", 4}};
  result<far_answer> far_value =
      far_answer{.is_ok = true, .value = R"({"text":"from afar\n"})", .code = {}, .message = {}, .details = {}};
  std::optional<net::endpoint> dialled;
  std::string ended;
  duration given{};
  std::optional<cluster_verbs_parts::procedure_call> called;
  std::optional<far_request> far;
  std::function<bool(const json&)> tell;
  std::function<bool()> wanted;
  json sent;
  int rounds = 0;
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
std::string text_of(const json& j) { return j.at("text").get<std::string>(); }

}  // namespace

TEST_CASE("nodes shows the visible links by name, with what waits and what was dropped") {
  testing::world w;
  fixture f{w};
  auto got = f.ok({.verb = "nodes"});
  CHECK(got["node"] == f.n.name());
  CHECK(got["count"] == 2);
  CHECK(got["nodes"][0]["name"] == "b@h");
  CHECK(got["nodes"][0]["latency_ms"] == 0.25);
  CHECK(got["nodes"][0]["incarnation"] == 7);
  CHECK(got["nodes"][0]["lanes"]["broadcast"]["waiting_messages"] == 40);
  CHECK(text_of(got)
        == "node  role         incarnation  up for  latency       in  out  waiting  dropped\n"
           "b@h   accumulator            7   1m30s    250us  1.5 KiB  0 B       42    1,005\n"
           "c@h   accumulator            7   1m30s    250us  1.5 KiB  0 B       42    1,005\n");
  CHECK(f.ok({.verb = "nodes", .positional = {"hidden"}})["nodes"][0]["name"] == "tool@h");
  CHECK(contains(text_of(f.ok({.verb = "nodes", .positional = {"all"}})), "tool@h (hidden)"));
  CHECK(contains(f.fails({.verb = "nodes", .positional = {"some"}}).message, "expected visible, hidden or all"));
}

TEST_CASE("nodes of a role, or with the same beginning of their names, are shown alone") {
  testing::world w;
  fixture f{w};
  auto names = [&](std::vector<std::string> words) {
    auto got = f.ok({.verb = "nodes", .positional = std::move(words)});
    std::string out;
    for (const auto& n : got.at("nodes"))
      out += n.at("name").get<std::string>() + " ";
    return out;
  };
  CHECK(names({"role=accumulator"}) == "b@h c@h ");
  CHECK(names({"role=event_horizon"}).empty());
  CHECK(names({"prefix=c"}) == "c@h ");
  CHECK(names({"visible", "prefix=b@"}) == "b@h ");
  CHECK(names({"prefix=tool"}).empty());
  CHECK(names({"all", "prefix=tool"}) == "tool@h ");
  CHECK(names({"prefix=tool", "hidden"}) == "tool@h ");
}

TEST_CASE("nodes of a node alone says so, and one without links says why") {
  testing::world w;
  fixture f{w};
  f.links = std::vector<net::link_stats>{};
  CHECK(text_of(f.ok({.verb = "nodes"})) == "no node is linked\n");
  f.links = error{errc::unavailable, "the links do not run"};
  CHECK(f.fails({.verb = "nodes"}) == error{errc::unavailable, "the links do not run"});
}

TEST_CASE("D29 connect tells who is there, and fails with the reason when there is no link") {
  testing::world w;
  fixture f{w};
  using kind = net::connect_outcome::kind;
  auto got = f.ok({.verb = "connect", .positional = {"[::1]:4401"}});
  CHECK(f.dialled == net::endpoint{"::1", 4401});
  CHECK(got["outcome"] == "connected");
  CHECK(text_of(got) == "linked with b@h\n");
  f.connected = net::connect_outcome{kind::already, "b@h", {}};
  CHECK(text_of(f.ok({.verb = "connect", .positional = {"h:1"}})) == "b@h was linked already\n");
  f.connected = net::connect_outcome{kind::self, {}, {}};
  CHECK(f.ok({.verb = "connect", .positional = {"h:1"}})["outcome"] == "self");
  for (auto [what, word] : {std::pair{kind::unreachable, "nobody answers at h:1"},
                            {kind::refused, "refuses"},
                            {kind::unproven, "cookie"},
                            {kind::unacceptable, "not who may be linked"},
                            {kind::stopped, "try again"}}) {
    f.connected = net::connect_outcome{what, {}, "because"};
    auto e = f.run({.verb = "connect", .positional = {"h:1"}});
    CHECK(contains(e->failed->message, word));
    CHECK(e->details["outcome"] == net::word_of(what));
    CHECK(e->details["detail"] == "because");
  }
  CHECK(contains(f.fails({.verb = "connect", .positional = {"nowhere"}}).message, "is not host:port"));
}

TEST_CASE("D36 disconnect ends a link, ban keeps a name out for a time") {
  testing::world w;
  fixture f{w};
  CHECK(f.ok({.verb = "disconnect", .positional = {"b@h"}})["node"] == "b@h");
  CHECK(f.fails({.verb = "disconnect", .positional = {"x@h"}}).code == errc::not_found);
  CHECK(text_of(f.ok({.verb = "ban", .positional = {"b@h", "90"}})) == "b@h is refused for 1m30s\n");
  CHECK(f.ended == "b@h for 90");
  CHECK(contains(f.fails({.verb = "ban", .positional = {"b@h", "0"}}).message, "expected 1 to 86,400"));
}

TEST_CASE("ping measures a call there and back, and says pang with the reason") {
  testing::world w;
  fixture f{w};
  auto got = f.ok({.verb = "ping", .positional = {"b@h"}});
  CHECK(text_of(got) == "pong after 3ms\n");
  CHECK(f.given == ping_time);
  f.pong = error{errc::unavailable, "b@h is not linked"};
  auto e = f.run({.verb = "ping", .positional = {"b@h"}}, 2s);
  CHECK(e->failed == error{errc::unavailable, "pang: b@h is not linked"});
  CHECK(e->details["answer"] == "pang");
  CHECK(f.given < 2s);  // It answers before the client gives up.
}

TEST_CASE("call passes JSON on to the procedure and shows its value") {
  testing::world w;
  fixture f{w};
  auto got = f.ok({.verb = "call", .positional = {"b@h", "get_stats", R"({"slug":"hello"})"}});
  CHECK(f.called->procedure == "get_stats");
  CHECK(f.called->arguments == json{{"slug", "hello"}});
  CHECK(got["value"] == json{{"total", 4}});
  CHECK(text_of(got) == "{\n  \"total\": 4\n}\n");
  f.ok({.verb = "call", .positional = {"b@h", "get_stats"}});
  CHECK(f.called->arguments == json::object());
  f.value = error{errc::unsupported, "b@h has no procedure get_stats"};
  CHECK(f.fails({.verb = "call", .positional = {"b@h", "get_stats"}}).code == errc::unsupported);
}

TEST_CASE("call without a procedure shows which there are") {
  testing::world w;
  fixture f{w};
  CHECK(text_of(f.ok({.verb = "call", .positional = {"b@h"}}))
        == "shop.get(most: i, slug: string) -> list<string>\nraw(octets) -> octets\n");
  CHECK_FALSE(f.called.has_value());
  CHECK(procedures_text(json::array()) == "it has no procedures\n");
}

TEST_CASE("via has another node carry out a verb") {
  testing::world w;
  fixture f{w};
  auto got =
      f.ok({.verb = "via",
            .arguments = {{"node", "b@h"}, {"verb", "tree"}, {"words", {"a", "b"}}, {"arguments", json::object()}}});
  CHECK(text_of(got) == "from afar\n");
  CHECK(f.ended == "b@h");
  CHECK(f.far->verb == "tree");
  CHECK(f.far->words == std::vector<std::string>{"a", "b"});
  CHECK(f.far->arguments.empty());
  f.ok({.verb = "via", .arguments = {{"node", "b@h"}, {"verb", "tree"}, {"arguments", {{"depth", 1}}}}});
  CHECK(f.far->arguments == R"({"depth":1})");
  f.far_value = error{errc::unavailable, "not linked"};
  CHECK(f.fails({.verb = "via", .positional = {"b@h", "tree"}}).message == "b@h: not linked");
  CHECK(contains(f.fails({.verb = "via", .positional = {"b@h", "tree", "word"}}).message, "expected a list of texts"));
}

TEST_CASE("subscribe shows messages as they come, and ends after so many") {
  testing::world w;
  fixture f{w};
  auto sink = f.run({.verb = "subscribe", .positional = {"stats", "2"}});
  CHECK(f.tell("one"));
  CHECK_FALSE(sink->result.has_value());
  CHECK_FALSE(f.tell(json{{"n", 2}}));
  CHECK(sink->items == std::vector<json>{"one", json{{"n", 2}}});
  CHECK((*sink->result)["count"] == 2);
  CHECK_FALSE(f.tell("three"));
  CHECK(sink->items.size() == 2);
}

TEST_CASE("subscribe ends when its time is over, and when nobody listens any more") {
  testing::world w;
  fixture f{w};
  auto sink = f.run({.verb = "subscribe", .arguments = {{"topic", "stats"}, {"for", 5}}});
  CHECK(f.wanted());
  w.advance(5s);
  CHECK_FALSE(f.wanted());
  CHECK((*sink->result)["count"] == 0);
  auto left = f.run({.verb = "subscribe", .positional = {"stats"}});
  left->wants = false;
  CHECK_FALSE(f.wanted());
  CHECK_FALSE(left->result.has_value());
  CHECK(f.fails({.verb = "subscribe", .positional = {"none"}}).code == errc::unavailable);
  CHECK(contains(f.fails({.verb = "subscribe", .positional = {"stats", "0"}}).message, "expected 1 to 1,000,000"));
}

TEST_CASE("broadcast takes JSON or a plain text") {
  testing::world w;
  fixture f{w};
  f.ok({.verb = "broadcast", .positional = {"stats", R"({"likes":3})"}});
  CHECK(f.sent == json{{"stats", {{"likes", 3}}}});
  f.ok({.verb = "broadcast", .positional = {"stats", "hello there"}});
  CHECK(f.sent == json{{"stats", "hello there"}});
}

TEST_CASE("discovery shows what is known, and begins a round when asked") {
  testing::world w;
  fixture f{w};
  CHECK(text_of(f.ok({.verb = "discovery"})) == "nothing is known\n");
  CHECK(f.rounds == 0);
  f.ok({.verb = "discovery", .positional = {"refresh"}});
  CHECK(f.rounds == 1);
  CHECK(f.fails({.verb = "discovery", .positional = {"dance"}}).code == errc::invalid);
}

TEST_CASE("a node without a part has none of its verbs") {
  testing::world w;
  auto& n = w.start_node();
  control::dispatcher verbs{n.env().log()};
  add_cluster_verbs(verbs, n.get(), {});
  for (const char* verb :
       {"nodes", "connect", "disconnect", "ban", "ping", "call", "via", "subscribe", "broadcast", "discovery"})
    CHECK_FALSE(verbs.prepare({.verb = verb}).ok());
}
