#include "web/live/join.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web::live;

namespace {

/// A site with two views in live session "main" and one in "admin".
struct site {
  manual_clock time = manual_clock{};
  keyring keys = keyring::parse("a secret of the site that is long enough").value();
  token_signer signer{keys, time};
  page_tokens tokens{signer};
  session_token content{.view_id = "phx-1", .view = "blog", .live_session = "main", .session = {{"visitor", "v1"}}};
  json payload = {{"url", "http://localhost/blog/hello?p=1"},
                  {"params", {{"_csrf_token", "C"}, {"_mounts", 0}, {"_mount_attempts", 0}}},
                  {"session", tokens.sign(content)},
                  {"static", tokens.sign(static_token{"phx-1", {{"info", "welcome"}}})},
                  {"sticky", false}};
  join_context context{.topic = "lv:phx-1",
                       .has_session = true,
                       .route = [](std::string_view url) -> std::optional<route_match> {
                         if (url.find("/blog/") != url.npos)
                           return route_match{"blog", "main", {{"slug", "hello"}}};
                         if (url.find("/streams") != url.npos)
                           return route_match{"streams", "main"};
                         if (url.find("/admin") != url.npos)
                           return route_match{"admin", "admin"};
                         return std::nullopt;
                       },
                       .has_view = [](std::string_view view) { return view == "blog" || view == "streams"; }};

  [[nodiscard]] join_decision decide() const { return check_join(tokens, payload, context); }
  [[nodiscard]] join_accepted accepted() const {
    const auto decision = decide();
    REQUIRE(std::holds_alternative<join_accepted>(decision));
    return std::get<join_accepted>(decision);
  }
  [[nodiscard]] std::string refused() const {
    const auto decision = decide();
    return std::holds_alternative<join_refusal>(decision) ? refusal_response(std::get<join_refusal>(decision))
                                                          : "accepted";
  }
};

constexpr auto stale = R"({"reason":"stale"})";
constexpr auto unauthorized = R"({"reason":"unauthorized"})";
constexpr auto crashed = R"({"reason":"join crashed"})";

}  // namespace

TEST_CASE("a join with the page's own tokens is accepted") {
  const auto join = site{}.accepted();
  CHECK(join.view_id == "phx-1");
  CHECK(join.view == "blog");
  CHECK(join.live_session == "main");
  CHECK(join.is_routable);
  CHECK_FALSE(join.is_live_navigation);
  CHECK(join.url == "/blog/hello?p=1");
  CHECK(join.params == json{{"slug", "hello"}});
  CHECK(join.session == json{{"visitor", "v1"}});
  CHECK(join.flash == json{{"info", "welcome"}});
  CHECK(join.connect_params.at("_csrf_token") == "C");
  CHECK(join.mounts == 0);
}

TEST_CASE("tokens that do not fit are stale") {
  auto s = site{};
  SUBCASE("no session token") { s.payload.erase("session"); }
  SUBCASE("null") { s.payload["session"] = nullptr; }
  SUBCASE("garbage") { s.payload["session"] = "garbage"; }
  SUBCASE("changed by one character") {
    auto text = s.payload["session"].get<std::string>();
    text.back() = text.back() == 'A' ? 'B' : 'A';
    s.payload["session"] = text;
  }
  SUBCASE("a static token as session token") { s.payload["session"] = s.payload["static"]; }
  SUBCASE("a session token as static token") { s.payload["static"] = s.payload["session"]; }
  SUBCASE("of another view id") { s.context.topic = "lv:phx-2"; }
  SUBCASE("a topic of another kind") { s.context.topic = "phx-1"; }
  SUBCASE("a static token of another page") { s.payload["static"] = s.tokens.sign(static_token{"phx-2"}); }
  SUBCASE("older than two weeks") { s.time.advance(page_token_age_max + 1s); }
  SUBCASE("of another site") {
    const auto keys = keyring::parse("the secret of another site which is also long").value();
    const auto signer = token_signer{keys, s.time};
    s.payload["session"] = page_tokens{signer}.sign(s.content);
  }
  SUBCASE("the connection has no session") { s.context.has_session = false; }
  SUBCASE("the view was renamed by a deploy") {
    s.context.has_view = [](std::string_view) { return false; };
  }
  CHECK(s.refused() == stale);
}

