// Users' channels over real sockets: bad input, and clients that do not read.
#include "wire/channels/fixture.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

// -- bad input -----------------------------------------------------------------------------

TEST_CASE("what is no message closes that connection with 1011, and no other") {
  channel_site s;
  auto other = s.connect();
  join(other);
  const std::vector<std::string> bad{
      "{not json",
      "",
      R"({"topic":"room:1"})",
      R"("text")",
      "[]",
      R"(["1","2","room:1","echo"])",
      R"(["1","2",3,"echo",{}])",
      R"(["1","2","room:1",null,{}])",
      R"([1,"2","room:1","echo",{}])",
      R"(["1",2,"room:1","echo",{}])",
      R"(["1","2","room:1","echo",{}] x)",
      R"(["1","2","room:1","echo",{"a":1,"a":2}])",
      R"(["1","2","room:1","echo",{"a":1e999}])",
      R"(["1","2","room:1","echo",{"a":123456789012345678901234567890}])",
      R"(["1","2","room:1","echo","\ud800"])",
      R"(["1","2","room:1","echo",)" + std::string(100, '[') + std::string(100, ']') + "]",
      R"(["1","2",")" + std::string(256, 'a') + R"(","echo",{}])",
  };
  for (const auto& message : bad) {
    CAPTURE(message);
    auto c = s.connect();
    join(c, "room:2");
    c.send(masked_frame(1, message));
    CHECK(close_code_of(c) == 1011);
  }
  CHECK(is_quiet(other));
  CHECK(s.has_processes(1));
}

TEST_CASE("binary frames that are no push of a client close the connection with 1011") {
  channel_site s;
  const auto good = octets_of("1", "2", "room:1", "echo", "data");
  const std::vector<std::string> bad{
      "",
      std::string{"\0", 1},
      std::string{"\0\1\1", 3},
      good.substr(0, 9),
      "\x01" + good.substr(1),
      "\x02" + good.substr(1),
      "\x09" + good.substr(1),
      octets_of("1", "2", "room:\xff", "echo", "data"),
  };
  for (const auto& message : bad) {
    CAPTURE(message);
    auto c = s.connect();
    join(c);
    c.send(masked_frame(2, message));
    CHECK(close_code_of(c) == 1011);
  }
  CHECK(s.has_processes(0));
}

