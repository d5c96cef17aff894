#include "net/byte_stream.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net;

TEST_CASE("an endpoint is read as it is written") {
  for (const auto& e : {endpoint{"127.0.0.1", 4400}, endpoint{"::1", 1}, endpoint{"node_1.example", 65'535}}) {
    auto read = parse_endpoint(to_string(e));
    INFO(to_string(e));
    REQUIRE(read.ok());
    CHECK(*read == e);
  }
  CHECK(to_string(endpoint{"::1", 4400}) == "[::1]:4400");
  CHECK(to_string(endpoint{"10.0.0.1", 4400}) == "10.0.0.1:4400");
}

TEST_CASE("what is no endpoint is named in the message") {
  for (const auto* text : {"", ":", "host", "host:", "host:0", "host:65536", "host:4400x", "host: 4400", "host:-1",
                           ":4400", "[]:4400", "::1:4400", "[::1:4400", "::1]:4400", "a:b:1"}) {
    auto e = parse_endpoint(text);
    INFO(text);
    REQUIRE_FALSE(e.ok());
    CHECK(e.error().code == errc::invalid);
    CHECK(e.error().message.find("\"" + std::string{text} + "\"") != std::string::npos);
  }
}
