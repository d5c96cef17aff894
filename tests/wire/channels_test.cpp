// Users' channels over real sockets: every row of the tables for channels, the upgrade, bad input, slow readers.
#include "wire/channels_fixture.hpp"

#include "base/crypto.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

namespace {

std::optional<std::string> text(wire_client& c) {
  auto frame = c.read_frame();
  return frame && frame->op == 1 ? std::optional{frame->payload} : std::nullopt;
}

/// The next message as it came; empty when there is none.
std::string read(wire_client& c) { return text(c).value_or(""); }

std::string ask(wire_client& c, const std::string& message) {
  c.send(masked_frame(1, message));
  return read(c);
}

/// A message of the first join.
std::string event(const std::string& topic, const std::string& name, const json& payload, const std::string& ref,
                  const std::string& join_ref = "1") {
  return dump_json(json::array({join_ref, ref, topic, name, payload}));
}

std::string join_of(const std::string& topic, const json& params = json::object(), const std::string& ref = "1") {
  return dump_json(json::array({ref, ref, topic, "phx_join", params}));
}

void join(wire_client& c, const std::string& topic = "room:1", const json& params = json::object(),
          const std::string& ref = "1") {
  auto answer = json::parse(ask(c, join_of(topic, params, ref)));
  REQUIRE(answer[4]["status"] == "ok");
  REQUIRE(answer[0] == ref);
  REQUIRE(answer[1] == ref);
}

/// A client's binary push.
std::string octets_of(const std::string& join_ref, const std::string& ref, const std::string& topic,
                      const std::string& name, const std::string& data) {
  auto out = std::string{'\0'};
  for (const auto* part : {&join_ref, &ref, &topic, &name})
    out += static_cast<char>(part->size());
  return out + join_ref + ref + topic + name + data;
}

/// Nothing more has come: the next thing that is heard is the answer to this.
bool is_quiet(wire_client& c) {
  return ask(c, R"([null,"quiet","phoenix","heartbeat",{}])")
      == R"([null,"quiet","phoenix","phx_reply",{"status":"ok","response":{}}])";
}

int close_code_of(wire_client& c) {
  while (auto frame = c.read_frame())
    if (frame->op == 8)
      return frame->close_code();
  return 0;
}

const std::string ok_of_7 = R"(["1","7","room:1","phx_reply",{"status":"ok","response":{}}])";

}  // namespace

// -- joining and leaving -------------------------------------------------------------------

TEST_CASE("a heartbeat is answered by the connection") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, R"([null,"8","phoenix","heartbeat",{}])")
        == R"([null,"8","phoenix","phx_reply",{"status":"ok","response":{}}])");
}

TEST_CASE("a join that is accepted is answered with the channel's response, and only then pushed to") {
  channel_site s;
  auto c = s.connect("&user=ann");
  CHECK(ask(c, join_of("room:1", {{"greet", true}}, "3"))
        == R"(["3","3","room:1","phx_reply",{"status":"ok","response":{"topic":"room:1","user":"ann"}}])");
  CHECK(read(c) == R"(["3",null,"room:1","hello",{"from":"room:1"}])");
  CHECK(s.has_processes(2));  // The channel, and what waits for `disconnect`.
}

TEST_CASE("exact topics and wildcards find their channel") {
  channel_site s;
  auto c = s.connect();
  join(c, "lobby");
  join(c, "room:", json::object(), "2");
  join(c, "room:with:colons and ünïcode", json::object(), "3");
  CHECK(ask(c, join_of("lobby2", json::object(), "4")).find("unmatched topic") != std::string::npos);
  CHECK(ask(c, join_of("room", json::object(), "5")).find("unmatched topic") != std::string::npos);
  CHECK(s.has_processes(3));
}