TEST_CASE("content of another format version is stale") {
  auto s = site{};
  s.payload["session"] = s.signer.sign("live.session", R"({"v":99,"id":"phx-1"})");
  CHECK(s.refused() == stale);
  CHECK(s.tokens.verify_session(s.payload["session"].get<std::string>()).error().code == errc::unsupported);
  for (const auto* content :
       {"", "[]", "{}", R"({"v":1})", R"({"v":1,"id":5})",
        R"({"v":1,"id":"a","view":"b","live":"l","routable":false,"session":{},"parent":7})",
        R"({"v":1,"id":"a","view":"b","live":"l","routable":false,"session":{},"parent":{"id":"","process":7}})",
        R"({"v":1,"id":"a","view":"b","live":"l","routable":false,"session":{},"parent":{"id":"p","process":-7}})",
        R"({"v":1,"id":"a","view":"b","live":"l","routable":true,"session":{},"parent":{"id":"p","process":7}})"})
    CHECK(s.tokens.verify_session(s.signer.sign("live.session", content)).error().code == errc::corrupt);
}

TEST_CASE("a static token may be missing") {
  auto s = site{};
  SUBCASE("null") { s.payload["static"] = nullptr; }
  SUBCASE("absent") { s.payload.erase("static"); }
  CHECK(s.accepted().flash == json::object());
}

TEST_CASE("the URL must lead to the token's view in its live session") {
  auto s = site{};
  SUBCASE("another view") { s.payload["url"] = "http://localhost/streams"; }
  SUBCASE("another live session") { s.payload["url"] = "http://localhost/admin"; }
  SUBCASE("no live route") { s.payload["url"] = "http://localhost/robots.txt"; }
  SUBCASE("no URL at all") { s.payload.erase("url"); }
  CHECK(s.refused() == unauthorized);
}

TEST_CASE("live navigation mounts the route's view under the first page's token") {
  auto s = site{};
  s.payload.erase("url");
  s.payload["redirect"] = "http://localhost/streams";
  SUBCASE("in the same live session") {
    const auto join = s.accepted();
    CHECK(join.view == "streams");
    CHECK(join.view_id == "phx-1");
    CHECK(join.is_live_navigation);
    CHECK(join.url == "/streams");
    CHECK(join.flash == json::object());
  }
  SUBCASE("not into another live session") {
    s.payload["redirect"] = "http://localhost/admin";
    CHECK(s.refused() == unauthorized);
  }
  SUBCASE("not to a page that is not live") {
    s.payload["redirect"] = "http://localhost/robots.txt";
    CHECK(s.refused() == unauthorized);
  }
}

TEST_CASE("a view without a route of its own takes no part in navigation") {
  auto s = site{};
  s.content.is_routable = false;
  s.payload["session"] = s.tokens.sign(s.content);
  s.payload["url"] = "http://localhost/about";
  const auto join = s.accepted();
  CHECK(join.view == "blog");
  CHECK_FALSE(join.is_routable);
  CHECK(join.params == json::object());
  s.payload["redirect"] = "http://localhost/blog/hello";
  CHECK(s.refused() == unauthorized);
}

TEST_CASE("a nested view joins under the parent that rendered it, and under no other") {
  auto s = site{};
  s.content = {.view_id = "phx-1",
               .view = "blog",
               .live_session = "main",
               .is_routable = false,
               .session = {{"visitor", "v1"}, {"post", 7}},
               .parent = {"phx-P", 42}};
  s.payload["session"] = s.tokens.sign(s.content);
  s.payload.erase("url");
  auto status = parent_status::alive;
  s.context.find_parent = [&](const parent_identity& p) {
    return p == parent_identity{"phx-P", 42} ? status : parent_status::gone;
  };
  SUBCASE("alive") {
    const auto join = s.accepted();
    CHECK(join.parent == s.content.parent);
    CHECK(join.session == s.content.session);
    CHECK_FALSE(join.is_routable);
    CHECK_FALSE(join.url.has_value());
    CHECK(join.flash == json::object());  // It is the root's to show.
  }
  SUBCASE("gone") {
    status = parent_status::gone;
    CHECK(s.refused() == stale);
  }
  SUBCASE("a connection that knows of no parents") {
    s.context.find_parent = nullptr;
    CHECK(s.refused() == stale);
  }
  SUBCASE("mounted anew since") {
    s.content.parent.process = 43;
    s.payload["session"] = s.tokens.sign(s.content);
    CHECK(s.refused() == stale);
  }
  SUBCASE("redirecting") {
    status = parent_status::redirecting;
    CHECK(s.refused() == R"({"reason":"parent_redirect"})");
  }
  SUBCASE("nobody navigates to it") {
    s.payload["redirect"] = "http://localhost/blog/hello";
    CHECK(s.refused() == unauthorized);
  }
}