TEST_CASE("text that is not UTF-8, bad framing and too much close with their own codes, channels included") {
  channel_site s;
  auto c = s.connect();
  join(c);
  SUBCASE("1007") {
    c.send(masked_frame(1, "[\"\xff\"]"));
    CHECK(close_code_of(c) == 1007);
  }
  SUBCASE("1002") {
    c.send(masked_frame(3, "x"));
    CHECK(close_code_of(c) == 1002);
  }
  SUBCASE("1009") {
    const auto much = std::string(700'000, 'x');
    c.send(masked_frame(1, much, false) + masked_frame(0, much));
    CHECK(close_code_of(c) == 1009);
  }
  CHECK(s.has_processes(0));
}

TEST_CASE("an unknown event, and a payload of the wrong kind, crash that channel without a reply") {
  channel_site s;
  auto c = s.connect();
  join(c);
  const auto crash = R"(["1","1","room:1","phx_error",{"reason":"channel_crash"}])";
  SUBCASE("unknown event") { CHECK(ask(c, event("room:1", "unknown", {}, "7")) == crash); }
  SUBCASE("octets instead of JSON") {
    c.send(masked_frame(2, octets_of("1", "7", "room:1", "say", "abc")));
    CHECK(read(c) == crash);
  }
  SUBCASE("JSON instead of octets") { CHECK(ask(c, event("room:1", "push octets", {}, "7")) == crash); }
  SUBCASE("a missing key") { CHECK(ask(c, event("room:1", "push", {}, "7")) == crash); }
  SUBCASE("an event of the protocol's own") { CHECK(ask(c, event("room:1", "phx_reply", {}, "7")) == crash); }
  CHECK(is_quiet(c));
  CHECK(s.has_processes(0));
}

TEST_CASE("whatever JSON allows in a payload passes unchanged, and more than five elements are ignored") {
  channel_site s;
  auto c = s.connect();
  join(c);
  for (const auto* payload : {R"({"t":"\u0000"})", "\"\xe2\x80\xa8\"", "\"\xf0\x9f\x98\x80\"", "[1,2]", "null", "true",
                              "-0.5", R"({"__proto__":{"a":1}})", R"("\"\\/")"}) {
    CAPTURE(payload);
    c.send(masked_frame(1, R"(["1","7","room:1","echo",)" + std::string{payload} + R"(,"more"])"));
    auto answer = json::parse(read(c));
    CHECK(answer[4]["response"] == json::parse(payload));
  }
}

TEST_CASE("a client that sends without end before its join is answered loses the connection with 1008") {
  channel_site s;
  auto c = s.connect();
  c.send(masked_frame(1, join_of("room:1", {{"later", 3000}})));
  for (int i = 0; i < 65; ++i)
    c.send(masked_frame(1, event("room:1", "count", {}, "7")));
  CHECK(close_code_of(c) == 1008);
  CHECK(s.has_processes(0));
}

// -- a client that does not read -----------------------------------------------------------

TEST_CASE("a client that reads too late gets what was sent, then 1008, and the loss is counted") {
  constexpr auto limit = std::size_t{256} * 1024;
  channel_site s{{.outgoing_bytes_max = limit}};
  std::atomic<std::uint64_t> count{0};
  std::atomic<std::uint64_t> pending{0};
  auto watch = s.events.attach<web::channels::connection_slow>([&](const auto& e) {
    ++count;
    pending = e.pending;
    CHECK(e.limit == limit);
    CHECK(e.route == "/socket/websocket");
  });
  auto other = s.connect();
  join(other);
  auto c = s.connect({}, 4096);
  join(c);
  c.send(masked_frame(1, event("room:1", "flood", {{"count", 400}, {"octets", 10'000}}, "7")));
  CHECK(comes_true([&] { return count == 1; }));
  CHECK(pending > limit);
  CHECK(pending < limit + 11'000);  // One frame more at most.
  CHECK(s.has_processes(1));        // Its channel has ended, whatever it still wanted to push.
  CHECK(close_code_of(c) == 1008);
  CHECK(is_quiet(other));
  CHECK(s.logged("a client was too slow"));
}

TEST_CASE("a client that never reads is cut after the time for closing, with nothing left behind") {
  auto o = channel_site::options{};
  o.outgoing_bytes_max = 64 * 1024;
  o.web.socket_close_timeout = 100ms;
  channel_site s{o};
  auto c = s.connect({}, 4096);
  join(c);
  SUBCASE("of pushes") { c.send(masked_frame(1, event("room:1", "flood", {{"count", 400}, {"octets", 10'000}}, "7"))); }
  SUBCASE("of broadcasts of others") {
    auto other = s.connect();
    join(other);
    for (int i = 0; i < 60; ++i) {
      other.send(masked_frame(1, event("room:1", "say", {{"text", std::string(10'000, 'z')}}, "7")));
      REQUIRE(read(other).find("said") != std::string::npos);
      REQUIRE(read(other) == ok_of_7);
    }
  }
  SUBCASE("of answers to its own messages") {
    const auto echo = masked_frame(1, event("room:1", "echo", {{"text", std::string(10'000, 'z')}}, "7"));
    for (int i = 0; i < 60; ++i)
      c.send(echo);
  }
  CHECK(s.has_processes(0));
  CHECK(c.gets_cut());
}

TEST_CASE("a message larger than the bound reaches a client that reads") {
  channel_site s{{.outgoing_bytes_max = 1024}};
  auto c = s.connect();
  join(c);
  for (int i = 0; i < 3; ++i) {
    auto answer = json::parse(ask(c, event("room:1", "echo", {{"text", std::string(100'000, 'x')}}, "7")));
    CHECK(answer[4]["response"]["text"].get<std::string>().size() == 100'000);
  }
}
