// Users' channels on simulated nodes: broadcasts between nodes and presence, in the order of everything over many
// schedules.
#include "wire/channels/house.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

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

TEST_CASE("a subscriber with metadata of another kind is no channel, and gets the message as it is") {
  world w;
  house h{w};
  auto ann = h[0].open();
  ann.join();
  w.run();
  struct listener final : process {
    listener(process_context& c, std::vector<std::string>& to) : process{c}, heard{to} {}
    behavior init() override {
      auto ok = pubsub::system_of(env()).subscribe(self(), "room:1",
                                                   {.metadata = std::make_shared<const std::string>("no channel")});
      if (!ok)
        throw std::runtime_error{ok.error().message};
      return handlers([this](const web::channels::channel_broadcast& m) { heard.push_back(m.event); });
    }
    std::vector<std::string>& heard;
  };
  std::vector<std::string> heard;
  h[0].node.spawn<listener>(heard);
  w.run();
  h[0].act_as_process([](process& p) { (void)web::broadcast_to_channels(p, "room:1", "news", json::object()); });
  w.run();
  CHECK(heard == std::vector<std::string>{"news"});
  CHECK(ann.socket->sent.back() == R"([null,null,"room:1","news",{}])");
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

namespace {

/// What that node lists there.
json listed(world& w, site& s) {
  return w.ask<json>(presence::presence_on(s.node.env(), "presence"), presence::state_of{"room:here"});
}

}  // namespace

TEST_CASE("a channel is shown again when the presence of its node is stopped and started in order") {
  for_each_seed(10, [](world& w) {
    house h{w, {"a@sim", "b@sim"}};
    auto ann = h[0].open();
    ann.join("room:here", {{"key", "ann"}});
    auto bob = h[0].open();
    bob.join("room:here", {{"key", "bob"}});
    w.advance(1s);
    ann.push("away", json::object(), "7", "1", "room:here");
    w.advance(1s);
    (void)w.ask<supervision::change_answer>(h[0].top, supervision::terminate_child{"presence:presence"});
    w.advance(1s);
    (void)w.ask<supervision::start_answer>(h[0].top, supervision::restart_child{"presence:presence"});
    w.advance(5s);
    for (auto& s : h.sites) {
      const auto list = listed(w, *s);
      REQUIRE(list.size() == 2);
      REQUIRE(list["ann"]["metas"].size() == 1);
      CHECK(list["ann"]["metas"][0]["st"] == "away");
      CHECK(list["bob"]["metas"].size() == 1);
    }
    for (auto* b : {&ann, &bob})
      for (const auto& text : b->socket->sent)
        CHECK(text.find("phx_error") == std::string::npos);
    // And once more, while one of them goes.
    h[0].node.exit(presence::presence_on(h[0].node.env(), "presence"), reason::kill());
    bob.handler->on_closed({});
    w.advance(5s);
    CHECK(listed(w, h[1]).size() == 1);
    CHECK(listed(w, h[1])["ann"]["metas"].size() == 1);
  });
}

TEST_CASE("a channel whose presence stays away crashes in the end, and its client joins again") {
  world w;
  house h{w};
  auto ann = h[0].open();
  ann.join("room:here", {{"key", "ann"}});
  w.advance(1s);
  (void)w.ask<supervision::change_answer>(h[0].top, supervision::terminate_child{"presence:presence"});
  w.advance(10s);
  CHECK(h[0].channels() == 1);
  w.advance(2min);
  CHECK(ann.socket->sent.back() == R"(["1","1","room:here","phx_error",{"reason":"channel_crash"}])");
  CHECK(h[0].channels() == 0);
  CHECK(ann.socket->code == 0);
}
