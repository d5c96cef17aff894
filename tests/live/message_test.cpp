#include "web/channels/message.hpp"

#include "base/crypto.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web::channels;

namespace {

std::string from_hex(std::string_view digits) {
  auto text = std::string{};
  for (const auto c : digits)
    if (c != ' ' && c != '|')
      text += c;
  auto octets = hex_decode(text);
  REQUIRE(octets.ok());
  return *octets;
}

errc refusal(std::string_view text, json_limits limits = {}) {
  CAPTURE(text);
  const auto m = decode_text(text, limits);
  REQUIRE_FALSE(m.ok());
  return m.error().code;
}

}  // namespace

TEST_CASE("messages of the real client are decoded") {
  SUBCASE("heartbeat") {
    const auto m = decode_text(R"([null,"8","phoenix","heartbeat",{}])");
    REQUIRE(m.ok());
    CHECK(m->join_ref == std::nullopt);
    CHECK(m->ref == "8");
    CHECK(m->topic == "phoenix");
    CHECK(m->event == "heartbeat");
    CHECK(std::get<json>(m->payload) == json::object());
  }
  SUBCASE("event") {
    const auto m = decode_text(R"(["4","9","lv:phx-1","event",{"type":"click","event":"patch","value":{"value":""}}])");
    REQUIRE(m.ok());
    CHECK(m->join_ref == "4");
    CHECK(*find_string(std::get<json>(m->payload), "event") == "patch");
  }
  SUBCASE("further elements are ignored, any payload is taken") {
    const auto m = decode_text(R"(["1","2","t","e",7,"more",[1]])");
    REQUIRE(m.ok());
    CHECK(std::get<json>(m->payload) == 7);
  }
  SUBCASE("special characters pass through") {
    const auto m = decode_text("[\"1\",\"2\",\"t\",\"e\",{\"v\":\"\\u0000\\u2028\xf0\x9f\x98\x80\"}]");
    REQUIRE(m.ok());
    CHECK(*find_string(std::get<json>(m->payload), "v") == std::string{"\0\xe2\x80\xa8\xf0\x9f\x98\x80", 8});
  }
}

TEST_CASE("text that is no message is refused") {
  CHECK(refusal("") == errc::invalid);
  CHECK(refusal("hello") == errc::invalid);
  CHECK(refusal("{}") == errc::invalid);
  CHECK(refusal("[]") == errc::invalid);
  CHECK(refusal(R"(["1","1","t","e"])") == errc::invalid);
  CHECK(refusal(R"([1,"1","t","e",{}])") == errc::invalid);
  CHECK(refusal(R"(["1",1,"t","e",{}])") == errc::invalid);
  CHECK(refusal(R"(["1","1",null,"e",{}])") == errc::invalid);
  CHECK(refusal(R"(["1","1","t",5,{}])") == errc::invalid);
  CHECK(refusal(R"(["1","1","t","e",{}] x)") == errc::invalid);
  CHECK(refusal(R"(["1","1","t","e",{"a":"\ud800"}])") == errc::invalid);
  CHECK(refusal(R"(["1","1","t","e",{"a":1,"a":2}])") == errc::invalid);
  CHECK(refusal(R"(["1","1","t","e",1e999])") == errc::invalid);
  CHECK(refusal("[\"1\",\"1\",\"t\xff\",\"e\",{}]") == errc::invalid);
  CHECK(refusal(R"(["1","1","t","e",[[[[1]]]]])", {.depth_max = 4}) == errc::too_large);
  CHECK(refusal(R"(["1","1","t","e",{}])", {.bytes_max = 10}) == errc::too_large);
  CHECK(refusal(R"(["1","1",")" + std::string(256, 't') + R"(","e",{}])") == errc::too_large);
  CHECK(decode_text(R"(["1","1",")" + std::string(255, 't') + R"(","e",{}])").ok());
}

TEST_CASE("a refusal names the element and what it was") {
  CHECK(decode_text(R"([1,"1","t","e",{}])").error().message
        == "channel message: join_ref is a number, expected a string or null");
  CHECK(decode_text(R"(["1","1","t",null,{}])").error().message
        == "channel message: event is a null, expected a string");
}

