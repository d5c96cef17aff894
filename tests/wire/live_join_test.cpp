// Every row of the join's tables (protocol note, section 5), over real sockets.
#include "wire/live_site.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

namespace {

const json stale = json::parse(R"({"status":"error","response":{"reason":"stale"}})");
const json unauthorized = json::parse(R"({"status":"error","response":{"reason":"unauthorized"}})");
const json crashed = json::parse(R"({"status":"error","response":{"reason":"join crashed"}})");

/// A browser with the page of `path`, and its connection.
struct visit {
  explicit visit(live_site& s, const std::string& path = "/tally/here")
      : who{s}, at{who.load(path)}, client{who.connect(at)}, payload(join_payload(at, path)) {}

  json join(const std::string& ref = "4") { return ask(client, join_message(at.view_id, payload, ref)); }

  browser who;
  page at;
  wire_client client;
  json payload;
};

}  // namespace

TEST_CASE("a join with the page's tokens is answered with everything: tree, title, version") {
  live_site s;
  visit v{s};
  const auto reply = v.join();
  CHECK(reply[0] == "4");
  CHECK(reply[1] == "4");
  CHECK(reply[2] == "lv:" + v.at.view_id);
  CHECK(reply[3] == "phx_reply");
  CHECK(reply[4]["status"] == "ok");
  const auto& response = reply[4]["response"];
  CHECK(response["liveview_version"] == "1.2.12");
  CHECK(response["rendered"]["0"] == "0");
  CHECK(response["rendered"]["2"] == "here:");
  CHECK(response["rendered"]["t"] == "Tally 0");
  CHECK_FALSE(response.contains("container"));
  CHECK_FALSE(response.contains("live_patch"));
  CHECK(s.has_views(1));
  { auto gone = std::move(v.client); }  // The browser goes without a word.
  CHECK(s.has_views(0));
}

TEST_CASE("a join that proves nothing is stale") {
  live_site s;
  visit v{s};
  SUBCASE("no session token") { v.payload.erase("session"); }
  SUBCASE("no text") { v.payload["session"] = nullptr; }
  SUBCASE("forged") { v.payload["session"] = v.at.session + "x"; }
  SUBCASE("the static token as session token") { v.payload["session"] = v.at.page_static; }
  SUBCASE("the session token as static token") { v.payload["static"] = v.at.session; }
  SUBCASE("the tokens of another page") {
    const auto other = v.who.load("/tally/here");
    v.payload["session"] = other.session;
    v.payload["static"] = other.page_static;
  }
  SUBCASE("the static token of another page") { v.payload["static"] = v.who.load("/tally/here").page_static; }
  CHECK(v.join()[4] == stale);
  CHECK(is_quiet(v.client));
  CHECK(s.has_views(0));
}

TEST_CASE("a connection without a session answers every join stale; without any cookie as a crash") {
  live_site s;
  browser b{s};
  auto p = b.load("/tally/here");
  SUBCASE("another session's csrf token") {
    p.csrf = browser{s}.load("/tally/here").csrf;
    auto client = b.connect(p);
    CHECK(ask(client, join_message(p.view_id, join_payload(p, "/tally/here")))[4] == stale);
  }
  SUBCASE("a cookie that is not ours") {
    b.cookies["_beamline_session"] = "forged";
    auto client = b.connect(p);
    CHECK(ask(client, join_message(p.view_id, join_payload(p, "/tally/here")))[4] == stale);
  }
  SUBCASE("cookies are blocked") {
    b.cookies.clear();
    auto client = b.connect(p);
    CHECK(ask(client, join_message(p.view_id, join_payload(p, "/tally/here")))[4] == crashed);
  }
}

TEST_CASE("a URL of another view, another live session or nobody is unauthorized") {
  live_site s;
  visit v{s};
  SUBCASE("another view") { v.payload["url"] = "http://localhost/den/utc"; }
  SUBCASE("another live session") { v.payload["url"] = "http://localhost/back/office"; }
  SUBCASE("nobody's") { v.payload["url"] = "http://localhost/elsewhere"; }
  SUBCASE("none") { v.payload.erase("url"); }
  CHECK(v.join()[4] == unauthorized);
  CHECK(s.has_views(0));
}

TEST_CASE("a redirect mounts the route's view under the first page's id, and retags its element") {
  live_site s;
  visit v{s};
  v.payload.erase("url");
  SUBCASE("another view of the live session") {
    v.payload["redirect"] = "http://localhost/den/utc?from=tally";
    const auto response = v.join()[4]["response"];
    CHECK(response["rendered"]["0"] == "tally");
    CHECK(response["container"] == json::parse(R"(["section",{"class":"den"}])"));
  }
  SUBCASE("again and again: a view reached by navigation rejoins with it") {
    v.payload["redirect"] = "http://localhost/den/utc";
    v.payload["params"]["_mounts"] = 3;
    CHECK(v.join()[4]["status"] == "ok");
  }
  SUBCASE("another live session") {
    v.payload["redirect"] = "http://localhost/back/office";
    CHECK(v.join()[4] == unauthorized);
  }
  SUBCASE("no live view") {
    v.payload["redirect"] = "http://localhost/login/ann";
    CHECK(v.join()[4] == unauthorized);
  }
}

