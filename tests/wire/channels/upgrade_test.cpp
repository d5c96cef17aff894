// Users' channels over real sockets: who may connect, and who is disconnected.
#include "wire/channels/fixture.hpp"

#include "base/crypto.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

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
