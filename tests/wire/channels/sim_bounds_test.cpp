// Users' channels on simulated nodes: what happens at the bounds.
#include "wire/channels/house.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

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

TEST_CASE("a channel whose full mailbox refuses what its client sent is ended and told of, and holds nobody up") {
  world w;
  house h{w};
  auto b = h[0].open();
  b.join("room:narrow");
  w.run();
  const auto who = h[0].only_channel();
  (void)b.news();
  for (int i = 0; i < 4; ++i)
    h[0].node.cast(who, note{i});
  SUBCASE("an event") { b.push("anything", json::object(), "7", "1", "room:narrow"); }
  SUBCASE("more events than a connection is read from with") {
    for (std::size_t i = 0; i < 2 * web::channels::connection::unhandled_events_max; ++i)
      b.say(json::array({"1", nullptr, "room:narrow", "anything", json::object()}));
  }
  SUBCASE("that the client reads again") { b.handler->on_drained(); }
  CHECK_FALSE(b.socket->is_paused);
  CHECK(b.news().at(0) == R"(["1","1","room:narrow","phx_error",{"reason":"channel_crash"}])");
  b.join("room:narrow", json::object(), "9");
  w.run();
  CHECK(b.socket->sent.back().starts_with(R"(["9","9","room:narrow","phx_reply",{"status":"ok")"));
  CHECK(h[0].only_channel() != who);
  // Nothing of the old one counts any more.
  for (std::size_t i = 0; i < 3; ++i)
    b.push("anything", json::object(), "10", "9", "room:narrow");
  w.run();
  CHECK(b.socket->sent.back() == R"(["9","10","room:narrow","phx_reply",{"status":"ok","response":{}}])");
  CHECK_FALSE(b.socket->is_paused);
}

TEST_CASE("a client whose large messages are not handled yet is not read from, however few they are") {
  world w;
  house h{w};
  auto b = h[0].open();
  b.join();
  w.run();
  const auto large = json{{"text", std::string(500'000, 'x')}};
  b.push("echo", large);
  b.push("echo", large);
  CHECK_FALSE(b.socket->is_paused);
  b.push("echo", large);
  CHECK(b.socket->is_paused);
  (void)b.news();
  w.run();
  CHECK_FALSE(b.socket->is_paused);
  CHECK(b.news().size() == 3);
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
  // Nor is there for a connection that could not be thrown out.
  auto refused = h[0].try_accept("user=ann");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == errc::busy);
  w.run();
  CHECK(h[0].channels() == 1);
}