TEST_CASE("a join that the channel refuses is answered with its reason, and leaves nothing behind") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, join_of("room:1", {{"refuse", "full"}}))
        == R"(["1","1","room:1","phx_reply",{"status":"error","response":{"reason":"full"}}])");
  CHECK(ask(c, join_of("room:1", {{"refuse", "bare"}}, "2"))
        == R"(["2","2","room:1","phx_reply",{"status":"error","response":{"reason":"unauthorized"}}])");
  CHECK(ask(c, event("room:1", "echo", json::object(), "7")).find("unmatched topic") != std::string::npos);
  CHECK(s.has_processes(0));
}

TEST_CASE("a join whose handler crashes is refused as crashed, and the connection stays") {
  channel_site s;
  auto c = s.connect();
  const auto crashed = R"(["1","1","room:1","phx_reply",{"status":"error","response":{"reason":"join crashed"}}])";
  SUBCASE("it throws") { CHECK(ask(c, join_of("room:1", {{"crash", true}})) == crashed); }
  SUBCASE("it pushes before it has answered") {
    CHECK(ask(c, join_of("room:1", {{"push too soon", true}})) == crashed);
  }
  SUBCASE("its payload is octets") {
    c.send(masked_frame(2, octets_of("1", "1", "room:1", "phx_join", "abc")));
    CHECK(read(c) == crashed);
  }
  CHECK(is_quiet(c));
  CHECK(s.has_processes(0));
}

TEST_CASE("a join without a route is unmatched, with a null join_ref") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, join_of("other:1", json::object(), "4"))
        == R"([null,"4","other:1","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])");
}

TEST_CASE("a join beyond the limit of channels is refused") {
  channel_site s;
  auto c = s.connect();
  for (int i = 1; i <= 5; ++i)
    join(c, "room:" + std::to_string(i), json::object(), std::to_string(i));
  CHECK(ask(c, join_of("room:6", json::object(), "6"))
        == R"(["6","6","room:6","phx_reply",{"status":"error","response":{"reason":"too many channels joined"}}])");
  CHECK(s.has_processes(5));
}

TEST_CASE("a second join of a topic closes the first before it is answered") {
  channel_site s;
  auto c = s.connect();
  join(c);
  CHECK(ask(c, join_of("room:1", json::object(), "5")) == R"(["1","1","room:1","phx_close",{}])");
  CHECK(read(c).starts_with(R"(["5","5","room:1","phx_reply",{"status":"ok")"));
  CHECK(s.has_processes(1));
  CHECK(ask(c, event("room:1", "count", json::object(), "7", "5"))
        == R"(["5","7","room:1","phx_reply",{"status":"ok","response":{"n":1}}])");
}

TEST_CASE("a leave is answered and closes the channel, with its join_ref or none") {
  channel_site s;
  auto c = s.connect();
  join(c);
  SUBCASE("with") { CHECK(ask(c, R"(["1","7","room:1","phx_leave",{}])") == ok_of_7); }
  SUBCASE("without") { CHECK(ask(c, R"([null,"7","room:1","phx_leave",{}])") == ok_of_7); }
  CHECK(read(c) == R"(["1","1","room:1","phx_close",{}])");
  CHECK(s.has_processes(0));
  CHECK(ask(c, R"([null,"8","room:1","phx_leave",{}])")
        == R"([null,"8","room:1","phx_reply",{"status":"ok","response":{}}])");
}

TEST_CASE("a message of another join is met with silence, a leave as well") {
  channel_site s;
  auto c = s.connect();
  join(c);
  c.send(masked_frame(1, event("room:1", "echo", json::object(), "7", "99")));
  c.send(masked_frame(1, R"(["99","8","room:1","phx_leave",{}])"));
  CHECK(is_quiet(c));
  CHECK(s.has_processes(1));
}

TEST_CASE("an event on a topic that is not joined is unmatched") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, event("room:1", "echo", json::object(), "7"))
        == R"([null,"7","room:1","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])");
}

