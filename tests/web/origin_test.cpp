#include "web/origin.hpp"

#include "web/upgrade.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;

namespace {

request from(const char* origin_text, const char* host = "example.org") {
  auto req = request{};
  req.headers.add("host", host);
  if (origin_text != nullptr)
    req.headers.add("origin", origin_text);
  return req;
}

}  // namespace

TEST_CASE("origins are taken apart with their default ports") {
  CHECK(parse_origin("https://Example.ORG") == origin{"https", "example.org", 443});
  CHECK(parse_origin("http://a:8080/path") == origin{"http", "a", 8080});
  CHECK(parse_origin("http://[::1]:4000") == origin{"http", "[::1]", 4000});
  for (const auto* bad : {"null", "", "example.org", "://a", "http://", "http://a:0", "http://a:99999", "http://a b",
                          "http://user@a", "http://a:x"}) {
    CAPTURE(std::string{bad});
    CHECK_FALSE(parse_origin(bad));
  }
  CHECK_FALSE(parse_origin("http://" + std::string(254, 'a')));
}

TEST_CASE("mode on compares the host with the public one") {
  auto policy = *parse_origin_policy("on", "example.org");
  CHECK(policy.allows(from(nullptr)));
  CHECK(policy.allows(from("https://EXAMPLE.org:1234")));
  CHECK_FALSE(policy.allows(from("https://evil.org")));
  CHECK_FALSE(policy.allows(from("https://example.org.evil.org")));
  CHECK_FALSE(policy.allows(from("null")));
}

TEST_CASE("a list allows what some pattern matches") {
  auto policy = parse_origin_policy("https://a.org, //b.org, //*.c.org, http://d.org:8080", "ignored");
  REQUIRE(policy);
  for (const auto* good :
       {"https://a.org", "http://b.org:99", "https://c.org", "https://x.y.c.org", "http://d.org:8080"}) {
    CAPTURE(std::string{good});
    CHECK(policy->allows(from(good)));
  }
  for (const auto* bad :
       {"http://a.org", "https://a.org:444", "https://x.b.org", "https://evilc.org", "http://d.org"}) {
    CAPTURE(std::string{bad});
    CHECK_FALSE(policy->allows(from(bad)));
  }
}

TEST_CASE("mode conn demands the request's own scheme, host and port") {
  auto policy = *parse_origin_policy("conn", "ignored");
  CHECK(policy.allows(from("http://localhost:4000", "localhost:4000")));
  CHECK_FALSE(policy.allows(from("http://localhost:4001", "localhost:4000")));
  CHECK_FALSE(policy.allows(from("https://localhost:4000", "localhost:4000")));
  auto secure = from("https://a.org", "a.org");
  secure.is_secure = true;
  CHECK(policy.allows(secure));
}

TEST_CASE("off lets all pass, a callback decides alone") {
  CHECK(parse_origin_policy("off", "x")->allows(from("null")));
  auto policy = origin_policy{};
  policy.how = origin_policy::mode::callback;
  CHECK_FALSE(policy.allows(from("https://a.org")));
  policy.check = [](const origin& o, const request&) { return o.host == "a.org"; };
  CHECK(policy.allows(from("https://a.org")));
  CHECK_FALSE(policy.allows(from("https://b.org")));
}

TEST_CASE("malformed origin patterns are named") {
  for (const auto* bad : {"", "a.org", "https://", "//*.", "://a", "https://a.org, x"}) {
    CAPTURE(std::string{bad});
    CHECK_FALSE(parse_origin_policy(bad, "x"));
  }
  CHECK(parse_origin_policy("a.org", "x").error().message.find("\"a.org\"") != std::string::npos);
}

TEST_CASE("vsn must match ~> 2.0.0") {
  for (const auto* good : {"2.0.0", "2.0.1", "2.0.99"})
    CHECK(is_supported_vsn(good));
  for (const auto* bad : {"", "1.0.0", "2", "2.0", "2.0.", "2.1.0", "2.0.0.1", "2.0.x", "2.0.01", "2.0.-1", "12.0.0"}) {
    CAPTURE(std::string{bad});
    CHECK_FALSE(is_supported_vsn(bad));
  }
}
