// The upgrade and the frames of a WebSocket, octet by octet.
#include "wire/fixture.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

namespace {

auto with_echo(journal& j) {
  return [&j](web::router& r) {
    r.websocket("/ws", [&j](const web::request& req) -> result<std::unique_ptr<web::socket_handler>> {
      if (auto why = req.query_value("refuse"))
        return error{*why == "busy" ? errc::busy : errc::denied, "not you"};
      if (!req.auth_token.empty())
        j.note("token " + req.auth_token);
      return std::unique_ptr<web::socket_handler>{std::make_unique<echo_handler>(j)};
    });
  };
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("an upgrade is checked in the order the protocol demands") {
  auto j = journal{};
  auto options = test_options();
  options.origins = {};
  options.origins.public_host = "example.org";
  auto server = running_server{with_echo(j), options};
  struct row {
    std::string what;
    std::string octets;
    int status;
  };
  auto good = upgrade_request("/ws?vsn=2.0.0");
  auto foreign = "Origin: https://evil.example\r\n";
  auto rows = std::vector<row>{
      {"a good one", good, 101},
      {"a good one with its own origin", upgrade_request("/ws?vsn=2.0.0", "Origin: https://example.org:8443\r\n"), 101},
      {"patch versions do not matter", upgrade_request("/ws?vsn=2.0.17"), 101},
      {"POST", replaced(good, "GET", "POST"), 400},
      {"no upgrade asked for", "GET /ws?vsn=2.0.0 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"another protocol", replaced(good, "Upgrade: websocket", "Upgrade: h2c"), 400},
      {"no Connection: upgrade", replaced(good, "keep-alive, Upgrade", "keep-alive"), 400},
      {"HTTP/1.0", replaced(good, "HTTP/1.1", "HTTP/1.0"), 400},
      {"an old WebSocket version", replaced(good, "Version: 13", "Version: 8"), 400},
      {"a short key", replaced(good, "dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), 400},
      {"no key", replaced(good, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), 400},
      {"not an upgrade and foreign: 400 comes first", "GET /ws HTTP/1.1\r\nHost: a\r\nOrigin: https://evil\r\n\r\n",
       400},
      {"a foreign origin", upgrade_request("/ws?vsn=2.0.0", foreign), 403},
      {"the origin null", upgrade_request("/ws?vsn=2.0.0", "Origin: null\r\n"), 403},
      {"no vsn, which means 1.0.0", upgrade_request("/ws"), 403},
      {"vsn 1.0.0", upgrade_request("/ws?vsn=1.0.0"), 403},
      {"vsn 2.1.0", upgrade_request("/ws?vsn=2.1.0"), 403},
      {"vsn 3.0.0", upgrade_request("/ws?vsn=3.0.0"), 403},
      {"vsn that is none", upgrade_request("/ws?vsn=banana"), 403},
      {"a token that is no base64",
       upgrade_request("/ws?vsn=2.0.0", "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.!\r\n"), 403},
      {"a token without phoenix",
       upgrade_request("/ws?vsn=2.0.0", "Sec-WebSocket-Protocol: base64url.bearer.phx.YQ\r\n"), 403},
      {"the hook says no", upgrade_request("/ws?vsn=2.0.0&refuse=denied"), 403},
      {"the hook is busy", upgrade_request("/ws?vsn=2.0.0&refuse=busy"), 503},
      {"nothing there", upgrade_request("/nothing?vsn=2.0.0"), 404},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    auto client = server.connect();
    client.send(row.octets);
    CHECK(client.read_answer().status == row.status);
  }
}

TEST_CASE("the answer to an upgrade selects what was agreed on and nothing else") {
  auto j = journal{};
  auto server = running_server{with_echo(j), test_options()};
  auto client = server.connect();
  SUBCASE("no extension, no sub-protocol") {
    client.send(upgrade_request("/ws?vsn=2.0.0", "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                                                 "Sec-WebSocket-Protocol: chat\r\n"));
    auto answer = client.read_answer();
    CHECK(answer.status == 101);
    CHECK(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK_FALSE(answer.headers.contains("sec-websocket-extensions"));
    CHECK_FALSE(answer.headers.contains("sec-websocket-protocol"));
  }
  SUBCASE("phoenix, when the client brings a token") {
    client.send(upgrade_request("/ws?vsn=2.0.0", "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.c2VjcmV0\r\n"));
    auto answer = client.read_answer();
    CHECK(answer.status == 101);
    CHECK(answer.headers["sec-websocket-protocol"] == "phoenix");
    CHECK(j.has("token secret"));
  }
  SUBCASE("frames that come with the request are not lost") {
    client.send(upgrade_request("/ws?vsn=2.0.0") + masked_frame(1, "early"));
    CHECK(client.read_answer().status == 101);
    CHECK(client.read_frame()->payload == "early");
  }
}

TEST_CASE("frames that break the rules close the socket with the right code") {
  struct row {
    std::string what;
    std::string octets;
    int code;
  };
  auto j = journal{};
  auto options = test_options();
  options.message_bytes_max = 1000;
  auto server = running_server{with_echo(j), options};
  auto unmasked = std::string{"\x81\x02hi", 4};
  auto reserved = masked_frame(1, "x");
  reserved[0] = static_cast<char>(reserved[0] | 0x40);
  auto long_form = std::string{"\x81\xfe\x00\x01\0\0\0\0x", 9};
  auto rows = std::vector<row>{
      {"an unmasked frame", unmasked, 1002},
      {"a reserved bit", reserved, 1002},
      {"an unknown opcode", masked_frame(3, "x"), 1002},
      {"an unknown control opcode", masked_frame(11, "x"), 1002},
      {"a continuation of nothing", masked_frame(0, "x"), 1002},
      {"a message inside a message", masked_frame(1, "a", false) + masked_frame(1, "b"), 1002},
      {"a fragmented ping", masked_frame(9, "x", false), 1002},
      {"a ping that is too long", masked_frame(9, std::string(126, 'x')), 1002},
      {"a length in a longer form than needed", long_form, 1002},
      {"invalid UTF-8", masked_frame(1, "\xc3\x28"), 1007},
      {"invalid UTF-8 across fragments", masked_frame(1, "\xe2\x82", false) + masked_frame(0, "x"), 1007},
      {"a message above the limit", masked_frame(1, std::string(1001, 'x')), 1009},
      {"fragments above the limit",
       masked_frame(1, std::string(600, 'x'), false) + masked_frame(0, std::string(600, 'x')), 1009},
      {"half a close code", masked_frame(8, "x"), 1002},
      {"a close code that must not be sent", masked_frame(8, close_payload(1005)), 1002},
      {"a close reason that is no UTF-8", masked_frame(8, close_payload(1001, "\xff")), 1007},
      {"a close without a code", masked_frame(8, ""), 1005},
      {"a close with a code", masked_frame(8, close_payload(4001, "bye")), 4001},
      {"a handler that throws", masked_frame(1, "throw"), 1011},
      {"a handler that closes", masked_frame(1, "close"), 1012},
      {"a handler that closes with 1000", masked_frame(1, "close normally"), 1001},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    auto client = server.connect_socket();
    client.send(row.octets);
    auto frame = client.read_frame();
    REQUIRE(frame.has_value());
    CHECK(frame->op == 8);
    CHECK(frame->close_code() == row.code);
    client.send(masked_frame(8, close_payload(row.code == 1005 ? 1001 : row.code)));
    client.finish_sending();
    CHECK(client.reads_end());
  }
  auto after = server.connect_socket();
  after.send(masked_frame(1, "fine"));
  CHECK(after.read_frame()->payload == "fine");
}

TEST_CASE("messages go through whole, whatever their shape") {
  auto j = journal{};
  auto server = running_server{with_echo(j), test_options()};
  auto client = server.connect_socket();
  SUBCASE("empty, short, and just above each length form") {
    for (auto size : {0, 1, 125, 126, 65535, 65536, 700'000}) {
      auto payload = std::string(static_cast<std::size_t>(size), 'x');
      client.send(masked_frame(1, payload));
      auto frame = client.read_frame();
      REQUIRE(frame.has_value());
      CHECK(frame->op == 1);
      CHECK(frame->fin);
      CHECK(frame->payload == payload);
    }
  }
  SUBCASE("binary, from a private head and a shared body") {
    client.send(masked_frame(2, std::string{"\0\xff\x80 binary", 10}));
    auto frame = client.read_frame();
    REQUIRE(frame.has_value());
    CHECK(frame->op == 2);
    CHECK(frame->payload == std::string{"\0\xff\x80 binary", 10});
  }
  SUBCASE("fragments with a ping between them") {
    client.send(masked_frame(1, "frag", false) + masked_frame(9, "are you there") + masked_frame(0, "men", false)
                + masked_frame(0, "ted"));
    auto pong = client.read_frame();
    REQUIRE(pong.has_value());
    CHECK(pong->op == 10);
    CHECK(pong->payload == "are you there");
    CHECK(client.read_frame()->payload == "fragmented");
  }
  SUBCASE("a character cut in two by a fragment") {
    client.send(masked_frame(1, "\xe2\x82", false) + masked_frame(0, "\xac"));
    CHECK(client.read_frame()->payload == "\xe2\x82\xac");
  }
  SUBCASE("one octet at a time") {
    for (auto c : masked_frame(1, "trickle"))
      client.send(std::string(1, c));
    CHECK(client.read_frame()->payload == "trickle");
  }
  SUBCASE("a thousand in one go, in order") {
    auto all = std::string{};
    for (auto i = 0; i < 1000; ++i)
      all += masked_frame(1, std::to_string(i));
    client.send(all);
    for (auto i = 0; i < 1000; ++i)
      REQUIRE(client.read_frame()->payload == std::to_string(i));
  }
}

TEST_CASE("a handler hears how its socket ended, once") {
  auto j = journal{};
  auto options = test_options();
  SUBCASE("the browser closes") {
    auto server = running_server{with_echo(j), options};
    server.connect_socket().send(masked_frame(8, close_payload(1001)));
    CHECK(j.has("closed peer 1001"));
  }
  SUBCASE("the connection breaks") {
    auto server = running_server{with_echo(j), options};
    { auto client = server.connect_socket(); }
    CHECK(j.has("closed peer 1006"));
  }
  SUBCASE("nothing is heard for too long") {
    options.socket_idle_timeout = 30ms;
    auto server = running_server{with_echo(j), options};
    auto client = server.connect_socket();
    CHECK(client.read_frame()->close_code() == 1001);
    CHECK(j.has("closed idle 1001"));
  }
  SUBCASE("a browser that does not answer our close is cut") {
    options.socket_close_timeout = 30ms;
    auto server = running_server{with_echo(j), options};
    auto client = server.connect_socket();
    client.send(masked_frame(1, "close"));
    CHECK(client.read_frame()->close_code() == 1012);
    CHECK(client.gets_cut());
  }
}
