// Users' channels on simulated nodes: broadcasts between nodes, the fast lane, the bounds, and the order of everything
// over many schedules.
#include "net/linked_nodes.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/presence/presence.hpp"
#include "pubsub/system.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
#include "web/channels/connection.hpp"
#include "web/channels/events.hpp"
#include "web/channels/user_socket.hpp"
#include "wire/room_channel.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;
using beamline::testing::for_each_seed;
using beamline::testing::linked_nodes;
using beamline::testing::simulated_node;
using beamline::testing::world;

namespace {

/// A browser's end: keeps what it is sent.
struct recording_socket final : web::socket {
  void send(web::frame f) override {
    bodies.push_back(f.body);
    sent.push_back(f.head + (f.body ? *f.body : "") + f.tail);
  }
  void close(std::uint16_t c, std::string_view) override { code = code == 0 ? c : code; }
  [[nodiscard]] std::size_t pending_bytes() const override { return pending; }
  [[nodiscard]] bool writable() const override { return true; }
  void pause_reading() override {}
  void resume_reading() override {}
  [[nodiscard]] bool is_open() const override { return code == 0; }

  std::vector<std::string> sent;
  std::vector<std::shared_ptr<const std::string>> bodies;
  std::uint16_t code = 0;
  std::size_t pending = 0;
};

struct browser {
  std::shared_ptr<recording_socket> socket = std::make_shared<recording_socket>();
  std::unique_ptr<web::socket_handler> handler;

  void say(const json& message) const { handler->on_text(dump_json(message)); }
  void join(const std::string& topic = "room:1", const json& params = json::object(), const char* ref = "1") const {
    say(json::array({ref, ref, topic, "phx_join", params}));
  }
  void push(const std::string& name, const json& payload, const char* ref = "7", const char* join_ref = "1",
            const std::string& topic = "room:1") const {
    say(json::array({join_ref, ref, topic, name, payload}));
  }
  /// What came since the last time.
  [[nodiscard]] std::vector<std::string> news() { return std::exchange(socket->sent, {}); }
  /// All but replies.
  [[nodiscard]] std::vector<std::string> pushes() const {
    std::vector<std::string> out;
    for (const auto& text : socket->sent)
      if (text.find("phx_reply") == std::string::npos)
        out.push_back(text);
    return out;
  }
};

/// Sleeps through every broadcast it looks at.
class sleepy_channel final : public web::channel {
public:
  using channel::channel;
  web::join_answer join(const std::string&, const json&) override {
    intercept({"filtered"});
    return web::join_ok{};
  }
  void handle_out(const std::string&, const payload&) override { beamline::testing::block(1s); }
};

/// Casts to a channel, and broadcasts to channels, what it is told to.
struct act {
  std::function<void(process&)> run;
};
class actor final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const act& m) { m.run(*this); });
  }
};

/// Shows who is there, and shows its client, unless that only watches.
class present_channel final : public web::channel {
public:
  using channel::channel;
  web::join_answer join(const std::string&, const json& params) override {
    if (const auto* key = find_string(params, "key"))
      key_ = *key;
    if (find_bool(params, "intercept"))
      intercept({std::string{web::channels::presence_diff_event}});
    return web::join_ok{};
  }
  void joined() override {
    if (!key_.empty())
      track_presence(key_, json::object());
    push_presence_state();
  }
  void handle_in(const std::string& event, const payload&, web::reply_to r) override {
    if (event == "track twice")
      track_presence(key_, json::object());
    else
      update_presence(
          key_,
          [](json) {
            return json{{"st", "away"}};
          },
          [r](const std::string&) { r.ok(); });
  }
  void handle_out(const std::string&, const payload& p) override {
    push("seen", json{{"joins", as_json(p).at("joins").size()}});
  }

private:
  std::string key_;
};

struct note {
  int n = 0;
};
class noting_channel final : public web::channel {
public:
  using channel::channel;
  web::join_answer join(const std::string&, const json&) override { return web::join_ok{}; }
  behavior messages() override {
    return handlers([this](const note& m) { push("note", json{{"n", m.n}}); }, [](const std::string&) { return 7L; });
  }
};

/// A node with user sockets.
struct site {
  simulated_node& node;
  web::router routes;
  std::unique_ptr<web::user_socket> sockets;
  supervision::nursery nursery{{.label = "channel"}};
  pid helper;

