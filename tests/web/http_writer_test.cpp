#include "web/http_writer.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;

TEST_CASE("dates are written as HTTP wants them") {
  CHECK(http_date(wall_time{std::chrono::seconds{784'887'151}}) == "Tue, 15 Nov 1994 08:12:31 GMT");
  CHECK(http_date(wall_time{std::chrono::seconds{951'782'400}}) == "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST_CASE("a head has the default headers, unless the answer says otherwise") {
  auto framing = answer_framing{};
  auto head = write_head(
      response::html("<p>").with("referrer-policy", "no-referrer").with("content-security-policy", ""), framing, "now");
  REQUIRE(head);
  CHECK(head->starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(head->ends_with("\r\n\r\n"));
  CHECK(head->find("content-length: 3\r\n") != std::string::npos);
  CHECK(head->find("referrer-policy: no-referrer\r\n") != std::string::npos);
  CHECK(head->find("strict-origin") == std::string::npos);
  CHECK(head->find("content-security-policy") == std::string::npos);
  CHECK(head->find("cross-origin-opener-policy: same-origin\r\n") != std::string::npos);
}

TEST_CASE("an answer that forbids a body has no length") {
  for (auto status : {204, 304}) {
    auto framing = answer_framing{};
    auto head = write_head(response::empty(status), framing, "now");
    REQUIRE(head);
    CHECK(head->find("content-length") == std::string::npos);
    CHECK(framing.without_body);
  }
}

TEST_CASE("headers that would change the framing are refused") {
  auto refused = [](std::string name, std::string value) {
    auto res = response::empty(200);
    res.headers.add(std::move(name), std::move(value));
    auto framing = answer_framing{};
    return !write_head(res, framing, "now").ok();
  };
  CHECK(refused("location", "/a\r\nx: y"));
  CHECK(refused("location", std::string{"a\0b", 3}));
  CHECK(refused("x y", "z"));
  CHECK(refused("", "z"));
  CHECK(refused("content-length", "5"));
  CHECK(refused("Transfer-Encoding", "chunked"));
  CHECK_FALSE(refused("x-note", "caf\xc3\xa9\tbar"));
}

TEST_CASE("errors are pages for people and JSON for programs, with everything escaped") {
  auto req = request{};
  CHECK(response::failure(req, 404, "no \"<x>\"").body_text()
        == R"({"error":{"status":404,"title":"Not Found","detail":"no \"<x>\""}})");
  req.headers.add("accept", "text/html,application/json;q=0.9");
  auto page = response::failure(req, 404, "no <x>");
  CHECK(page.body_text().find("<p>no &lt;x&gt;</p>") != std::string_view::npos);
  CHECK(page.body_text().find("<script") == std::string_view::npos);
}