TEST_CASE("a join may be decided later; what the client sent meanwhile waits for the decision") {
  channel_site s;
  auto c = s.connect();
  SUBCASE("accepted") {
    c.send(masked_frame(1, join_of("room:1", {{"later", 20}})) + masked_frame(1, event("room:1", "count", {}, "7")));
    CHECK(read(c) == R"(["1","1","room:1","phx_reply",{"status":"ok","response":{}}])");
    CHECK(read(c) == R"(["1","7","room:1","phx_reply",{"status":"ok","response":{"n":1}}])");
  }
  SUBCASE("refused") {
    c.send(masked_frame(1, join_of("room:1", {{"later", 20}, {"then_refuse", true}}))
           + masked_frame(1, event("room:1", "count", {}, "7")));
    CHECK(read(c) == R"(["1","1","room:1","phx_reply",{"status":"error","response":{"reason":"not today"}}])");
    CHECK(read(c).find("unmatched topic") != std::string::npos);
    CHECK(s.has_processes(0));
  }
  SUBCASE("the client has given up: its leave cancels the late answer") {
    c.send(masked_frame(1, join_of("room:1", {{"later", 1000}}))
           + masked_frame(1, R"(["1","7","room:1","phx_leave",{}])"));
    CHECK(read(c) == ok_of_7);
    CHECK(read(c) == R"(["1","1","room:1","phx_close",{}])");
    CHECK(s.has_processes(0));
    CHECK(is_quiet(c));
  }
}

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

// -- how channels end ----------------------------------------------------------------------

TEST_CASE("a crash costs that topic a phx_error, no reply, and nobody else anything") {
  channel_site s;
  auto c = s.connect();
  auto other = s.connect();
  join(c, "room:1", json::object(), "1");
  join(c, "room:2", json::object(), "2");
  join(other);
  CHECK(ask(c, event("room:1", "crash", {}, "7")) == R"(["1","1","room:1","phx_error",{"reason":"channel_crash"}])");
  CHECK(is_quiet(c));
  CHECK(ask(c, event("room:2", "count", {}, "8", "2")).find(R"("n":1)") != std::string::npos);
  CHECK(ask(other, event("room:1", "count", {}, "8")).find(R"("n":1)") != std::string::npos);
  join(c, "room:1", json::object(), "9");
  CHECK(ask(c, event("room:1", "count", {}, "10", "9")).find(R"("n":1)") != std::string::npos);
  CHECK(s.has_processes(3));
}

TEST_CASE("a crash right behind the join is an error of a channel that had joined") {
  channel_site s;
  auto c = s.connect();
  CHECK(ask(c, join_of("room:1", {{"crash when joined", true}})).find(R"("status":"ok")") != std::string::npos);
  CHECK(read(c) == R"(["1","1","room:1","phx_error",{"reason":"channel_crash"}])");
  CHECK(s.has_processes(0));
}

TEST_CASE("a channel that stops in order is closed, without an error") {
  channel_site s;
  auto c = s.connect();
  join(c);
  CHECK(ask(c, event("room:1", "stop", {}, "7")) == R"(["1","1","room:1","phx_close",{}])");
  CHECK(s.has_processes(0));
}

TEST_CASE("channels end with their connection, however it ends") {
  channel_site s;
  {
    auto c = s.connect("&user=ann");
    join(c, "room:1", json::object(), "1");
    join(c, "room:2", json::object(), "2");
    CHECK(s.has_processes(3));
    SUBCASE("lost") { c.reset(); }
    SUBCASE("closed") {
      c.send(masked_frame(8, close_payload(1000)));
      CHECK(close_code_of(c) == 1000);
    }
    SUBCASE("idle for ever is the server's business") {}
  }
  CHECK(s.has_processes(0));
}

TEST_CASE("channels are temporary children of their supervisor, which refuses what is too much for it") {
  channel_site s{{.children_max = 2}};
  auto c = s.connect();
  join(c, "room:1", json::object(), "1");
  join(c, "room:2", json::object(), "2");
  CHECK(ask(c, join_of("room:3", json::object(), "3")).find("join crashed") != std::string::npos);
  CHECK(s.logged("a channel could not be started"));
  CHECK(ask(c, event("room:1", "crash", {}, "7")).find("phx_error") != std::string::npos);
  CHECK(s.has_processes(1));  // Not started again.
}

// -- the upgrade ---------------------------------------------------------------------------

