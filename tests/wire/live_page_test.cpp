// The first request of a live view, over real sockets: pages, flashes, error pages.
#include "wire/live_site.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

TEST_CASE("without room for another process a page is refused with 503, which says when to come back") {
  live_site s;
  live::endpoint crowded{s.home,
                         s.signer,
                         s.sessions,
                         {.title = {}, .layout = {}, .sessions = supervision::nursery{{.label = "nobody's"}}}};
  auto other =
      running_server{[&](web::router& routes) { crowded.view<office>(routes, "/office", "office"); }, test_options()};
  auto client = other.connect();
  client.send("GET /office HTTP/1.1\r\nHost: localhost\r\n\r\n");
  auto answer = client.read_answer();
  CHECK(answer.status == 503);
  CHECK(answer.headers["retry-after"] == "5");
}

TEST_CASE("a page carries its view with tokens, is not cached, and leaves nothing behind") {
  live_site s;
  browser b{s};
  auto p = b.load("/tally/here");
  REQUIRE(p.answer.status == 200);
  CHECK(p.answer.headers["cache-control"] == "no-store");
  CHECK(p.answer.body.find("<p>0</p><i></i><u>here:</u>") != std::string::npos);
  CHECK(p.answer.body.find(R"(data-suffix=" - Site">Tally 0 - Site</title>)") != std::string::npos);
  CHECK(b.cookies.contains("_beamline_session"));
  CHECK(s.has_views(0));
}

TEST_CASE("a route's action reaches the view, in both renders") {
  live_site s;
  browser b{s};
  auto p = b.load("/tally/here/edit");
  CHECK(p.answer.body.find("<u>here:edit</u>") != std::string::npos);
  json reply;
  (void)b.join(p, "/tally/here/edit", &reply);
  CHECK(reply["rendered"]["2"] == "here:edit");
}

TEST_CASE("the session cookie is set once, and each page has tokens of its own") {
  live_site s;
  browser b{s};
  auto first = b.load("/tally/here");
  const auto cookie = b.cookies.at("_beamline_session");
  auto second = b.load("/tally/here");
  CHECK(b.cookies.at("_beamline_session") == cookie);
  for (const auto& line : second.answer.cookies)
    CHECK_FALSE(line.starts_with("_beamline_session"));
  CHECK(second.csrf != first.csrf);
  CHECK(second.view_id != first.view_id);
  auto client = b.connect(second);  // One session: both pages may join.
  CHECK(ask(client, join_message(second.view_id, join_payload(second, "/tally/here")))[4]["status"] == "ok");
  CHECK(ask(client, join_message(first.view_id, join_payload(first, "/tally/here")))[4]["status"] == "ok");
}

TEST_CASE("HEAD renders the page without sending it") {
  live_site s;
  browser b{s};
  auto head = b.load("/tally/here", "HEAD");
  CHECK(head.answer.status == 200);
  CHECK(head.answer.headers["content-length"] != "0");
}

TEST_CASE("a flash crosses a redirect in a cookie, is shown once and deleted") {
  live_site s;
  browser b{s};
  auto away = b.load("/tally/away");
  CHECK(away.answer.status == 302);
  CHECK(away.answer.headers["location"] == "/tally/here");
  REQUIRE(b.cookies.contains("__phoenix_flash__"));
  auto here = b.load("/tally/here");
  CHECK(here.answer.body.find("<i>moved</i>") != std::string::npos);
  CHECK_FALSE(b.cookies.contains("__phoenix_flash__"));
  SUBCASE("the first mount of the page still shows it, later ones do not") {
    json reply;
    (void)b.join(here, "/tally/here", &reply);
    CHECK(reply["rendered"]["1"] == "moved");
    auto payload = join_payload(here, "/tally/here");
    payload["params"]["_mounts"] = 1;
    auto client = b.connect(here);
    CHECK(ask(client, join_message(here.view_id, payload))[4]["response"]["rendered"]["1"] == "");
  }
  SUBCASE("a forged one is deleted and shows nothing") {
    b.cookies["__phoenix_flash__"] = "forged";
    CHECK(b.load("/tally/here").answer.body.find("<i></i>") != std::string::npos);
    CHECK_FALSE(b.cookies.contains("__phoenix_flash__"));
  }
}

