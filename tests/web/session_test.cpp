#include "web/session.hpp"

#include "base/crypto.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;

namespace {

struct site {
  manual_clock time = manual_clock{};
  keyring keys = keyring::parse(std::string(40, 'k')).value();
  token_signer signer{keys, time};
  session_codec codec{signer, {}};
};

/// The request of a browser that got `res` before.
request next_request(const response& res) {
  auto req = request{};
  auto header = std::string{res.headers.get("set-cookie")};
  auto equals = header.find('=');
  req.cookies.emplace_back(header.substr(0, equals), header.substr(equals + 1, header.find(';') - equals - 1));
  return req;
}

}  // namespace

TEST_CASE("a session survives the way to the browser and back") {
  auto s = site{};
  auto session = session_data{};
  session.set("user", "ada");
  session.set("count", 3);
  auto res = response::html("");
  REQUIRE(s.codec.store(session, res));
  auto header = std::string{res.headers.get("set-cookie")};
  for (const auto* part : {"; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=1209600"})
    CHECK(header.find(part) != std::string::npos);
  CHECK(header.find("Secure") == std::string::npos);
  auto again = s.codec.load(next_request(res));
  CHECK(again.values() == session.values());
  CHECK_FALSE(again.changed());
}

TEST_CASE("a session is written only when it changed, and deleted when it is empty") {
  auto s = site{};
  auto res = response::html("");
  auto session = session_data{json{{"a", 1}}};
  REQUIRE(s.codec.store(session, res));
  session.set("a", 1);
  session.remove("b");
  REQUIRE(s.codec.store(session, res));
  CHECK_FALSE(res.headers.has("set-cookie"));
  session.clear();
  REQUIRE(s.codec.store(session, res));
  CHECK(res.headers.get("set-cookie").find("Max-Age=0") != std::string_view::npos);
}

TEST_CASE("cookies that are missing, forged, foreign or old give an empty session and say why") {
  auto s = site{};
  auto session = session_data{};
  session.set("user", "ada");
  auto res = response::html("");
  REQUIRE(s.codec.store(session, res));
  auto req = next_request(res);
  CHECK(s.codec.read(request{}).error().code == errc::not_found);
  SUBCASE("forged") {
    auto& c = req.cookies.front().second.back();
    c = c == 'A' ? 'B' : 'A';
  }
  SUBCASE("no token at all") { req.cookies.front().second = "hello"; }
  SUBCASE("a token of another purpose") { req.cookies.front().second = s.signer.sign("flash", R"({"user":"eve"})"); }
  SUBCASE("not JSON inside") { req.cookies.front().second = s.signer.sign(session_token_purpose, "{"); }
  SUBCASE("too old") { s.time.advance(std::chrono::hours{24 * 15}); }
  CHECK_FALSE(s.codec.read(req));
  CHECK(s.codec.load(req).values().empty());
}

TEST_CASE("a session that does not fit into a cookie is refused") {
  auto s = site{};
  auto session = session_data{};
  session.set("essay", std::string(4000, 'x'));
  auto res = response::html("");
  auto stored = s.codec.store(session, res);
  REQUIRE_FALSE(stored);
  CHECK(stored.error().code == errc::too_large);
  CHECK_FALSE(res.headers.has("set-cookie"));
}

TEST_CASE("CSRF tokens differ on every page and belong to one session") {
  auto random = seeded_random{4};
  auto session = session_data{};
  auto other = session_data{};
  auto first = csrf::masked(session, random);
  auto second = csrf::masked(session, random);
  auto foreign = csrf::masked(other, random);
  CHECK(session.changed());
  CHECK(first != second);
  CHECK(csrf::matches(session, first));
  CHECK(csrf::matches(session, second));
  CHECK_FALSE(csrf::matches(session, foreign));
  CHECK_FALSE(csrf::matches(session, ""));
  CHECK_FALSE(csrf::matches(session, first.substr(1)));
  CHECK_FALSE(csrf::matches(session, *session.find(csrf::session_key)));
  CHECK_FALSE(csrf::matches(session_data{}, first));
  CHECK_FALSE(csrf::matches(session_data{}, base64url_encode(std::string(36, '\0'))));
}

TEST_CASE("the guard lets through what is safe or proves its page") {
  auto s = site{};
  auto random = seeded_random{5};
  auto origins = origin_policy{};
  auto guard = csrf::guard(s.codec, origins);
  auto session = session_data{};
  auto token = csrf::masked(session, random);
  auto res = response::html("");
  REQUIRE(s.codec.store(session, res));
  auto req = next_request(res);
  req.headers.add("origin", "http://localhost:4000");
  SUBCASE("GET needs nothing") {
    req.headers.set("origin", "https://evil.example");
    CHECK_FALSE(guard(req));
  }
  req.method = http_method::post;
  SUBCASE("POST without a token is refused") { CHECK(guard(req)->status == 403); }
  SUBCASE("the token may come as a header") {
    req.headers.add("X-CSRF-Token", token);
    CHECK_FALSE(guard(req));
  }
  SUBCASE("the token may come as a field of a form") {
    req.headers.add("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    req.body = "like=1&_csrf_token=" + token;
    CHECK_FALSE(guard(req));
  }
  SUBCASE("a field of a body that is no form does not count") {
    req.headers.add("content-type", "text/plain");
    req.body = "_csrf_token=" + token;
    CHECK(guard(req)->status == 403);
  }
  SUBCASE("a good token from a foreign page is refused") {
    req.headers.add("x-csrf-token", token);
    req.headers.set("origin", "https://evil.example");
    CHECK(guard(req)->status == 403);
  }
}
