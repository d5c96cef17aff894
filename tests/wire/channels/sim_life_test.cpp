// Users' channels on simulated nodes: how channels and connections come and go, over many schedules.
#include "wire/channels/house.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

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

TEST_CASE("disconnect reaches a connection from the moment in which it was accepted, in any schedule") {
  for_each_seed(50, [](world& w) {
    house h{w};
    auto ann = h[0].open("user=ann");
    h[0].act_as_process([](process& p) { REQUIRE(web::disconnect_socket(p, "user:ann")); });
    w.run();
    CHECK(ann.socket->code == 1001);
    ann.handler->on_closed({});
    w.run();
    CHECK(h[0].channels() == 0);
  });
}

TEST_CASE("a connection that dies while its joins are under way leaves nothing behind, in any schedule") {
  for_each_seed(50, [](world& w) {
    house h{w};
    auto random = seeded_random{w.seed()};
    auto b = h[0].open("user=ann");
    b.join("room:1");
    b.join("room:2", {{"later", 20}}, "2");
    b.join("room:3", {{"later", 20}, {"then_refuse", true}}, "3");
    b.join("room:here", {{"key", "ann"}}, "4");
    for (auto steps = random.next() % 40; steps > 0; --steps)
      (void)w.step();
    b.handler->on_closed({});
    b.handler.reset();
    w.advance(1s);
    CHECK(h[0].channels() == 0);
    CHECK(pubsub::system_of(h[0].node.env()).count().subscriptions == 0);
    auto late = h[0].open();
    late.join("room:here");
    w.advance(1s);
    CHECK(late.socket->sent.back() == R"(["1",null,"room:here","presence_state",{}])");
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

TEST_CASE("a channel understands more messages than those of its client, calls as well") {
  world w;
  house h{w};
  auto b = h[0].open();
  b.join("room:notes");
  w.run();
  const auto who = h[0].only_channel();
  h[0].node.cast(who, note{5});
  w.run();
  CHECK(b.socket->sent.back() == R"(["1",null,"room:notes","note",{"n":5}])");
  CHECK(w.ask<long>(who, std::string{"how many?"}) == 7);
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