  explicit site(simulated_node& n, web::user_socket::options o, pubsub::system_options pubsub) : node{n} {
    web::add_channels_to(pubsub);
    auto presence = presence::presence_options{};
    presence.dispatcher = web::channels::dispatcher_name;
    n.spawn<supervision::supervisor>(supervision::supervisor_spec{
        .children = {pubsub::child_system(std::move(pubsub)), presence::child_presence(std::move(presence)),
                     supervision::child_dynamic_supervisor(
                         "channels", supervision::dynamic_supervisor_spec{.births = nursery.state()})}});
    helper = n.spawn<actor>();
    o.processes = nursery;
    if (o.channels.empty())
      o.channels = {web::channel_at<sleepy_channel>("room:sleepy"), web::channel_at<noting_channel>("room:notes"),
                    web::channel_at<present_channel>("room:here"), web::channel_at<room_channel>("room:*")};
    o.connect = [](const web::request&, web::socket_assigns& s) -> result<void> {
      if (const auto* user = find_string(s.params, "user"))
        s.id = "user:" + *user;
      return {};
    };
    sockets = std::make_unique<web::user_socket>(n.get(), std::move(o));
    sockets->connect(routes, "/socket/websocket");
  }

  [[nodiscard]] std::unique_ptr<web::socket_handler> accept(const std::string& query = {}) {
    auto req = web::request{};
    req.query_text = query;
    req.route = "/socket/websocket";
    auto made = (*routes.find(web::http_method::get, {"socket", "websocket"}).accept)(req);
    REQUIRE(made.ok());
    return std::move(made).value();
  }
  [[nodiscard]] browser open(const std::string& query = {}) {
    auto b = browser{};
    b.handler = accept(query);
    b.handler->on_open(b.socket);
    return b;
  }
  void act_as_process(std::function<void(process&)> run) { node.cast(helper, act{std::move(run)}); }
  [[nodiscard]] std::size_t channels() {
    const auto all = node.processes().list(node.env().time().now());
    return static_cast<std::size_t>(std::ranges::count(all, "channel", &process_info::label));
  }
};

/// Simulated nodes with user sockets, linked.
struct house {
  world& w;
  linked_nodes net;
  std::vector<std::unique_ptr<site>> sites;

  explicit house(world& of, std::vector<std::string> names = {"one@sim"}, const web::user_socket::options& o = {},
                 const pubsub::system_options& pubsub = {})
      : w{of}, net{w, names} {
    web::add_channel_messages(w.contract());
    for (const auto& name : names) {
      auto& n = w.start_node(name);
      n.env().provide(n.own<supervision::partition_directory>());
      n.env().provide(n.own<pubsub::directory>());
      n.env().provide(n.own<presence::trackers>());
      net.join(n, "any");
      sites.push_back(std::make_unique<site>(n, o, pubsub));
      w.run();
    }
    for (std::size_t i = 1; i < sites.size(); ++i)
      net.connect(sites[0]->node, sites[i]->node);
    w.advance(500ms);
  }
  site& operator[](std::size_t i) { return *sites[i]; }
};

const std::string ok_of_7 = R"(["1","7","room:1","phx_reply",{"status":"ok","response":{}}])";

}  // namespace

TEST_CASE("a broadcast reaches the clients of all nodes, with the same octets, broadcast_from all but its sender") {
  for_each_seed(20, [](world& w) {
    house h{w, {"a@sim", "b@sim"}};
    auto ann = h[0].open();
    auto bob = h[0].open();
    auto eve = h[1].open();
    for (auto* b : {&ann, &bob, &eve})
      b->join();
    w.run();
    for (auto* b : {&ann, &bob, &eve})
      CHECK(b->news().size() == 1);
    ann.push("say", {{"text", "hi"}});
    w.advance(100ms);
    const auto said = std::string{R"([null,null,"room:1","said",{"text":"hi"}])"};
    CHECK(ann.news() == std::vector<std::string>{said, ok_of_7});
    CHECK(bob.news() == std::vector<std::string>{said});
    CHECK(eve.news() == std::vector<std::string>{said});
    ann.push("say to others", {{"text", "hi"}});
    w.advance(100ms);
    CHECK(ann.news() == std::vector<std::string>{ok_of_7});
    CHECK(bob.news() == std::vector<std::string>{said});
    CHECK(eve.news() == std::vector<std::string>{said});
  });
}