TEST_CASE("the flash of a redirect comes with the join that follows it") {
  live_site s;
  visit v{s};
  v.payload.erase("url");
  v.payload["redirect"] = "http://localhost/tally/here";
  v.payload["flash"] = live::page_tokens{s.signer}.sign_flash({{"info", "saved"}});
  CHECK(v.join()[4]["response"]["rendered"]["1"] == "saved");
}

TEST_CASE("a mount that goes elsewhere refuses the join and says where, events first") {
  live_site s;
  SUBCASE("live navigation, with its flash") {
    visit v{s, "/tally/jump"};
    const auto reply = v.join()[4];
    CHECK(reply["status"] == "error");
    const auto& to = reply["response"]["live_redirect"];
    CHECK(to["to"] == "/tally/other");
    CHECK(to["kind"] == "push");
    CHECK(reply["response"]["events"] == json::parse(R"([["bell",{"times":1}]])"));
    CHECK(live::page_tokens{s.signer}.verify_flash(to["flash"].get<std::string>()).value() == json{{"info", "jumped"}});
  }
  SUBCASE("a page load") {
    visit v{s, "/tally/page"};
    const auto reply = v.join()[4];
    CHECK(reply["response"]["redirect"]["to"] == "/elsewhere");
    CHECK(reply["response"]["redirect"].contains("flash"));
    CHECK(reply["response"]["events"] == json::array());
  }
  CHECK(s.has_views(0));
}

TEST_CASE("a mount that ends in a patch says so in the join's reply") {
  live_site s;
  visit v{s, "/tally/hop"};
  const auto response = v.join()[4]["response"];
  CHECK(response["live_patch"] == json::parse(R"({"to":"/tally/hopped","kind":"push"})"));
  CHECK(response["rendered"]["2"] == "hopped:");
}

TEST_CASE("an HTTP status of a connected mount is a reload with a token for its error page") {
  live_site s;
  visit v{s, "/tally/refuse"};
  const auto response = v.join()[4]["response"];
  CHECK(response["reason"] == "reload");
  CHECK(response["status"] == 403);
  CHECK(live::page_tokens{s.signer}.verify_reload(response["token"].get<std::string>()).value().detail == "Not you.");
  CHECK(s.has_views(0));
}

TEST_CASE("a payload that no client sends crashes the join and nothing else") {
  live_site s;
  visit v{s};
  SUBCASE("not an object") { v.payload = json::array(); }
  SUBCASE("no params") { v.payload.erase("params"); }
  SUBCASE("params of another type") { v.payload["params"] = 7; }
  SUBCASE("session of another type") { v.payload["session"] = 7; }
  SUBCASE("url of another type") { v.payload["url"] = json::object(); }
  CHECK(v.join()[4] == crashed);
  CHECK(is_quiet(v.client));
}

TEST_CASE("a view that was renamed by a deploy is stale") {
  live_site s;
  visit v{s};
  const auto tokens = live::page_tokens{s.signer};
  auto token = tokens.verify_session(v.at.session).value();
  SUBCASE("the view") { token.view = "tally_of_old"; }
  SUBCASE("a view without a URL") {
    token.view = "clok";
    token.is_routable = false;
  }
  SUBCASE("the live session of a view without a URL") {
    token = {.view_id = token.view_id, .view = "clock", .live_session = "of old", .is_routable = false};
  }
  v.payload["session"] = tokens.sign(token);
  const auto expected = token.is_routable ? unauthorized : stale;  // By its URL it is another view.
  CHECK(v.join()[4] == expected);
}

TEST_CASE("a page of another build is stale in development, and none the worse in production") {
  live_site s;
  browser b{s};
  auto p = b.load("/tally/here");
  live_site rebuilt{{.build = "b2"}};
  auto& later = rebuilt;
  CHECK(live::page_tokens{s.signer}.verify_session(p.session).ok());
  browser same{later};
  same.cookies = b.cookies;
  auto client = same.connect(p);
  CHECK(ask(client, join_message(p.view_id, join_payload(p, "/tally/here")))[4] == stale);
  auto fresh = same.load("/tally/here");
  (void)same.join(fresh, "/tally/here");
}

TEST_CASE("a browser that loads its page again and again, and is stale each time, is told to wait") {
  live_site s;
  browser b{s};
  auto answer = json{};
  for (int n = 0; n < 5; ++n) {
    auto p = b.load("/tally/here");
    p.csrf = "wrong";
    auto client = b.connect(p);
    answer = ask(client, join_message(p.view_id, join_payload(p, "/tally/here")))[4];
    CHECK(answer == (n < 4 ? stale : crashed));
  }
  CHECK(s.logged("loads its page again and again"));
  // Who has loaded as often and can join is not held up.
  auto p = b.load("/tally/here");
  (void)b.join(p, "/tally/here");
}
