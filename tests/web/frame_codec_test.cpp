#include "web/frame_codec.hpp"

#include "base/random.hpp"
#include "base/utf8.hpp"
#include "web/socket.hpp"
#include "wire/client.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using beamline::test::close_payload;
using beamline::test::masked_frame;
using kind = message_reader::kind;

namespace {

std::vector<message_reader::event> read_all(message_reader& reader, std::string_view octets, std::size_t step) {
  auto out = std::vector<message_reader::event>{};
  while (!octets.empty()) {
    auto part = octets.substr(0, step);
    octets.remove_prefix(part.size());
    while (auto event = reader.next(part)) {
      out.push_back(std::move(*event));
      if (out.back().what == kind::failed)
        return out;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("server frames have the shortest header") {
  CHECK(make_frame_header(opcode::text, 0).view() == std::string_view{"\x81\x00", 2});
  CHECK(make_frame_header(opcode::binary, 125).view() == "\x82\x7d");
  CHECK(make_frame_header(opcode::text, 126).view() == std::string_view{"\x81\x7e\x00\x7e", 4});
  CHECK(make_frame_header(opcode::text, 65535).view() == "\x81\x7e\xff\xff");
  CHECK(make_frame_header(opcode::text, 65536).view() == std::string_view{"\x81\x7f\0\0\0\0\0\1\0\0", 10});
}

TEST_CASE("close frames carry a code and at most 123 octets of whole characters") {
  CHECK(close_frame(1012, "bye")
        == "\x88\x05\x03\xf4"
           "bye");
  CHECK(close_frame(close_code::no_status, "ignored") == std::string_view{"\x88\x00", 2});
  auto cut = close_frame(1001, std::string(122, 'x') + "\xe2\x82\xac");
  CHECK(cut.size() == 2 + 2 + 122);
}

TEST_CASE("the accept key is the one of the RFC's example") {
  CHECK(accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
  CHECK_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ"));
  CHECK_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZ!=="));
}

TEST_CASE("how octets are cut into reads makes no difference") {
  auto stream = masked_frame(1, "hello") + masked_frame(1, "fr", false) + masked_frame(9, "ping")
              + masked_frame(0, "ag") + masked_frame(2, std::string(300, 'b')) + masked_frame(1, "")
              + masked_frame(8, close_payload(1001, "bye"));
  for (auto step : {1U, 2U, 3U, 7U, 64U, 100'000U}) {
    CAPTURE(step);
    auto reader = message_reader{1000};
    auto events = read_all(reader, stream, step);
    REQUIRE(events.size() == 6);
    CHECK(events[0].payload == "hello");
    CHECK(events[1].what == kind::ping);
    CHECK(events[2].payload == "frag");
    CHECK(events[3].what == kind::binary);
    CHECK(events[3].payload.size() == 300);
    CHECK(events[4].what == kind::text);
    CHECK(events[5].code == 1001);
    CHECK(events[5].payload == "bye");
  }
}

TEST_CASE("a length beyond the limit is refused from the header alone") {
  auto header = std::string{"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14};
  auto reader = message_reader{1000};
  auto events = read_all(reader, header, 14);
  REQUIRE(events.size() == 1);
  CHECK(events[0].code == close_code::too_big);
}

TEST_CASE("random messages survive masking, fragments and cuts") {
  auto random = seeded_random{1};
  for (auto round = 0; round < 200; ++round) {
    CAPTURE(round);
    auto messages = std::vector<std::string>{};
    auto stream = std::string{};
    for (auto n = random.below(6) + 1; n > 0; --n) {
      auto message = std::string(random.below(70'000) >> random.below(12), static_cast<char>('a' + random.below(26)));
      auto rest = std::string_view{message};
      auto op = 1U;
      for (auto cuts = random.below(4); cuts > 0; --cuts) {
        auto part = rest.substr(0, random.below(rest.size() + 1));
        stream += masked_frame(op, part, false);
        rest.remove_prefix(part.size());
        op = 0;
      }
      stream += masked_frame(op, rest);
      messages.push_back(std::move(message));
    }
    auto reader = message_reader{100'000};
    auto events = read_all(reader, stream, random.below(5000) + 1);
    REQUIRE(events.size() == messages.size());
    for (std::size_t i = 0; i < events.size(); ++i)
      CHECK(events[i].payload == messages[i]);
  }
}

TEST_CASE("random octets never break the reader and never exceed its limit") {
  auto random = seeded_random{2};
  auto failures = 0;
  for (auto round = 0; round < 5000; ++round) {
    auto octets = std::string(random.below(200), '\0');
    for (auto& c : octets)
      c = static_cast<char>(random.below(4) == 0 ? random.below(256) : random.below(2) == 0 ? 0x81 : 0x82);
    auto reader = message_reader{64};
    for (const auto& event : read_all(reader, octets, random.below(20) + 1)) {
      failures += event.what == kind::failed;
      if (event.what == kind::text || event.what == kind::binary)
        REQUIRE(event.payload.size() <= 64);
      if (event.what == kind::text)
        REQUIRE(is_utf8(event.payload));
    }
  }
  CHECK(failures > 1000);
}