TEST_CASE("a mount that throws is a 500: without a word of it for visitors, with all of it in development") {
  SUBCASE("visitors") {
    live_site s;
    browser b{s};
    auto p = b.load("/tally/throw");
    CHECK(p.answer.status == 500);
    CHECK(p.answer.body.find("failed") == std::string::npos);
    CHECK(s.logged("mount <failed>"));
  }
  SUBCASE("development") {
    live_site s{{.build = "b1"}};
    browser b{s};
    auto p = b.load("/tally/throw");
    CHECK(p.answer.status == 500);
    CHECK(p.answer.body.find("mount &lt;failed&gt;") != std::string::npos);
    CHECK(p.answer.body.find("<dd>tally</dd>") != std::string::npos);
    CHECK(p.answer.body.find("<dd>/tally/throw</dd>") != std::string::npos);
    CHECK(p.answer.headers["cache-control"] == "no-store");
  }
}

TEST_CASE("a mount that answers with a status of HTTP gets that status' error page") {
  live_site s;
  browser b{s};
  auto p = b.load("/tally/missing");
  CHECK(p.answer.status == 404);
  CHECK(p.answer.body.find("There is no such tally.") != std::string::npos);
  CHECK(s.has_views(0));
}

TEST_CASE("the reload cookie of a failed mount is answered with its status, once") {
  live_site s;
  browser b{s};
  auto p = b.load("/tally/withdrawn");
  REQUIRE(p.answer.status == 200);  // The first render knew nothing of it.
  auto client = b.connect(p);
  auto refused = ask(client, join_message(p.view_id, join_payload(p, "/tally/withdrawn")))[4];
  CHECK(refused["status"] == "error");
  CHECK(refused["response"]["reason"] == "reload");
  CHECK(refused["response"]["status"] == 410);
  b.cookies["__phoenix_reload_status__"] = refused["response"]["token"].get<std::string>();
  auto shown = b.load("/tally/withdrawn");
  CHECK(shown.answer.status == 410);
  CHECK(shown.answer.body.find("That tally was withdrawn.") != std::string::npos);
  CHECK_FALSE(b.cookies.contains("__phoenix_reload_status__"));
  CHECK(b.load("/tally/withdrawn").answer.status == 200);
  SUBCASE("a forged one is deleted and changes nothing") {
    b.cookies["__phoenix_reload_status__"] = "forged";
    CHECK(b.load("/tally/here").answer.status == 200);
    CHECK_FALSE(b.cookies.contains("__phoenix_reload_status__"));
  }
}

TEST_CASE("a page whose browser has gone is still rendered to its end and goes nowhere") {
  live_site s;
  {
    auto client = s.server->connect();
    client.send("GET /tally/wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(s.has_views(1));
  }
  s.open_gate.set_value();
  CHECK(s.has_views(0));
}

TEST_CASE("a page that is being rendered when the server and the endpoint go does no harm") {
  live_site s;
  auto client = s.server->connect();
  client.send("GET /tally/wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(s.has_views(1));
  s.server.reset();
  s.endpoint.reset();
  s.open_gate.set_value();
  CHECK(s.has_views(0));
}

TEST_CASE("long polling is not offered, and says so in a way that its client understands") {
  live_site s;
  auto client = s.server->connect();
  client.send("GET /live/longpoll?vsn=2.0.0&token= HTTP/1.1\r\nHost: localhost\r\n\r\n");
  auto answer = client.read_answer();
  CHECK(answer.status == 404);
  auto body = json::parse(answer.body);
  CHECK(body["status"] == 403);  // What the client looks at.
  CHECK(body["error"].get<std::string>().find("WebSocket") != std::string::npos);
}