TEST_CASE("octets cross nodes unchanged") {
  world w;
  house h{w, {"a@sim", "b@sim"}};
  auto ann = h[0].open();
  auto eve = h[1].open();
  ann.join();
  eve.join();
  w.run();
  const auto data = std::string{"\0\xff\n\"", 4};
  ann.handler->on_binary(std::string{"\0\1\1\6\14"
                                     "17room:1shout octets",
                                     25}
                         + data);
  w.advance(100ms);
  REQUIRE(eve.socket->sent.size() == 2);
  CHECK(eve.socket->sent[1]
        == std::string{"\2\6\6"
                       "room:1octets",
                       15}
               + data);
}

TEST_CASE("D113 one broadcast is encoded once for all sockets of a node, and not kept for the next") {
  world w;
  house h{w};
  auto all = std::vector<browser>(5);
  for (auto& b : all) {
    b = h[0].open();
    b.join();
  }
  w.run();
  all[0].push("say", {{"n", 1}});
  all[0].push("say", {{"n", 2}});
  w.run();
  auto bodies_of = [](const browser& b) {
    auto out = b.socket->bodies;
    std::erase(out, nullptr);
    return out;
  };
  const auto first = bodies_of(all[0]);
  REQUIRE(first.size() == 2);
  CHECK(*first[0] == R"([null,null,"room:1","said",{"n":1}])");
  CHECK(*first[1] == R"([null,null,"room:1","said",{"n":2}])");
  for (const auto& b : all)
    CHECK(bodies_of(b) == first);  // The same octets in memory.
}

TEST_CASE("processes that are no channels broadcast to channels, and subscribe beside them") {
  world w;
  house h{w};
  auto ann = h[0].open();
  ann.join();
  w.run();
  struct listener final : process {
    listener(process_context& c, std::vector<std::string>& to) : process{c}, heard{to} {}
    behavior init() override {
      auto ok = pubsub::system_of(env()).subscribe(self(), "room:1");
      if (!ok)
        throw std::runtime_error{ok.error().message};
      return handlers([this](const web::channels::channel_broadcast& m) { heard.push_back(m.event + m.payload); });
    }
    std::vector<std::string>& heard;
  };
  std::vector<std::string> heard;
  h[0].node.spawn<listener>(heard);
  w.run();
  auto outcome = std::vector<std::string>{};
  h[0].act_as_process([&](process& p) {
    for (const auto* event : {"news", "phx_error", ""}) {
      auto done = web::broadcast_to_channels(p, "room:1", event, json{{"n", 1}});
      outcome.push_back(done ? "" : done.error().message);
    }
  });
  w.run();
  CHECK(outcome
        == std::vector<std::string>{
            "", "an event cannot be called \"phx_error\": names that begin with phx_ are the protocol's own",
            "an event needs a name"});
  CHECK(heard == std::vector<std::string>{R"(news{"n":1})"});
  CHECK(ann.socket->sent.back() == R"([null,null,"room:1","news",{"n":1}])");
}

TEST_CASE("a broadcast that does not come through the dispatcher of channels reaches the client all the same") {
  world w;
  house h{w};
  auto ann = h[0].open();
  auto picky = h[0].open();
  ann.join();
  picky.join("room:1", {{"intercept", true}});
  w.run();
  h[0].act_as_process([](process& p) {
    for (int i = 0; i < 3; ++i)
      (void)pubsub::system_of(p.env()).broadcast(
          p, "room:1", pubsub::topic_class::fire_and_forget,
          share(web::channels::make_broadcast("filtered", json{{"n", i}}).value()));
  });
  w.run();
  CHECK(ann.socket->sent.back() == R"([null,null,"room:1","filtered",{"n":2}])");
  CHECK(picky.socket->sent.back() == R"(["1",null,"room:1","filtered",{"n":2,"seen by":"handle_out"}])");
}

