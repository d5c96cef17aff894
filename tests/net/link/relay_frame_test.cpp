#include "net/link/relay_frame.hpp"

#include "base/random.hpp"
#include "net/auth/handshake.hpp"

#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

namespace beamline::net {

namespace {

bytes frame_of(frame_kind kind, std::string_view body) {
  bytes out;
  append_relay_frame(out, kind, body);
  return out;
}

/// What a reader says at last about those octets.
result<std::size_t> count_frames(relay_frame_reader& reader, std::string_view octets) {
  reader.feed(octets);
  for (std::size_t count = 0;; ++count) {
    auto frame = reader.next();
    if (!frame)
      return frame.error();
    if (!*frame)
      return count;
  }
}

}  // namespace

TEST_CASE("a relay frame is a kind, a length of three octets, and a body") {
  CHECK(frame_of(frame_kind::control, "ab")
        == bytes("\x03\0\0\x02"
                 "ab",
                 6));
  CHECK(frame_of(frame_kind::carried, bytes(0x1'0000, 'x')).substr(0, 4) == bytes("\x02\x01\0\0", 4));
}

TEST_CASE("I5 nothing but handshake frames is read before the handshake is done, and none after it") {
  relay_frame_reader reader;
  SUBCASE("a carried frame first") {
    auto read = count_frames(reader, frame_of(frame_kind::carried, "BASP"));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == errc::corrupt);
    CHECK(read.error().message == "a relay frame of kind 2 came before the handshake was done");
  }
  SUBCASE("a control frame first") { CHECK_FALSE(count_frames(reader, frame_of(frame_kind::control, "\1")).ok()); }
  SUBCASE("a handshake frame afterwards") {
    CHECK(count_frames(reader, frame_of(frame_kind::handshake, "hello")).value() == 1);
    reader.allow_all();
    CHECK_FALSE(count_frames(reader, frame_of(frame_kind::handshake, "hello")).ok());
  }
  SUBCASE("what comes with the last handshake frame is read once it is allowed") {
    reader.feed(frame_of(frame_kind::handshake, "go") + frame_of(frame_kind::control, "\1"));
    CHECK(reader.next().value()->body == "go");
    reader.allow_all();
    CHECK(reader.next().value()->kind == frame_kind::control);
    CHECK_FALSE(reader.next().value().has_value());
  }
}

TEST_CASE("a relay frame that announces too much is refused by its header alone") {
  relay_frame_reader reader;
  SUBCASE("before the handshake is done") {
    CHECK(count_frames(reader, bytes("\x01\x00\x10\x01", 4)).error().code == errc::too_large);
  }
  SUBCASE("a handshake frame of the greatest length is read") {
    CHECK(count_frames(reader, frame_of(frame_kind::handshake, bytes(handshake_octets_max, 'h'))).value() == 1);
  }
  SUBCASE("afterwards") {
    reader.allow_all();
    CHECK(count_frames(reader, bytes("\x02\xff\xff\xff", 4)).error().code == errc::too_large);
  }
  SUBCASE("an empty one") {
    reader.allow_all();
    CHECK(count_frames(reader, bytes("\x02\0\0\0", 4)).error().code == errc::corrupt);
  }
  SUBCASE("an unknown kind") {
    reader.allow_all();
    CHECK(count_frames(reader, bytes("\x04\0\0\x01x", 5)).error().code == errc::corrupt);
    CHECK(count_frames(reader, frame_of(frame_kind::control, "\1")).error().message
          == "a relay frame is of kind 4, expected 1 to 3");
  }
}

TEST_CASE("a stream longer than a frame becomes several frames, anything else that long is a mistake of ours") {
  auto stream = frame_of(frame_kind::carried, bytes(2 * relay_frame_octets_max + 1, 's'));
  relay_frame_reader reader;
  reader.allow_all();
  CHECK(count_frames(reader, stream).value() == 3);
  bytes out;
  CHECK_THROWS_AS(append_relay_frame(out, frame_kind::control, bytes(relay_frame_octets_max + 1, 'c')),
                  std::logic_error);
  CHECK_THROWS_AS(append_relay_frame(out, frame_kind::carried, ""), std::logic_error);
  CHECK(out.empty());
}

TEST_CASE("frames are the same however their octets are cut") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    seeded_random random{seed};
    std::vector<bytes> bodies;
    bytes wire;
    for (int i = 0; i < 20; ++i) {
      auto octets = 1 + random.below(random.below(10) == 0 ? relay_frame_octets_max : 40);
      bodies.emplace_back(octets, static_cast<char>('a' + i));
      append_relay_frame(wire, i % 2 == 0 ? frame_kind::carried : frame_kind::control, bodies.back());
    }
    relay_frame_reader reader;
    reader.allow_all();
    std::size_t read = 0;
    for (std::string_view left = wire; !left.empty();) {
      auto piece = left.substr(0, 1 + random.below(random.below(3) == 0 ? 5000 : 7));
      left.remove_prefix(piece.size());
      reader.feed(piece);
      for (auto frame = reader.next(); frame.value(); frame = reader.next()) {
        REQUIRE(read < bodies.size());
        CHECK((*frame)->kind == (read % 2 == 0 ? frame_kind::carried : frame_kind::control));
        CHECK((*frame)->body == bodies[read++]);
      }
    }
    CHECK(read == bodies.size());
  }
}

TEST_CASE("random octets are refused or read as frames within bounds") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    seeded_random random{seed};
    relay_frame_reader reader;
    if (seed % 2 == 0)
      reader.allow_all();
    bytes octets(random.below(300), '\0');
    random.fill(std::as_writable_bytes(std::span{octets.data(), octets.size()}));
    if (!octets.empty() && seed % 3 == 0)
      octets[0] = static_cast<char>(1 + seed % 4);
    if (octets.size() > 2 && seed % 3 == 0)
      octets[1] = octets[2] = 0;
    reader.feed(octets);
    for (int i = 0; i < 100; ++i) {
      auto frame = reader.next();
      if (!frame || !*frame)
        break;
      CHECK_FALSE((*frame)->body.empty());
      CHECK((*frame)->body.size() <= relay_frame_octets_max);
    }
  }
}

}  // namespace beamline::net
