// Nested and sticky views (protocol note, section 13), over real sockets.
#include "wire/live_site.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

namespace {

json child_payload(const std::string& session, const page& p, const std::string& page_static) {
  return {{"params", {{"_csrf_token", p.csrf}, {"_mounts", 0}, {"_mount_attempts", 0}}},
          {"session", session},
          {"static", page_static.empty() ? json{} : json(page_static)},
          {"sticky", false}};
}

/// The browser at `/den/:zone`, its root joined.
struct at_den {
  explicit at_den(const std::string& zone = "utc") : path{"/den/" + zone}, at{who.load(path)} {
    client = std::make_unique<wire_client>(who.join(at, path, &root));
    kid_html = root["rendered"].value("1", "");
    radio_html = root["rendered"].value("2", "");
  }

  [[nodiscard]] static std::string token_in(const std::string& html) {
    return between(html, "data-phx-session=\"", "\"");
  }
  json join_kid(const std::string& ref = "8") {
    return ask(*client,
               join_message("kid", child_payload(token_in(kid_html), at, at.attribute("kid", "data-phx-static")), ref));
  }
  json join_radio(const std::string& ref = "9") {
    return ask(*client, join_message("radio", child_payload(token_in(radio_html), at, ""), ref));
  }

  live_site s;
  browser who{s};
  std::string path;
  page at;
  json root;
  std::unique_ptr<wire_client> client;
  std::string kid_html, radio_html;
};

const json stale = json::parse(R"({"status":"error","response":{"reason":"stale"}})");

}  // namespace

TEST_CASE("the first HTML contains the first HTML of the views inside") {
  live_site s;
  browser b{s};
  const auto p = b.load("/den/utc");
  REQUIRE(p.answer.status == 200);
  CHECK(p.attribute("kid", "data-phx-session").empty());
  CHECK_FALSE(p.attribute("kid", "data-phx-static").empty());
  CHECK(p.attribute("kid", "data-phx-parent-id") == p.view_id);
  CHECK_FALSE(p.attribute("radio", "data-phx-session").empty());
  CHECK(p.attribute("radio", "data-phx-parent-id") == "absent");
  CHECK(p.answer.body.find("<b>utc 0</b></aside>") != std::string::npos);
  CHECK(p.answer.body.find(" data-phx-sticky><b>fm 0</b></aside>") != std::string::npos);
  CHECK(s.has_views(0));
}