TEST_CASE("broadcasts of one channel reach every client in their order, among its own pushes, in any schedule") {
  for_each_seed(100, [](world& w) {
    house h{w};
    auto ann = h[0].open();
    auto bob = h[0].open();
    ann.join();
    bob.join();
    w.run();
    (void)ann.news();
    (void)bob.news();
    for (int i = 0; i < 10; ++i) {
      ann.push("say", {{"n", i}});
      ann.push("push", {{"event", "own"}, {"payload", {{"n", i}}}});
    }
    w.run();
    const auto at_bob = bob.pushes();
    const auto at_ann = ann.pushes();
    REQUIRE(at_bob.size() == 10);
    REQUIRE(at_ann.size() == 20);
    for (std::size_t i = 0; i < 10; ++i) {
      const auto n = R"({"n":)" + std::to_string(i) + "}]";
      CHECK(at_bob[i] == R"([null,null,"room:1","said",)" + n);
      CHECK(at_ann[2 * i] == at_bob[i]);
      CHECK(at_ann[2 * i + 1] == R"(["1",null,"room:1","own",)" + n);
    }
  });
}

TEST_CASE("no broadcast reaches a client between its join and the answer, whatever others do meanwhile") {
  for_each_seed(100, [](world& w) {
    house h{w};
    auto ann = h[0].open();
    auto bob = h[0].open();
    ann.join();
    w.run();
    for (int i = 0; i < 5; ++i)
      ann.push("say", {{"n", i}});
    bob.join();
    for (int i = 5; i < 10; ++i)
      ann.push("say", {{"n", i}});
    w.run();
    REQUIRE_FALSE(bob.socket->sent.empty());
    CHECK(bob.socket->sent.front().starts_with(R"(["1","1","room:1","phx_reply",{"status":"ok")"));
    // And from the first that it got on it got all.
    const auto got = bob.pushes();
    for (std::size_t i = 0; i < got.size(); ++i)
      CHECK(got[got.size() - 1 - i] == R"([null,null,"room:1","said",{"n":)" + std::to_string(9 - i) + "}]");
  });
}

TEST_CASE("joins, leaves, crashes and rejoins in any schedule leave exactly the channels that are joined") {
  for_each_seed(100, [](world& w) {
    house h{w};
    auto random = seeded_random{w.seed()};
    auto b = h[0].open();
    auto refs = std::map<std::string, int>{};
    auto ref = 0;
    for (int i = 0; i < 60; ++i) {
      const auto topic = "room:" + std::to_string(random.next() % 3);
      const auto number = std::to_string(++ref);
      switch (random.next() % 5) {
        case 0:
        case 1:
          b.join(topic, json::object(), number.c_str());
          refs[topic] = ref;
          break;
        case 2:
          if (refs.erase(topic) > 0)
            b.say(json::array({nullptr, number, topic, "phx_leave", json::object()}));
          break;
        case 3:
          if (auto joined = refs.find(topic); joined != refs.end()) {
            b.push(random.next() % 2 == 0 ? "crash" : "stop", json::object(), number.c_str(),
                   std::to_string(joined->second).c_str(), topic);
            refs.erase(joined);
          }
          break;
        default:
          for (auto steps = random.next() % 20; steps > 0; --steps)
            (void)w.step();
      }
    }
    w.run();
    CHECK(b.socket->code == 0);
    CHECK(h[0].channels() == refs.size());
    (void)b.news();
    for (const auto& [topic, join_ref] : refs) {
      b.push("count", json::object(), "last", std::to_string(join_ref).c_str(), topic);
      w.run();
      CHECK(b.news()
            == std::vector<std::string>{"[\"" + std::to_string(join_ref) + R"(","last",")" + topic
                                        + R"(","phx_reply",{"status":"ok","response":{"n":1}}])"});
    }
    b.handler->on_closed({});
    w.run();
    CHECK(h[0].channels() == 0);
  });
}

TEST_CASE("disconnect reaches the connections of all nodes, in any schedule, also those that are about to open") {
  for_each_seed(100, [](world& w) {
    house h{w, {"a@sim", "b@sim"}};
    auto here = h[0].open("user=ann");
    auto there = h[1].open("user=ann");
    auto bob = h[1].open("user=bob");
    there.join();
    auto early = browser{};
    early.handler = h[0].accept("user=ann");
    w.run();
    h[0].act_as_process([](process& p) { REQUIRE(web::disconnect_socket(p, "user:ann")); });
    w.advance(100ms);
    CHECK(here.socket->code == 1001);
    CHECK(there.socket->code == 1001);
    CHECK(bob.socket->code == 0);
    early.handler->on_open(early.socket);
    CHECK(early.socket->code == 1001);
    for (auto* b : {&here, &there, &early})
      b->handler->on_closed({});
    w.run();
    CHECK(h[0].channels() == 0);
    CHECK(h[1].channels() == 1);  // What waits for bob's.
  });
}