namespace {

wire_client::answer upgrade(const channel_site& s, const std::string& query, const std::string& extra = {}) {
  auto c = s.server->connect();
  c.send(upgrade_request("/socket/websocket?" + query, extra));
  return c.read_answer();
}

}  // namespace

TEST_CASE("an upgrade is refused by the first check that fails, and the connect hook is asked last") {
  auto o = channel_site::options{};
  o.web.origins.how = web::origin_policy::mode::on;
  o.web.origins.public_host = "localhost";
  channel_site s{o};
  const auto evil = std::string{"Origin: http://evil.example\r\n"};
  auto plain = s.server->connect();
  plain.send("GET /socket/websocket?vsn=2.0.0&refuse=yes HTTP/1.1\r\nHost: localhost\r\n" + evil + "\r\n");
  CHECK(plain.read_answer().status == 400);
  CHECK(upgrade(s, "vsn=1.0.0&refuse=yes", evil).body.find("evil.example") != std::string::npos);
  CHECK(upgrade(s, "vsn=1.0.0&refuse=yes", "Sec-WebSocket-Protocol: base64url.bearer.phx.dG9r\r\n")
            .body.find("sub-protocol")
        != std::string::npos);
  CHECK(upgrade(s, "vsn=1.0.0&refuse=yes").body.find("vsn") != std::string::npos);
  CHECK(upgrade(s, "refuse=yes").status == 403);
  CHECK(s.asked == 0);
  auto refused = upgrade(s, "vsn=2.0.0&refuse=yes");
  CHECK(refused.status == 403);
  CHECK(refused.body.find("not you") != std::string::npos);
  auto busy = upgrade(s, "vsn=2.0.0&refuse=busy");
  CHECK(busy.status == 503);
  CHECK(busy.headers["retry-after"] != "");
  CHECK(s.asked == 2);
  CHECK(upgrade(s, "vsn=2.0.7").status == 101);
  CHECK(s.has_processes(0));
}

TEST_CASE("a refused connection is told to telemetry, with the route and why") {
  channel_site s;
  auto told = std::vector<std::string>{};
  auto watch = s.events.attach<web::channels::connect_refused>(
      [&](const auto& e) { told.push_back(std::string{e.route} + ": " + std::string{e.why}); });
  CHECK(upgrade(s, "vsn=2.0.0&refuse=yes").status == 403);
  CHECK(told == std::vector<std::string>{"/socket/websocket: not you"});
}

TEST_CASE("an authToken selects the sub-protocol phoenix, and the hook and the channels know the token") {
  channel_site s;
  auto c = s.server->connect();
  c.send(upgrade_request("/socket/websocket?vsn=2.0.0&user=ann",
                         "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.c2VjcmV0\r\n"));
  auto answer = c.read_answer();
  CHECK(answer.status == 101);
  CHECK(answer.headers["sec-websocket-protocol"] == "phoenix");
  join(c);
  auto me = json::parse(ask(c, event("room:1", "whoami", {}, "7")))[4]["response"];
  CHECK(me["token"] == "secret");
  CHECK(me["id"] == "user:ann");
}

TEST_CASE("channels see the parameters, and the session only of a page that proves itself") {
  channel_site s;
  auto session = web::session_data{};
  session.set("user_id", 7);
  const auto token = web::csrf::masked(session, s.random);
  auto carrier = web::response{};
  REQUIRE(s.sessions.store(session, carrier));
  const auto header = carrier.headers.get("set-cookie");
  const auto cookie = "Cookie: " + std::string{header.substr(0, header.find(';'))} + "\r\n";
  const auto whoami = [&](const std::string& query, const std::string& extra) {
    auto c = s.server->connect();
    c.send(upgrade_request("/socket/websocket?vsn=2.0.0" + query, extra));
    REQUIRE(c.read_answer().status == 101);
    join(c);
    return json::parse(ask(c, event("room:1", "whoami", {}, "7")))[4]["response"];
  };
  auto proven = whoami("&a[b]=1&_csrf_token=" + token, cookie);
  CHECK(proven["params"]["a"]["b"] == "1");
  CHECK(proven["session"]["user_id"] == 7);
  CHECK(whoami("", cookie)["session"].is_null());
  CHECK(whoami("&_csrf_token=" + token, "")["session"].is_null());
  CHECK(whoami("&_csrf_token=forged", cookie)["session"].is_null());
}