TEST_CASE("a nested view joins with the token of its parent's connected render") {
  at_den d;
  CHECK(d.kid_html.starts_with(R"(<aside id="kid" data-phx-session=")"));
  CHECK(d.kid_html.ends_with(R"( data-phx-parent-id=")" + d.at.view_id + R"("></aside>)"));
  const auto joined = d.join_kid();
  REQUIRE(joined[4]["status"] == "ok");
  CHECK(joined[4]["response"]["rendered"]["0"] == "utc 0");
  CHECK_FALSE(joined[4]["response"]["rendered"].contains("t"));
  CHECK(d.s.has_views(2));

  const auto tick = ask(*d.client, view_event("kid", "tick", "10", json::object(), "8"));
  CHECK(tick[4]["response"]["diff"] == json{{"0", "utc 1"}});

  SUBCASE("its crash is its own; it joins again with the same token") {
    CHECK(ask(*d.client, view_event("kid", "crash", "11", json::object(), "8"))[3] == "phx_error");
    CHECK(d.s.has_views(1));
    CHECK(d.join_kid("12")[4]["status"] == "ok");
  }
  SUBCASE("it ends with its parent's crash, and its token with it") {
    d.client->send(masked_frame(1, view_event(d.at.view_id, "crash", "11")));
    auto ends = std::map<std::string, std::string>{};
    for (int n = 0; n < 2; ++n) {
      const auto said = read(*d.client);
      ends[said[2]] = said[3];
    }
    CHECK(ends["lv:" + d.at.view_id] == "phx_error");
    CHECK(ends["lv:kid"] == "phx_close");
    CHECK(d.s.has_views(0));
    CHECK(d.join_kid("12")[4] == stale);
    // The parent's next mount has another token for it.
    const auto again = ask(*d.client, join_message(d.at.view_id, join_payload(d.at, d.path), "13"));
    d.kid_html = again[4]["response"]["rendered"]["1"];
    CHECK(d.join_kid("14")[4]["status"] == "ok");
  }
  SUBCASE("its parent leaves") {
    d.client->send(masked_frame(1, view_message(d.at.view_id, "phx_leave", json::object(), "11")));
    CHECK(d.s.has_views(0));
  }
  SUBCASE("it is removed from the page, and shown again") {
    CHECK(ask(*d.client, view_event(d.at.view_id, "hide", "11"))[4]["response"]["diff"]["1"] == "");
    d.client->send(masked_frame(1, view_message("kid", "phx_leave", json::object(), "12", "8")));
    CHECK(read(*d.client)[4]["status"] == "ok");
    CHECK(read(*d.client)[3] == "phx_close");
    CHECK(d.s.has_views(1));
    CHECK(ask(*d.client, view_event(d.at.view_id, "show", "13"))[4]["response"]["diff"]["1"] == d.kid_html);
    CHECK(d.join_kid("14")[4]["response"]["rendered"]["0"] == "utc 0");
  }
  SUBCASE("what its parent renders never touches its element") {
    const auto patched =
        ask(*d.client, view_message(d.at.view_id, "live_patch", {{"url", "http://localhost/den/utc?from=a"}}, "11"));
    CHECK(patched[4]["response"]["diff"] == json{{"0", "a"}});
  }
  SUBCASE("a patch of it is carried out by the view that has the URL") {
    d.client->send(masked_frame(1, view_event("kid", "patch", "11", json::object(), "8")));
    auto said = std::map<std::string, json>{};
    for (int n = 0; n < 3; ++n) {
      const auto one = read(*d.client);
      REQUIRE(one.is_array());
      said[one[3]] = one;
    }
    CHECK(said["phx_reply"][2] == "lv:kid");
    CHECK(said["live_patch"]
          == json::array(
              {"4", nullptr, "lv:" + d.at.view_id, "live_patch", {{"to", "/den/utc?from=kid"}, {"kind", "push"}}}));
    CHECK(said["diff"] == json::array({"4", nullptr, "lv:" + d.at.view_id, "diff", {{"0", "kid"}}}));
  }
  SUBCASE("navigation of it ends it alone; the browser ends the rest") {
    CHECK(ask(*d.client, view_event("kid", "navigate", "11", json::object(), "8"))[4]["response"]["live_redirect"]["to"]
          == "/den2");
    CHECK(read(*d.client)[3] == "phx_close");
    CHECK(d.s.has_views(1));
  }
}

TEST_CASE("a nested view whose parent has gone elsewhere is told so, not to load the page") {
  at_den d;
  CHECK(ask(*d.client, view_event(d.at.view_id, "navigate", "7"))[4]["response"]["live_redirect"]["to"] == "/den2");
  CHECK(read(*d.client)[3] == "phx_close");
  CHECK(d.join_kid()[4] == json::parse(R"({"status":"error","response":{"reason":"parent_redirect"}})"));
}

TEST_CASE("a nested view joins on the connection of its parent only") {
  at_den d;
  auto elsewhere = d.who.connect(d.at);
  CHECK(ask(elsewhere, join_message("kid", child_payload(at_den::token_in(d.kid_html), d.at, "")))[4] == stale);
}

TEST_CASE("a sticky view stays, with its state, when its page is navigated") {
  at_den d;
  REQUIRE(d.join_radio()[4]["response"]["rendered"]["0"] == "fm 0");
  (void)ask(*d.client, view_event("radio", "tick", "10", json::object(), "9"));
  CHECK(ask(*d.client, view_event(d.at.view_id, "navigate", "11"))[4]["response"].contains("live_redirect"));
  CHECK(read(*d.client)[3] == "phx_close");
  auto payload = join_payload(d.at, "");
  payload.erase("url");
  payload["redirect"] = "http://localhost/den2";
  const auto there = ask(*d.client, join_message(d.at.view_id, payload, "12"));
  const auto html = there[4]["response"]["rendered"]["2"].get<std::string>();
  CHECK(html.find(R"(<aside id="radio" )") == 0);
  CHECK(html.find(" data-phx-sticky></aside>") != std::string::npos);
  CHECK(d.s.has_views(2));
  CHECK(ask(*d.client, view_event("radio", "tick", "13", json::object(), "9"))[4]["response"]["diff"]["0"] == "fm 2");
}

TEST_CASE("a sticky view has no URL that it could patch") {
  at_den d;
  REQUIRE(d.join_radio()[4]["status"] == "ok");
  CHECK(ask(*d.client, view_event("radio", "patch", "10", json::object(), "9"))[3] == "phx_error");
}

TEST_CASE("a nested view that fails in the first render fails the page, one that goes elsewhere takes it along") {
  live_site s;
  browser b{s};
  CHECK(b.load("/den/throw").answer.status == 500);
  CHECK(s.logged("no such zone"));
  auto away = b.load("/den/away");
  CHECK(away.answer.status == 302);
  CHECK(away.answer.headers["location"] == "/tally/here");
  CHECK(b.load("/tally/here").answer.body.find("<i>from inside</i>") != std::string::npos);
}