TEST_CASE("a connection that never opens leaves nothing behind") {
  world w;
  house h{w};
  auto handler = h[0].accept("user=ann");
  w.run();
  CHECK(h[0].channels() == 1);
  handler.reset();
  w.run();
  CHECK(h[0].channels() == 0);
}

TEST_CASE("a channel that cannot keep up with what it intercepts is ended and told of, and others hear everything") {
  world w;
  house h{w};
  auto overruns = std::vector<std::string>{};
  auto watch = h[0].node.env().events().attach<web::channels::channel_overrun>(
      [&](const auto& e) { overruns.push_back(std::string{e.topic} + " " + std::to_string(e.limit)); });
  auto sleepy = h[0].open();
  auto awake = h[0].open();
  sleepy.join("room:sleepy");
  awake.join("room:sleepy", json::object(), "2");
  w.run();
  // The second one is as sleepy, but nothing that passes the fast lane asks it.
  constexpr auto count = web::channels::fast_lane::intercepted_waiting_max + 100;
  h[0].act_as_process([](process& p) {
    for (std::int64_t i = 0; i < count; ++i)
      (void)web::broadcast_to_channels(p, "room:sleepy", i % 2 == 0 ? "filtered" : "plain", json{{"n", i}});
    for (std::int64_t i = 0; i < count; ++i)
      (void)web::broadcast_to_channels(p, "room:sleepy", "filtered", json{{"n", i}});
  });
  w.advance(3h);
  CHECK(overruns == std::vector<std::string>{"room:sleepy 1024", "room:sleepy 1024"});
  for (auto* b : {&sleepy, &awake}) {
    CHECK(b->socket->sent.back().find("phx_error") != std::string::npos);
    CHECK(b->socket->code == 0);
    CHECK(std::ranges::count_if(b->socket->sent,
                                [](const std::string& t) { return t.find("\"plain\"") != std::string::npos; })
          == count / 2);
  }
  CHECK(h[0].channels() == 0);
  sleepy.join("room:sleepy", json::object(), "9");
  w.run();
  CHECK(sleepy.socket->sent.back().starts_with(R"(["9","9","room:sleepy","phx_reply",{"status":"ok")"));
}

TEST_CASE("D178 presence_diff reaches all clients of a node as the same octets, presence_state each joiner") {
  world w;
  house h{w, {"a@sim", "b@sim"}};
  auto watcher = h[0].open();
  auto second = h[0].open();
  auto picky = h[0].open();
  auto far = h[1].open();
  watcher.join("room:here");
  second.join("room:here");
  picky.join("room:here", {{"intercept", true}});
  far.join("room:here");
  w.advance(1s);
  CHECK(watcher.pushes() == std::vector<std::string>{R"(["1",null,"room:here","presence_state",{}])"});
  for (auto* b : {&watcher, &second, &picky, &far})
    (void)b->news();
  watcher.socket->bodies.clear();
  second.socket->bodies.clear();

  auto ann = h[0].open();
  ann.join("room:here", {{"key", "ann"}});
  w.advance(5s);
  REQUIRE(watcher.socket->sent.size() == 1);
  const auto join = json::parse(watcher.socket->sent[0]);
  CHECK(join[0].is_null());
  CHECK(join[3] == "presence_diff");
  CHECK(join[4]["joins"]["ann"]["metas"].size() == 1);
  CHECK(join[4]["leaves"] == json::object());
  CHECK(second.socket->sent == watcher.socket->sent);
  CHECK(second.socket->bodies == watcher.socket->bodies);
  CHECK(watcher.socket->bodies[0] != nullptr);
  CHECK(picky.news() == std::vector<std::string>{R"(["1",null,"room:here","seen",{"joins":1}])"});
  CHECK(far.news() == watcher.news());
  auto late = h[1].open();
  late.join("room:here");
  w.advance(1s);
  CHECK(json::parse(late.pushes().at(0))[4]["ann"]["metas"].size() == 1);

  ann.push("away", json::object(), "7", "1", "room:here");
  w.advance(5s);
  const auto update = json::parse(watcher.news().at(0))[4];
  CHECK(update["joins"]["ann"]["metas"][0]["st"] == "away");
  CHECK(update["joins"]["ann"]["metas"][0]["phx_ref_prev"] == update["leaves"]["ann"]["metas"][0]["phx_ref"]);
  ann.handler->on_closed({});
  w.advance(5s);
  const auto leave = json::parse(watcher.news().at(0))[4];
  CHECK(leave["joins"] == json::object());
  CHECK(leave["leaves"]["ann"]["metas"].size() == 1);
}

