// Users' channels over real sockets: events, answers, pushes and broadcasts, and what telemetry hears of them.
#include "wire/channels/fixture.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

// -- events, replies, pushes ---------------------------------------------------------------

TEST_CASE("an event is answered with any status, at once, later, once, or not at all") {
  channel_site s;
  auto c = s.connect();
  join(c);
  CHECK(ask(c, event("room:1", "echo", {{"a", json::array({1, nullptr})}}, "7"))
        == R"(["1","7","room:1","phx_reply",{"status":"ok","response":{"a":[1,null]}}])");
  CHECK(ask(c, event("room:1", "answer", {{"status", "error"}, {"response", {{"why", 1}}}}, "8"))
        == R"(["1","8","room:1","phx_reply",{"status":"error","response":{"why":1}}])");
  CHECK(ask(c, event("room:1", "answer", {{"status", "perhaps"}, {"response", json::object()}}, "9"))
        == R"(["1","9","room:1","phx_reply",{"status":"perhaps","response":{}}])");
  c.send(masked_frame(1, event("room:1", "answer", {{"status", "late"}, {"response", {}}, {"after", 100}}, "10"))
         + masked_frame(1, event("room:1", "count", {}, "11")));
  CHECK(read(c).starts_with(R"(["1","11",)"));  // Is not held up by the late one.
  CHECK(read(c).starts_with(R"(["1","10","room:1","phx_reply",{"status":"late")"));
  c.send(masked_frame(1, event("room:1", "silence", {}, "12")));
  CHECK(is_quiet(c));
}

TEST_CASE("an event without a ref is handled, and its answer goes nowhere") {
  channel_site s;
  auto c = s.connect();
  join(c);
  c.send(masked_frame(1, R"(["1",null,"room:1","count",{}])"));
  CHECK(ask(c, event("room:1", "count", {}, "7")).find(R"("n":2)") != std::string::npos);
}

TEST_CASE("200 events in a row are answered in order") {
  channel_site s;
  auto c = s.connect();
  join(c);
  auto all = std::string{};
  for (int i = 1; i <= 200; ++i)
    all += masked_frame(1, event("room:1", "count", {}, std::to_string(100 + i)));
  c.send(all);
  for (int i = 1; i <= 200; ++i)
    REQUIRE(read(c)
            == R"(["1",")" + std::to_string(100 + i) + R"(","room:1","phx_reply",{"status":"ok","response":{"n":)"
                   + std::to_string(i) + "}}]");
}

TEST_CASE("a client that sends more than its rate is slowed down, and loses nothing") {
  auto o = channel_site::options{};
  o.messages = {.per_second = 200, .burst = 20};
  channel_site s{o};
  auto c = s.connect();
  join(c);
  const auto begun = s.time.now();
  for (int i = 1; i <= 100; ++i)
    c.send(masked_frame(1, event("room:1", "count", {}, std::to_string(100 + i))));
  for (int i = 1; i <= 100; ++i)
    REQUIRE(read(c).find(R"("n":)" + std::to_string(i) + "}") != std::string::npos);
  CHECK(is_quiet(c));  // What had been read already was answered at once; then it had to wait.
  CHECK(s.time.now() - begun >= 350ms);
  CHECK(s.logged("sends more than it may"));
}

TEST_CASE("pushes carry the join_ref and no ref, and leave in the order they were made") {
  channel_site s;
  auto c = s.connect();
  join(c);
  CHECK(ask(c, event("room:1", "push", {{"event", "news"}, {"payload", {{"n", 1}}}}, "7"))
        == R"(["1",null,"room:1","news",{"n":1}])");
  c.send(masked_frame(1, event("room:1", "flood", {{"count", 50}, {"octets", 10}}, "8"))
         + masked_frame(1, event("room:1", "count", {}, "9")));
  for (int i = 0; i < 50; ++i)
    REQUIRE(read(c) == R"(["1",null,"room:1","drop",{"text":"xxxxxxxxxx"}])");
  CHECK(read(c).starts_with(R"(["1","9",)"));
}

TEST_CASE("octets go both ways: push, reply and broadcast in the binary form") {
  channel_site s;
  auto c = s.connect();
  auto d = s.connect();
  join(c, "room:wire");
  join(d, "room:wire", json::object(), "22");
  const auto data = std::string{"\0\xff\nA", 4};
  c.send(masked_frame(2, octets_of("1", "b1", "room:wire", "echo", data)));
  auto reply = c.read_frame();
  REQUIRE(reply.has_value());
  CHECK(reply->op == 2);
  CHECK(reply->payload
        == std::string{"\x01\x01\x02\x09\x02"
                       "1b1room:wireok",
                       19}
               + data);

  c.send(masked_frame(2, octets_of("1", "b2", "room:wire", "push octets", data)));
  CHECK(c.read_frame()->payload
        == std::string{"\0\x01\x09\x06"
                       "1room:wireoctets",
                       20}
               + data);

  c.send(masked_frame(2, octets_of("1", "b3", "room:wire", "shout octets", data)));
  const auto shared = std::string{"\x02\x09\x06"
                                  "room:wireoctets",
                                  18}
                    + data;
  CHECK(c.read_frame()->payload == shared);
  CHECK(d.read_frame()->payload == shared);
  CHECK(read(c) == R"(["1","b3","room:wire","phx_reply",{"status":"ok","response":{}}])");
}

