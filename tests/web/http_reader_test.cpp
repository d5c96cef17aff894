#include "web/http_reader.hpp"

#include "base/random.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using state = http_reader::state;

TEST_CASE("a request comes out whole, however it is cut") {
  auto limits = web_options{};
  auto text = std::string{
      "POST /a/b%20c?x=1&y%5B%5D=%C3%A9&empty HTTP/1.1\r\nHost: example.org\r\nCookie: a=1; b=\"2\"; bad; =x\r\n"
      "Content-Length: 5\r\nX-One: 1\r\nx-one: 2\r\n\r\nhello"};
  for (auto step : {1U, 2U, 5U, 50U, 5000U}) {
    CAPTURE(step);
    auto reader = http_reader{limits};
    auto last = state::idle;
    for (std::size_t at = 0; at < text.size(); at += step) {
      reader.append(text.substr(at, step));
      last = reader.advance();
    }
    REQUIRE(last == state::complete);
    auto req = reader.take();
    CHECK(req.method == http_method::post);
    CHECK(req.path == "/a/b c");
    CHECK(req.query == pair_list{{"x", "1"}, {"y[]", "\xc3\xa9"}, {"empty", ""}});
    CHECK(req.cookies == pair_list{{"a", "1"}, {"b", "2"}});
    CHECK(req.headers.count("X-ONE") == 2);
    CHECK(req.body == "hello");
    CHECK(req.keep_alive);
    CHECK(reader.advance() == state::idle);
    CHECK_FALSE(reader.has_input());
  }
}

TEST_CASE("requests follow each other without losing an octet") {
  auto limits = web_options{};
  auto reader = http_reader{limits};
  reader.append("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /3 "
                "HTTP/1.1\r\nHo");
  for (const auto* path : {"/1", "/2"}) {
    REQUIRE(reader.advance() == state::complete);
    CHECK(reader.take().path == path);
  }
  CHECK(reader.advance() == state::head);
  reader.append("st: a\r\n\r\nrest");
  REQUIRE(reader.advance() == state::complete);
  CHECK(reader.take().path == "/3");
  CHECK(reader.take_input() == "rest");
}

TEST_CASE("a chunk line that never ends is refused") {
  auto limits = web_options{};
  auto reader = http_reader{limits};
  reader.append("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(5000, 'x'));
  CHECK(reader.advance() == state::failed);
  CHECK(reader.failure().status == 400);
}

TEST_CASE("mangled requests are refused or understood, and nothing else happens") {
  auto limits = web_options{};
  limits.body_bytes_max = 100;
  auto random = seeded_random{3};
  auto good = std::array<std::string, 3>{
      "GET /a?b=c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
  };
  auto refused = 0;
  for (auto round = 0; round < 20'000; ++round) {
    auto text = good[random.below(good.size())];
    for (auto edits = random.below(4); edits > 0; --edits) {
      auto at = random.below(text.size());
      switch (random.below(3)) {
        case 0: text[at] = static_cast<char>(random.below(256)); break;
        case 1: text.erase(at, random.below(5)); break;
        default: text.insert(at, 1, "\r\n \0:;%"[random.below(7)]); break;
      }
      if (text.empty())
        text = "x";
    }
    auto reader = http_reader{limits};
    for (std::size_t at = 0, step = random.below(40) + 1; at < text.size(); at += step) {
      reader.append(text.substr(at, step));
      auto now = reader.advance();
      while (now == state::complete) {
        auto req = reader.take();
        REQUIRE(req.body.size() <= 100);
        REQUIRE(req.path.starts_with('/'));
        now = reader.advance();
      }
      if (now == state::failed) {
        ++refused;
        REQUIRE(reader.failure().status >= 400);
        break;
      }
    }
  }
  CHECK(refused > 1000);
}