TEST_CASE("a channel whose presence goes wrong crashes, and its client joins again") {
  world w;
  house h{w};
  auto ann = h[0].open();
  ann.join("room:here", {{"key", "ann"}});
  w.advance(1s);
  ann.push("track twice", json::object(), "7", "1", "room:here");
  w.advance(1s);
  CHECK(ann.socket->sent.back() == R"(["1","1","room:here","phx_error",{"reason":"channel_crash"}])");
  ann.join("room:here", {{"key", "ann"}}, "9");
  w.advance(1s);
  CHECK(ann.socket->sent.back().find("\"ann\"") != std::string::npos);
  CHECK(ann.socket->code == 0);
}

TEST_CASE("a channel understands more messages than those of its client, calls as well") {
  world w;
  house h{w};
  auto b = h[0].open();
  b.join("room:notes");
  w.run();
  const auto all = h[0].node.processes().list(w.now());
  const auto one = std::ranges::find(all, "channel", &process_info::label);
  REQUIRE(one != all.end());
  const auto who = pid{h[0].node.env().self(), one->id};
  h[0].node.cast(who, note{5});
  w.run();
  CHECK(b.socket->sent.back() == R"(["1",null,"room:notes","note",{"n":5}])");
  CHECK(w.ask<long>(who, std::string{"how many?"}) == 7);
}

TEST_CASE("what a client that does not read is to be sent next ends its connection, and starts nothing more") {
  world w;
  auto o = web::user_socket::options{};
  o.outgoing_bytes_max = 1000;
  house h{w, {"one@sim"}, o};
  auto slow = std::vector<std::uint64_t>{};
  auto watch = h[0].node.env().events().attach<web::channels::connection_slow>([&](const auto& e) {
    slow.push_back(e.pending);
    slow.push_back(e.limit);
  });
  auto b = h[0].open();
  b.join();
  w.run();
  b.socket->pending = 1000;
  b.push("count", json::object());
  w.run();
  CHECK(b.socket->code == 0);
  b.socket->pending = 1001;
  SUBCASE("a reply") { b.push("count", json::object()); }
  SUBCASE("a broadcast") {
    h[0].act_as_process([](process& p) { (void)web::broadcast_to_channels(p, "room:1", "news", json::object()); });
  }
  SUBCASE("the close of an old join: the new one is not begun") { b.join("room:1", json::object(), "9"); }
  SUBCASE("a heartbeat") { b.say(json::array({nullptr, "8", "phoenix", "heartbeat", json::object()})); }
  w.run();
  CHECK(b.socket->code == 1008);
  CHECK(slow == std::vector<std::uint64_t>{1001, 1000});
  CHECK(h[0].channels() == 0);
}

TEST_CASE("without a PubSub system channels answer and push, and say why they do not broadcast") {
  world w;
  auto o = web::user_socket::options{};
  o.pubsub = "";
  house h{w, {"one@sim"}, o};
  auto b = h[0].open("user=ann");
  b.join();
  b.push("say", {{"text", "hi"}});
  w.run();
  CHECK(b.socket->sent.back().find("have no PubSub system") != std::string::npos);
  CHECK(h[0].channels() == 1);
}

TEST_CASE("a join on a node whose PubSub system has no room is refused as crashed") {
  world w;
  auto pubsub = pubsub::system_options{};
  pubsub.subscriptions_max = 1;
  house h{w, {"one@sim"}, {}, pubsub};
  auto first = h[0].open();
  auto second = h[0].open();
  first.join();
  w.run();
  second.join();
  w.run();
  CHECK(first.socket->sent.back().find("\"ok\"") != std::string::npos);
  CHECK(second.socket->sent.back().find("join crashed") != std::string::npos);
  CHECK(h[0].channels() == 1);
}