TEST_CASE("a large message in fragments is put together, and its answer is as large") {
  channel_site s;
  auto c = s.connect();
  join(c);
  const auto message = event("room:1", "echo", {{"text", std::string(200'000, 'y')}}, "7");
  c.send(masked_frame(1, message.substr(0, 60'000), false) + masked_frame(0, message.substr(60'000, 80'000), false)
         + masked_frame(0, message.substr(140'000)));
  auto answer = json::parse(read(c));
  CHECK(answer[4]["response"]["text"].get<std::string>().size() == 200'000);
}

// -- broadcasts ----------------------------------------------------------------------------

TEST_CASE("a broadcast reaches all who joined the topic with the same octets, broadcast_from all others") {
  channel_site s;
  auto a = s.connect();
  auto b = s.connect();
  auto elsewhere = s.connect();
  join(a, "room:1", json::object(), "1");
  join(b, "room:1", json::object(), "9");
  join(elsewhere, "room:2");
  a.send(masked_frame(1, event("room:1", "say", {{"text", "hi"}}, "7")));
  CHECK(read(a) == R"([null,null,"room:1","said",{"text":"hi"}])");
  CHECK(read(a) == ok_of_7);
  CHECK(read(b) == R"([null,null,"room:1","said",{"text":"hi"}])");

  CHECK(ask(a, event("room:1", "say to others", {{"text", "psst"}}, "7")) == ok_of_7);
  CHECK(read(b) == R"([null,null,"room:1","said",{"text":"psst"}])");
  CHECK(is_quiet(a));
  CHECK(is_quiet(elsewhere));
}

TEST_CASE("an intercepted broadcast passes handle_out of those who asked for it, in order with the others") {
  channel_site s;
  auto plain = s.connect();
  auto picky = s.connect();
  join(plain);
  join(picky, "room:1", {{"intercept", true}}, "2");
  CHECK(ask(plain, event("room:1", "say filtered", {{"n", 1}}, "7")) == R"([null,null,"room:1","filtered",{"n":1}])");
  CHECK(read(plain) == ok_of_7);
  CHECK(read(picky) == R"(["2",null,"room:1","filtered",{"n":1,"seen by":"handle_out"}])");
  CHECK(ask(plain, event("room:1", "say filtered", {{"hide", true}}, "7"))
        == R"([null,null,"room:1","filtered",{"hide":true}])");
  CHECK(ask(picky, event("room:1", "count", {}, "9", "2")).starts_with(R"(["2","9",)"));
  CHECK(is_quiet(picky));
}

TEST_CASE("names that the protocol keeps cannot be broadcast, and a push of one crashes its channel") {
  channel_site s;
  auto c = s.connect();
  join(c);
  for (const auto* name : {"phx_reply", "", "phx_error"})
    CHECK(ask(c, event("room:1", "say as", {{"event", name}, {"payload", json::object()}}, "7"))
              .starts_with(R"(["1","7","room:1","phx_reply",{"status":"error","response":{"reason":"an event )"));
  CHECK(ask(c, event("room:1", "push", {{"event", "phx_close"}, {"payload", {}}}, "8"))
        == R"(["1","1","room:1","phx_error",{"reason":"channel_crash"}])");
}

TEST_CASE("a channel may broadcast in its last turn, and is told why it ends") {
  channel_site s;
  auto other = s.connect();
  join(other);
  {
    auto c = s.connect();
    join(c, "room:1", {{"goodbye", true}}, "2");
    SUBCASE("left") {
      c.send(masked_frame(1, R"(["2","7","room:1","phx_leave",{}])"));
      CHECK(read(other) == R"([null,null,"room:1","gone",{"why":"shutdown: left"}])");
    }
    SUBCASE("stopped") {
      CHECK(ask(c, event("room:1", "stop", {}, "7", "2")) == R"(["2","2","room:1","phx_close",{}])");
      CHECK(read(other) == R"([null,null,"room:1","gone",{"why":"normal"}])");
    }
    SUBCASE("crashed") {
      c.send(masked_frame(1, event("room:1", "crash", {}, "7", "2")));
      CHECK(read(other) == R"([null,null,"room:1","gone",{"why":"crashed: asked to"}])");
    }
    SUBCASE("closed") {
      c.reset();
      CHECK(read(other) == R"([null,null,"room:1","gone",{"why":"shutdown: closed"}])");
    }
  }
}

// -- telemetry -----------------------------------------------------------------------------

TEST_CASE("joins and events are told to telemetry under the pattern of their route") {
  channel_site s;
  auto lines = journal{};
  auto joins = s.events.attach<web::channels::channel_joined>(
      [&](const auto& e) { lines.note("join " + std::string{e.route} + (e.is_accepted ? " accepted" : " refused")); });
  auto handled = s.events.attach<web::channels::event_handled>(
      [&](const auto& e) { lines.note("event " + std::string{e.route} + " " + std::string{e.event}); });
  auto c = s.connect();
  join(c);
  CHECK(lines.has("join room:* accepted"));
  (void)ask(c, event("room:1", "count", {}, "7"));
  CHECK(lines.has("event room:* count"));
  (void)ask(c, join_of("lobby", {{"refuse", "full"}}, "8"));
  CHECK(lines.has("join lobby refused"));
}