TEST_CASE("a token of another build is stale where builds are told apart, and only there") {
  auto s = site{};
  const auto first = page_tokens{s.signer, "build-1"};
  const auto second = page_tokens{s.signer, "build-2"};
  const auto token = first.sign(s.content);
  CHECK(first.verify_session(token).value() == s.content);
  CHECK(second.verify_session(token).error().code == errc::unsupported);
  CHECK(s.tokens.verify_session(token).error().code == errc::unsupported);
  CHECK(first.verify_session(s.tokens.sign(s.content)).error().code == errc::unsupported);
  s.payload["session"] = token;
  CHECK(s.refused() == stale);
  // What was said before the restart is still to be shown after it.
  CHECK(second.verify_flash(first.sign_flash({{"info", "saved"}})).ok());
}

TEST_CASE("a reload token says which error page to show") {
  auto s = site{};
  const auto token = s.tokens.sign(reload_token{404, "There is no such post."});
  CHECK(s.tokens.verify_reload(token).value() == reload_token{404, "There is no such post."});
  CHECK_FALSE(s.tokens.verify_reload(s.payload["session"].get<std::string>()).ok());
  CHECK_FALSE(s.tokens.verify_session(token).ok());
  for (const auto status : {0, 200, 302, 600})
    CHECK(s.tokens.verify_reload(s.tokens.sign(reload_token{status, ""})).error().code == errc::corrupt);
  s.time.advance(page_token_age_max + 1s);
  CHECK(s.tokens.verify_reload(token).error().code == errc::timeout);
}

TEST_CASE("what the page was loaded with is told by the page, and believed only as text") {
  auto s = site{};
  CHECK(s.accepted().tracked_statics().empty());
  s.payload["params"]["_track_static"] = json::array({"http://localhost/assets/app-1.js", 7, nullptr, "x"});
  CHECK(s.accepted().tracked_statics() == std::vector<std::string>{"http://localhost/assets/app-1.js", "x"});
  s.payload["params"]["_track_static"] = "x";
  CHECK(s.accepted().tracked_statics().empty());
}

TEST_CASE("the flash of a redirect is preferred, that of the page is shown once") {
  auto s = site{};
  SUBCASE("redirect") {
    s.payload["flash"] = s.tokens.sign_flash({{"info", "saved"}});
    CHECK(s.accepted().flash == json{{"info", "saved"}});
    s.time.advance(flash_token_age_max + 1s);
    CHECK(s.accepted().flash == json{{"info", "welcome"}});
  }
  SUBCASE("second mount") {
    s.payload["params"]["_mounts"] = 1;
    s.payload["params"]["_mount_attempts"] = 2;
    const auto join = s.accepted();
    CHECK(join.flash == json::object());
    CHECK(join.mounts == 1);
    CHECK(join.mount_attempts == 2);
  }
}

TEST_CASE("a payload that no client sends crashes the join") {
  auto s = site{};
  SUBCASE("not an object") { s.payload = 7; }
  SUBCASE("no params") { s.payload.erase("params"); }
  SUBCASE("params of another type") { s.payload["params"] = "x"; }
  SUBCASE("session of another type") { s.payload["session"] = 7; }
  SUBCASE("static of another type") { s.payload["static"] = 7; }
  SUBCASE("url of another type") { s.payload["url"] = 7; }
  SUBCASE("redirect of another type") { s.payload["redirect"] = json::array(); }
  SUBCASE("flash of another type") { s.payload["flash"] = 7; }
  SUBCASE("mounts of another type") { s.payload["params"]["_mounts"] = "1"; }
  SUBCASE("negative mounts") { s.payload["params"]["_mounts"] = -1; }
  CHECK(s.refused() == crashed);
}

TEST_CASE("a binary join crashes") {
  const auto s = site{};
  const auto decision = check_join(s.tokens, beamline::web::channels::binary_payload{"x"}, s.context);
  REQUIRE(std::holds_alternative<join_refusal>(decision));
  CHECK(std::get<join_refusal>(decision) == join_refusal::crashed);
}

TEST_CASE("tokens carry any content and only harmless characters") {
  auto s = site{};
  s.content.session = {{"name", "\"<&> \xc3\xa9"}, {"list", {1, 2}}};
  const auto token = s.tokens.sign(s.content);
  CHECK(s.tokens.verify_session(token).value() == s.content);
  CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == token.npos);
  CHECK_FALSE(s.tokens.verify_flash(token).ok());
}