// Section 2 of the protocol note: frames captured between the real client and the original server.
TEST_CASE("binary messages are octet for octet those of the original") {
  const auto m = decode_binary(from_hex("00 01 02 09 03 | 31 6231 726f6f6d3a77697265 62696e | 00ff0a41"));
  REQUIRE(m.ok());
  CHECK(m->join_ref == "1");
  CHECK(m->ref == "b1");
  CHECK(m->topic == "room:wire");
  CHECK(m->event == "bin");
  CHECK(std::get<binary_payload>(m->payload).data == std::string{"\0\xff\nA", 4});

  CHECK(encode_binary_reply("1", "b1", "room:wire", "ok", std::string{"got:\0\xff\nA", 8})
        == from_hex("01 01 02 09 02 | 31 6231 726f6f6d3a77697265 6f6b | 676f743a00ff0a41"));
  CHECK(encode_binary_push("1", "room:wire", "blob", "\1\2\3")
        == from_hex("00 01 09 04 | 31 726f6f6d3a77697265 626c6f62 | 010203"));
  CHECK(encode_binary_broadcast("room:wire", "blob", "\x09\x08")
        == from_hex("02 09 04 | 726f6f6d3a77697265 626c6f62 | 0908"));
}

TEST_CASE("binary edge cases") {
  SUBCASE("an empty ref is null, empty data is data") {
    const auto m = decode_binary(from_hex("00 00 00 01 01 | 74 65"));
    REQUIRE(m.ok());
    CHECK(m->join_ref == std::nullopt);
    CHECK(m->ref == std::nullopt);
    CHECK(std::get<binary_payload>(m->payload).data.empty());
  }
  SUBCASE("every truncation before the data is refused") {
    const auto whole = from_hex("00 01 02 09 03 | 31 6231 726f6f6d3a77697265 62696e");
    for (std::size_t size = 0; size < whole.size(); ++size)
      CHECK(decode_binary(std::string_view{whole}.substr(0, size)).error().code == errc::corrupt);
    CHECK(decode_binary(whole).ok());
  }
  SUBCASE("a client sends only pushes, with names in UTF-8") {
    CHECK_FALSE(decode_binary(from_hex("01 01 02 09 02 | 31 6231 726f6f6d3a77697265 6f6b")).ok());
    CHECK_FALSE(decode_binary(from_hex("ff 00 00 01 01 | 74 65")).ok());
    CHECK_FALSE(decode_binary(from_hex("00 00 00 01 01 | ff 65")).ok());
  }
  SUBCASE("a name that is too long has no binary form") {
    CHECK_NOTHROW((void)encode_binary_push("1", std::string(255, 't'), "e", ""));
    CHECK_THROWS_AS((void)encode_binary_push("1", std::string(256, 't'), "e", ""), std::length_error);
  }
}

TEST_CASE("server messages are written as the original writes them") {
  CHECK(encode_reply(std::nullopt, "8", "phoenix", "ok", "{}")
        == R"([null,"8","phoenix","phx_reply",{"status":"ok","response":{}}])");
  CHECK(encode_reply("4", "9", "lv:phx-v9", "ok", R"({"diff":{"0":"1"}})")
        == R"(["4","9","lv:phx-v9","phx_reply",{"status":"ok","response":{"diff":{"0":"1"}}}])");
  CHECK(encode_push("4", "lv:phx-v9", "live_patch", R"({"to":"/nav/a?p=srv","kind":"push"})")
        == R"(["4",null,"lv:phx-v9","live_patch",{"to":"/nav/a?p=srv","kind":"push"}])");
  CHECK(encode_broadcast("room:lobby", "presence_diff", "{}") == R"([null,null,"room:lobby","presence_diff",{}])");
  CHECK(encode_end("4", "lv:phx-v9", "phx_close", "{}") == R"(["4","4","lv:phx-v9","phx_close",{}])");
  CHECK(encode_push("a\"b", "t\n", "e", "{}") == R"(["a\"b",null,"t\n","e",{}])");
}

TEST_CASE("a shared payload stands between head and tail") {
  const auto reply = reply_parts("4", "5", "t", "ok");
  CHECK(reply.head + "{}" + reply.tail == encode_reply("4", "5", "t", "ok", "{}"));
  const auto push = event_parts("4", std::nullopt, "t", "diff");
  CHECK(push.head + "{}" + push.tail == encode_push("4", "t", "diff", "{}"));
}
