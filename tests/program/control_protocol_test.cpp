#include "program/control/limits.hpp"
#include "program/control/protocol.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::program::control;

TEST_CASE("a request survives its way over the wire") {
  request r;
  r.verb = "info";
  r.positional = {"web/sessions", "2"};
  r.arguments = {{"depth", 3}};
  r.timeout = 1500ms;
  r.node = "a@localhost";
  auto line = encode(r);
  CHECK(line.ends_with('\n'));
  auto back = parse_request(line.substr(0, line.size() - 1));
  REQUIRE(back.ok());
  CHECK(back->verb == r.verb);
  CHECK(back->positional == r.positional);
  CHECK(back->arguments == r.arguments);
  CHECK(back->timeout == r.timeout);
  CHECK(back->node == r.node);
  CHECK(encode(request{.verb = "help"}) == "{\"verb\":\"help\",\"version\":1}\n");
}

TEST_CASE("every kind of bad request is answered with what is wrong and what is expected") {
  struct row {
    std::string line;
    errc code;
    std::string part;
  };
  const std::vector<row> grid{
      {"", errc::invalid, "not one line of JSON such as {\"verb\":\"help\"}"},
      {"tree", errc::invalid, "not one line of JSON"},
      {"GET / HTTP/1.1", errc::invalid, "not one line of JSON"},
      {"{\"verb\":\"tree\"", errc::invalid, "not one line of JSON"},
      {"{\"verb\":\"a\",\"verb\":\"b\"}", errc::invalid, "not one line of JSON"},
      {"{\"verb\":\"\xff\"}", errc::invalid, "not one line of JSON"},
      {"[]", errc::invalid, "is array, expected an object"},
      {"17", errc::invalid, "is number, expected an object"},
      {"{}", errc::invalid, "names no verb"},
      {R"({"verb":""})", errc::invalid, "names no verb"},
      {R"({"verb":7})", errc::invalid, "names no verb"},
      {R"({"verb":"a","argumnets":{}})", errc::invalid, "did you mean \"arguments\"?"},
      {R"({"verb":"a","zzzzzz":{}})", errc::invalid, "it may have version, verb"},
      {R"({"verb":"a","arguments":[]})", errc::invalid, "are array, expected an object"},
      {R"({"verb":"a","positional":"x"})", errc::invalid, "list of at most 16 texts"},
      {R"({"verb":"a","positional":[1]})", errc::invalid, "list of at most 16 texts"},
      {R"({"verb":"a","timeout_ms":0})", errc::invalid, "timeout_ms is \"0\""},
      {R"({"verb":"a","timeout_ms":"1s"})", errc::invalid, "from 1 to 600000"},
      {R"({"verb":"a","timeout_ms":600001})", errc::invalid, "from 1 to 600000"},
      {R"({"verb":"a","node":1})", errc::invalid, "node is number"},
      {R"({"verb":"a","version":0})", errc::invalid, "version is \"0\""},
      {R"({"verb":"a","version":"1"})", errc::invalid, "expected a number from 1"},
      {R"({"version":2,"verb":{"is":"something else"},"new":1})", errc::unsupported, "this node speaks version 1"},
      {std::string(40, '[') + std::string(40, ']'), errc::too_large, "not one line of JSON"},
  };
  for (const auto& row : grid) {
    auto r = parse_request(row.line);
    REQUIRE_MESSAGE(!r.ok(), row.line);
    CHECK_MESSAGE(r.error().code == row.code, row.line);
    CHECK_MESSAGE(r.error().message.find(row.part) != std::string::npos, row.line << " -> " << r.error().message);
  }
}

TEST_CASE("answers, errors, items and signs of life survive their way over the wire") {
  auto read = [](std::string line) {
    auto back = parse_reply(line.substr(0, line.size() - 1));
    REQUIRE(back.ok());
    return *back;
  };
  auto item = read(encode_item({{"n", 1}}));
  CHECK(item.what == reply::kind::item);
  CHECK(item.value == json{{"n", 1}});
  CHECK(read(encode_alive()).what == reply::kind::alive);
  auto done = read(encode_result(nullptr, 3));
  CHECK(done.what == reply::kind::result);
  CHECK(done.value.is_null());
  CHECK(done.dropped == 3);
  auto failed = read(encode_error({errc::denied, "no"}, {{"why", "so"}}));
  CHECK(failed.what == reply::kind::failure);
  CHECK(failed.failed.code == "denied");
  CHECK(failed.failed.message == "no");
  CHECK(failed.failed.details == json{{"why", "so"}});
}

TEST_CASE("an answer that is none, or is of a later version, is said to be so") {
  for (const char* bad : {"", "HTTP/1.1 400", "{}", R"({"ok":true})", R"({"ok":false,"error":{}})", R"({"ok":1})"})
    CHECK_MESSAGE(parse_reply(bad).error().code == errc::corrupt, bad);
  CHECK(parse_reply(R"({"ok":true,"result":1,"version":2})").error().code == errc::unsupported);
}

TEST_CASE("what is shown of foreign text is short and cannot disturb a terminal") {
  CHECK(shown("a\x1b[31m") == R"("a\u001B[31m")");
  CHECK(shown(std::string(1000, 'x')).size() < 100);
}
