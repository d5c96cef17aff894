// What the server answers over real sockets, request by request.
#include "web/events.hpp"
#include "wire/fixture.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;
using namespace std::string_literals;

namespace {

void pages(web::router& r) {
  r.get("/", [](const web::request&, web::responder a) { a.send(web::response::html("<p>start</p>")); });
  r.get("/blog/:slug",
        [](const web::request& req, web::responder a) { a.send(web::response::text(std::string{req.param("slug")})); });
  r.post("/echo", [](const web::request& req, web::responder a) { a.send(web::response::text(req.body)); });
  r.get("/drop", [](const web::request&, web::responder) {});
  r.get("/throw", [](const web::request&, web::responder) { throw std::runtime_error{"asked to"}; });
  r.get("/split", [](const web::request&, web::responder a) {
    a.send(web::response::text("x").with("location", "/a\r\nset-cookie: evil=1"));
  });
  r.get("/large",
        [](const web::request&, web::responder a) { a.send(web::response::text(std::string(3'000'000, 'x'))); });
}

std::string get(const std::string& target, const std::string& extra = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + extra + "\r\n";
}

}  // namespace

TEST_CASE("a malformed request gets exactly one clear answer and then the end of the connection") {
  struct row {
    std::string what;
    std::string octets;
    int status;
  };
  auto options = test_options();
  options.body_bytes_max = 1000;
  auto server = running_server{pages, options};
  auto post = [](const std::string& fields, const std::string& body = {}) {
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
  };
  auto rows = std::vector<row>{
      {"garbage", "\x16\x03\x01 hello\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
      {"a bad version", "GET / HTTQ/1.1\r\nHost: a\r\n\r\n", 400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/0.9 by name", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"two spaces in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"an absolute target", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"a Host that is none", "GET / HTTP/1.1\r\nHost: a/b@c d\r\n\r\n", 400},
      {"a bare line feed", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"one bare line feed among good lines", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400},
      {"a bare carriage return", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400},
      {"a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400},
      {"a field that starts with a space", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"a field without a colon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 400},
      {"a field without a name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400},
      {"NUL in a field", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"s, 400},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"an encoded NUL in the path", get("/a%00b"), 400},
      {"a broken escape", get("/a%zz"), 400},
      {"invalid UTF-8 in the path", get("/%ff"), 400},
      {".. above the root", get("/../etc/passwd"), 400},
      {"encoded .. above the root", get("/%2e%2E/etc/passwd"), 400},
      {"Content-Length beside Transfer-Encoding",
       post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"the same two, the other way round", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
       400},
      {"two Content-Lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400},
      {"two equal Content-Lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
      {"a list as Content-Length", post("Content-Length: 3, 3\r\n", "abc"), 400},
      {"a negative Content-Length", post("Content-Length: -3\r\n"), 400},
      {"a signed Content-Length", post("Content-Length: +3\r\n", "abc"), 400},
      {"an endless Content-Length", post("Content-Length: 99999999999999999999999\r\n"), 400},
      {"gzip as Transfer-Encoding", post("Transfer-Encoding: gzip\r\n"), 501},
      {"gzip and chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
      {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a chunk size that is none", post("Transfer-Encoding: chunked\r\n", "xyz\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk longer than it says", post("Transfer-Encoding: chunked\r\n", "2\r\nabc\r\n0\r\n\r\n"), 400},
      {"a body above the limit", post("Content-Length: 1001\r\n"), 413},
      {"chunks above the limit",
       post("Transfer-Encoding: chunked\r\n", "3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n"), 413},
      {"an unknown expectation", post("Expect: a-miracle\r\nContent-Length: 3\r\n", "abc"), 417},
      {"a target above the limit", get("/" + std::string(17 * 1024, 'x')), 414},
      {"a target that never ends", "GET /" + std::string(40 * 1024, 'x'), 414},
      {"a field above the limit", get("/", "X: " + std::string(60 * 1024, 'x') + "\r\n"), 431},
      {"a field that never ends", "GET / HTTP/1.1\r\nX: " + std::string(60 * 1024, 'x'), 431},
  };
  auto many = std::string{};
  for (auto i = 0; i < 101; ++i)
    many += "X: y\r\n";
  rows.push_back({"too many fields", get("/", many), 431});

  for (const auto& row : rows) {
    CAPTURE(row.what);
    auto client = server.connect();
    client.send(row.octets);
    auto answer = client.read_answer();
    CHECK(answer.status == row.status);
    CHECK(answer.headers["connection"] == "close");
    CHECK(answer.headers["content-type"] == "application/json");
    CHECK(answer.headers["x-content-type-options"] == "nosniff");
    CHECK(answer.body.starts_with("{\"error\":{\"status\":" + std::to_string(row.status)));
    CHECK(client.reads_end());
  }
  auto after = server.connect();
  after.send(get("/"));
  CHECK(after.read_answer().status == 200);
}

TEST_CASE("good but unusual requests are served") {
  auto server = running_server{pages, test_options()};
  auto client = server.connect();
  SUBCASE("an empty line before the request") {
    client.send("\r\n" + get("/"));
    CHECK(client.read_answer().status == 200);
  }
  SUBCASE("a target of 8 KiB with brackets in the query") {
    client.send(get("/?_track_static%5B0%5D=x&a[]=" + std::string(8 * 1024, 'y')));
    CHECK(client.read_answer().status == 200);
  }
  SUBCASE("dot segments inside the tree") {
    client.send(get("/blog/x/../hello"));
    CHECK(client.read_answer().body == "hello");
  }
  SUBCASE("an encoded slash stays inside its segment") {
    client.send(get("/blog/a%2Fb"));
    CHECK(client.read_answer().body == "a/b");
  }
  SUBCASE("chunks with an extension and a trailer") {
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: z\r\n\r\n");
    CHECK(client.read_answer().body == "abcde");
    client.send(get("/blog/next"));
    CHECK(client.read_answer().body == "next");
  }
  SUBCASE("a client that waits for 100 Continue is told to go on") {
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    CHECK(client.read_answer().status == 100);
    client.send("abc");
    CHECK(client.read_answer().body == "abc");
  }
  SUBCASE("HTTP/1.0 without Host is answered and closed") {
    client.send("GET / HTTP/1.0\r\n\r\n");
    auto answer = client.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.headers["connection"] == "close");
    CHECK(client.reads_end());
  }
  SUBCASE("a request that comes octet by octet") {
    for (auto c : get("/blog/slow"))
      client.send(std::string(1, c));
    CHECK(client.read_answer().body == "slow");
  }
  SUBCASE("a client that stops sending still gets its answer") {
    client.send(get("/large"));
    client.finish_sending();
    CHECK(client.read_answer().body.size() == 3'000'000);
    CHECK(client.reads_end());
  }
}

TEST_CASE("one connection serves many requests") {
  auto options = test_options();
  auto server = running_server{pages, options};
  auto client = server.connect();
  SUBCASE("one after the other") {
    for (auto i = 0; i < 5; ++i) {
      client.send(get("/blog/" + std::to_string(i)));
      auto answer = client.read_answer();
      CHECK(answer.body == std::to_string(i));
      CHECK(answer.headers["connection"] == "keep-alive");
    }
  }
  SUBCASE("five hundred at once, answered in order") {
    auto all = std::string{};
    for (auto i = 0; i < 500; ++i)
      all += get("/blog/" + std::to_string(i));
    client.send(all);
    for (auto i = 0; i < 500; ++i)
      REQUIRE(client.read_answer().body == std::to_string(i));
  }
  SUBCASE("until it asks for the end") {
    client.send(get("/", "Connection: close\r\n"));
    CHECK(client.read_answer().headers["connection"] == "close");
    CHECK(client.reads_end());
  }
}

TEST_CASE("the last request that a connection may make says so") {
  auto options = test_options();
  options.requests_per_connection_max = 2;
  auto server = running_server{pages, options};
  auto client = server.connect();
  client.send(get("/") + get("/") + get("/"));
  CHECK(client.read_answer().headers["connection"] == "keep-alive");
  CHECK(client.read_answer().headers["connection"] == "close");
  CHECK(client.reads_end());
}

TEST_CASE("methods are matched against what a path offers") {
  auto server = running_server{pages, test_options()};
  auto client = server.connect();
  SUBCASE("HEAD is GET without the body") {
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/blog/after"));
    auto head = client.read_answer(true);
    CHECK(head.status == 200);
    CHECK(head.headers["content-length"] == "12");
    CHECK(client.read_answer().body == "after");
  }
  SUBCASE("another method gets 405 with Allow") {
    client.send("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n");
    auto answer = client.read_answer();
    CHECK(answer.status == 405);
    CHECK(answer.headers["allow"] == "GET, HEAD, OPTIONS");
  }
  SUBCASE("an invented method gets 405 as well") {
    client.send("BREW /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    auto answer = client.read_answer();
    CHECK(answer.status == 405);
    CHECK(answer.headers["allow"] == "POST, OPTIONS");
  }
  SUBCASE("OPTIONS lists the methods, also for the whole server") {
    client.send("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(client.read_answer().headers["allow"] == "POST, OPTIONS");
    CHECK(client.read_answer().status == 204);
  }
  SUBCASE("an unknown path gets a page for people") {
    client.send(get("/nowhere", "Accept: text/html,application/xhtml+xml\r\n"));
    auto answer = client.read_answer();
    CHECK(answer.status == 404);
    CHECK(answer.headers["content-type"] == "text/html; charset=utf-8");
    CHECK(answer.body.find("<h1>") != std::string::npos);
    CHECK(answer.headers["content-security-policy"].find("script-src 'self';") != std::string::npos);
    CHECK_FALSE(answer.headers.contains("server"));
  }
}

TEST_CASE("a handler that fails costs its request and nothing else") {
  auto options = test_options();
  options.answer_timeout = 30ms;
  auto late = std::optional<web::responder>{};
  auto server = running_server{[&](web::router& r) {
                                 pages(r);
                                 r.get("/never", [&](const web::request&, web::responder a) { late = std::move(a); });
                               },
                               options};
  auto client = server.connect();
  SUBCASE("it drops its responder") {
    client.send(get("/drop"));
    CHECK(client.read_answer().status == 500);
    CHECK(server.logged("dropped unanswered"));
  }
  SUBCASE("it throws") {
    client.send(get("/throw"));
    CHECK(client.read_answer().status == 500);
    CHECK(server.logged("asked to"));
  }
  SUBCASE("it sets a header that would split the answer") {
    client.send(get("/split"));
    auto answer = client.read_answer();
    CHECK(answer.status == 500);
    CHECK_FALSE(answer.headers.contains("set-cookie"));
  }
  SUBCASE("it answers too late") {
    client.send(get("/never"));
    auto answer = client.read_answer();
    CHECK(answer.status == 503);
    CHECK(answer.headers.contains("retry-after"));
    late->send(web::response::text("too late"));
  }
  client.send(get("/blog/still-here"));
  CHECK(client.read_answer().body == "still-here");
}

TEST_CASE("a request may be answered by another thread") {
  auto waiting = std::promise<web::responder>{};
  auto server =
      running_server{[&](web::router& r) {
                       r.get("/later", [&](const web::request&, web::responder a) { waiting.set_value(std::move(a)); });
                     },
                     test_options()};
  auto client = server.connect();
  client.send(get("/later"));
  auto answer = waiting.get_future().get();
  CHECK(answer.req().path == "/later");
  answer.send(web::response::text("now"));
  CHECK(client.read_answer().body == "now");
}

// Each with only its own time-out short: on a busy machine, the test itself is slow now and then.
TEST_CASE("a trusted proxy says who asks, and nobody else") {
  auto say_who = [](web::router& r) {
    r.get("/who", [](const web::request& req, web::responder a) {
      a.send(web::response::text(req.peer + " for " + req.client + (req.is_secure ? " https" : " http")));
    });
  };
  const auto asked = get("/who", "X-Forwarded-For: 192.0.2.66, 198.51.100.1\r\nX-Forwarded-Proto: https\r\n");
  auto ask = [&](std::string_view trusted) {
    auto options = test_options();
    options.proxies = web::trusted_proxies::parse(trusted).value();
    auto server = running_server{say_who, options};
    auto client = server.connect();
    client.send(asked);
    return client.read_answer().body;
  };
  CHECK(ask("127.0.0.0/8") == "127.0.0.1 for 198.51.100.1 https");
  CHECK(ask("192.0.2.0/24") == "127.0.0.1 for 127.0.0.1 http");
  CHECK(ask("") == "127.0.0.1 for 127.0.0.1 http");
}

TEST_CASE("a proxy that was not named is told of once, with the key to set") {
  auto ask = [](running_server& server, const std::string& fields) {
    auto client = server.connect();
    client.send(get("/", fields));
    CHECK(client.read_answer().status == 200);
  };
  auto told = [](const running_server& server) {
    return std::ranges::count_if(server.log->recent(), [](const std::string& line) {
      return line.find("web.trusted_proxies") != std::string::npos && line.find("proxy=127.0.0.1") != std::string::npos;
    });
  };
  auto options = test_options();
  SUBCASE("nobody is trusted") {
    auto server = running_server{pages, options};
    auto seen = std::atomic<int>{0};
    auto watch = server.events.attach<web::proxy_not_named>([&](const auto& e) { seen += e.peer == "127.0.0.1"; });
    ask(server, "");
    CHECK(told(server) == 0);
    for (int i = 0; i < 3; ++i)
      ask(server, "X-Forwarded-For: 198.51.100.1\r\n");
    CHECK(told(server) == 1);
    CHECK(seen == 3);
  }
  SUBCASE("it was named") {
    options.proxies = web::trusted_proxies::parse("127.0.0.1").value();
    auto server = running_server{pages, options};
    ask(server, "X-Forwarded-For: 198.51.100.1\r\n");
    CHECK(told(server) == 0);
  }
}

TEST_CASE("clients that are slow or silent are not waited for") {
  auto options = test_options();
  SUBCASE("half a header gets 408") {
    options.header_timeout = 1s;
    auto server = running_server{pages, options};
    auto client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost:");
    CHECK(client.read_answer().status == 408);
    CHECK(client.reads_end());
  }
  SUBCASE("half a body gets 408") {
    options.body_timeout = 30ms;
    auto server = running_server{pages, options};
    auto client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    CHECK(client.read_answer().status == 408);
    CHECK(client.reads_end());
  }
  SUBCASE("silence from the start is closed in silence") {
    options.header_timeout = 30ms;
    auto server = running_server{pages, options};
    CHECK(server.connect().reads_end());
  }
  SUBCASE("silence between requests is closed in silence") {
    options.keep_alive_timeout = 30ms;
    auto server = running_server{pages, options};
    auto client = server.connect();
    client.send(get("/"));
    CHECK(client.read_answer().status == 200);
    CHECK(client.reads_end());
  }
}