TEST_CASE("long polling is refused with a clear 404, for every method") {
  channel_site s;
  for (const auto* method : {"GET", "POST"}) {
    auto c = s.server->connect();
    c.send(std::string{method}
           + " /socket/longpoll?vsn=2.0.0 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    auto answer = c.read_answer();
    CHECK(answer.status == 404);
    CHECK(answer.body.find("Long polling is not offered here") != std::string::npos);
  }
}

TEST_CASE("a connection for which there is no room is refused with 503") {
  channel_site s{{.children_max = 1}};
  auto first = s.connect("&user=ann");
  CHECK(upgrade(s, "vsn=2.0.0&user=bob").status == 503);
  CHECK(upgrade(s, "vsn=2.0.0").status == 101);  // Without an id nobody waits for its `disconnect`.
}

TEST_CASE("routes that are wrong are refused when they are made") {
  channel_site s;
  const auto refuses = [&](std::vector<web::channel_route> all) {
    try {
      web::user_socket{s.home, {.channels = std::move(all)}};
    } catch (const std::invalid_argument& e) {
      return std::string{e.what()};
    }
    return std::string{};
  };
  CHECK(refuses({web::channel_at<room_channel>("")}) == "channel \"\": a pattern needs at least a *");
  CHECK(refuses({web::channel_at<room_channel>("a*b")}) == "channel \"a*b\": a * stands at the end only");
  CHECK(refuses({web::channel_at<room_channel>(std::string(256, 'a'))}).find("256 octets") != std::string::npos);
  CHECK(refuses({web::channel_at<room_channel>("a"), web::channel_at<room_channel>("a")}).find("nothing reaches it")
        != std::string::npos);
  CHECK(refuses({web::channel_at<room_channel>("a:*"), web::channel_at<room_channel>("a:b:*")})
        == "channel \"a:b:*\": nothing reaches it behind \"a:*\"; put it before that or drop it");
  CHECK(refuses({web::channel_at<room_channel>("a:b"), web::channel_at<room_channel>("a:*"),
                 web::channel_at<room_channel>("*")})
        == "");
}

// -- disconnect by id ----------------------------------------------------------------------

TEST_CASE("disconnect on a socket's id closes all its connections with 1001, and no other") {
  channel_site s;
  auto first = s.connect("&user=ann");
  auto second = s.connect("&user=ann");
  auto bob = s.connect("&user=bob");
  auto anonymous = s.connect();
  join(first);
  join(bob);
  CHECK(ask(bob, event("room:1", "disconnect", {{"id", "user:ann"}}, "7")) == ok_of_7);
  CHECK(close_code_of(first) == 1001);
  CHECK(close_code_of(second) == 1001);
  CHECK(is_quiet(bob));
  CHECK(is_quiet(anonymous));
  CHECK(s.has_processes(2));
}

TEST_CASE("any other event on a socket's id leaves the connection alone, and who joins that topic cannot close it") {
  channel_site s;
  auto ann = s.connect("&user=ann");
  auto bob = s.connect("&user=bob");
  join(bob);
  CHECK(ask(bob, event("room:1", "say as", {{"event", "disconnect"}, {"payload", json::object()}}, "7"))
        == R"([null,null,"room:1","disconnect",{}])");
  CHECK(read(bob) == ok_of_7);
  CHECK(is_quiet(ann));
}

TEST_CASE("a connection that could not be thrown out any more is closed, with 1012") {
  channel_site s;
  auto c = s.connect("&user=ann");
  REQUIRE(s.has_processes(1));
  // The newest process is what waits for `disconnect`.
  s.home.exit({s.home.identity(), s.home.processes().list(s.time.now()).back().id}, reason::kill());
  CHECK(close_code_of(c) == 1012);
}

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
