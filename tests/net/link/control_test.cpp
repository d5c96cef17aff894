#include "net/link/control.hpp"

#include "base/random.hpp"
#include "net/link/relay_frame.hpp"

#include <stdexcept>

#include <doctest/doctest.h>

namespace beamline::net {

namespace {

template <class Message>
Message through(const Message& m, std::uint32_t protocol) {
  auto decoded = decode_control(encode_control(m, protocol), protocol);
  REQUIRE(decoded.ok());
  REQUIRE(std::holds_alternative<Message>(*decoded));
  return std::get<Message>(*decoded);
}

}  // namespace

TEST_CASE("control frames say what was said") {
  for (std::uint32_t protocol : {1U, 2U}) {
    CAPTURE(protocol);
    CHECK(through(control::credit{123'456'789}, protocol).octets == 123'456'789);
    auto part = through(control::contract{3, 7, bytes("a\0b", 3)}, protocol);
    CHECK(part.part == 3);
    CHECK(part.of == 7);
    CHECK(part.octets == bytes("a\0b", 3));
    auto told = through(control::neighbours{{{"a@h", "127.0.0.1:4400", "host"}, {"b@h", "", ""}}}, protocol);
    REQUIRE(told.known.size() == 2);
    CHECK(told.known[0] == control::neighbour{"a@h", "127.0.0.1:4400", "host"});
    auto bye = through(control::goodbye{"disconnect", "as the operator asked"}, protocol);
    CHECK(bye.why == "disconnect");
    CHECK(bye.detail == "as the operator asked");
  }
}

TEST_CASE("D39 a tick of protocol 2 carries a time that comes back, one of protocol 1 does not") {
  CHECK(through(control::tick{1'234'567}, 2).sent_us == 1'234'567);
  CHECK(through(control::tock{1'234'567}, 2).sent_us == 1'234'567);
  CHECK(through(control::tick{1'234'567}, 1).sent_us == 0);
  CHECK(encode_control(control::tock{5}, 1).empty());
}

TEST_CASE("recorded control frames of protocol 1 and 2 are read, and written the same today") {
  struct recorded {
    std::uint32_t protocol;
    control_message said;
    bytes octets;
  };
  const recorded all[] = {
      {1, control::tick{}, "\x01"},
      {2, control::tick{300}, "\x01\xac\x02"},
      {2, control::tock{300}, "\x02\xac\x02"},
      {1, control::credit{65'536}, "\x03\x80\x80\x04"},
      {1, control::contract{0, 1, "tt"}, bytes("\x04\x00\x01\x02tt", 6)},
      {1, control::neighbours{{{"a@h", "h:1", "r"}}},
       "\x05\x01\x03"
       "a@h\x03h:1\x01r"},
      {1, control::goodbye{"disconnect", ""},
       bytes("\x06\x0a"
             "disconnect\x00",
             13)},
  };
  for (const auto& r : all) {
    CAPTURE(r.said.index());
    CHECK(encode_control(r.said, r.protocol) == r.octets);
    auto read = decode_control(r.octets, r.protocol);
    REQUIRE(read.ok());
    CHECK(read->index() == r.said.index());
    CHECK(encode_control(*read, r.protocol) == r.octets);
  }
}

TEST_CASE("a verb of a newer release is skipped, whatever it says") {
  auto read = decode_control("\x63whatever", 2);
  REQUIRE(read.ok());
  CHECK(std::get<control::unknown>(*read).verb == 0x63);
  CHECK(std::holds_alternative<control::unknown>(decode_control("\x02\x05", 1).value()));
  CHECK(encode_control(control::unknown{0x63}, 2).empty());
}

TEST_CASE("D68 a control frame that is not one is an error") {
  const bytes wrong[] = {
      "",                                      // No verb.
      "\x01\x05",                              // A tick of protocol 1 says nothing.
      bytes("\x03\0", 2),                      // Credit for nothing.
      "\x03\xff",                              // Cut off.
      bytes("\x04\x01\x01\0", 4),              // Part 1 of 1.
      bytes("\x04\0\0\0", 4),                  // Of no parts.
      bytes("\x04\0\x41\0", 4),                // Of too many.
      "\x05\xff\xff\x03",                      // So many neighbours do not fit.
      "\x05\x01\x01x",                         // Half a neighbour.
      bytes("\x06\x41", 2) + bytes(0x41, 'w')  // Too long a reason.
  };
  for (const auto& w : wrong) {
    CAPTURE(w);
    CHECK_FALSE(decode_control(w, 1).ok());
  }
}

TEST_CASE("what is told fits into a frame, and is cut where people can do without") {
  SUBCASE("a goodbye") {
    auto bye = through(control::goodbye{bytes(100, 'w'), bytes(5000, 'd')}, 2);
    CHECK(bye.why == bytes(control::why_octets_max, 'w'));
    CHECK(bye.detail == bytes(control::detail_octets_max, 'd'));
  }
  SUBCASE("many neighbours go in several frames, but for one that nobody can dial") {
    std::vector<control::neighbour> known;
    for (int i = 0; i < 1000; ++i)
      known.push_back({"node" + std::to_string(i) + "@" + bytes(200, 'h'), "127.0.0.1:4400", "host"});
    known[500].endpoint = bytes(5000, 'e');
    std::vector<control::neighbour> told;
    auto frames = cut_neighbours(known);
    CHECK(frames.size() > 2);
    for (const auto& f : frames) {
      CHECK(encode_control(f, 2).size() <= relay_frame_octets_max);
      for (auto& n : through(f, 2).known)
        told.push_back(n);
    }
    known.erase(known.begin() + 500);
    CHECK(told == known);
    CHECK(cut_neighbours({}).empty());
    CHECK(through(control::neighbours{known}, 2).known.size() <= control::neighbours_max);
  }
  SUBCASE("a part of a table that is too long is a mistake of ours") {
    CHECK_THROWS_AS((void)encode_control(control::contract{0, 1, bytes(control::contract_part_octets_max + 1, 't')}, 2),
                    std::logic_error);
  }
}

TEST_CASE("a table of messages goes in parts and is put together again") {
  for (std::size_t octets : {std::size_t{0}, std::size_t{5}, control::contract_part_octets_max,
                             control::contract_part_octets_max + 1, control::contract_octets_max}) {
    CAPTURE(octets);
    bytes table(octets, 't');
    auto parts = cut_contract(table).value();
    contract_joiner joiner;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      auto joined = joiner.add(through(parts[i], 2));
      REQUIRE(joined.ok());
      CHECK(joined->has_value() == (i + 1 == parts.size()));
      if (*joined)
        CHECK(**joined == table);
    }
  }
  CHECK(cut_contract(bytes(control::contract_octets_max + 1, 't')).error().code == errc::too_large);
  SUBCASE("parts that do not follow each other are an error") {
    contract_joiner joiner;
    CHECK_FALSE(joiner.add({1, 3, "b"}).ok());
    CHECK(joiner.add({0, 3, "a"}).ok());
    CHECK(joiner.add({1, 4, "b"}).error().message
          == "part 1 of 4 of the peer's message table came, part 1 of 3 was next");
  }
}

TEST_CASE("control frames with flipped bits, cut off or random never do harm") {
  const control_message said[] = {
      control::tick{300},
      control::credit{65'536},
      control::contract{1, 3, "table"},
      control::neighbours{{{"a@h", "h:1", "r"}, {"b@h", "h:2", "s"}}},
      control::goodbye{"disconnect", "detail"},
  };
  for (const auto& m : said) {
    auto octets = encode_control(m, 2);
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
      auto flipped = octets;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      (void)decode_control(flipped, 2);
    }
    for (std::size_t length = 0; length < octets.size(); ++length)
      CHECK_FALSE(decode_control(std::string_view{octets}.substr(0, length), 2).ok());
  }
  seeded_random random{1};
  for (int i = 0; i < 20'000; ++i) {
    bytes octets(1 + random.below(40), '\0');
    random.fill(std::as_writable_bytes(std::span{octets.data(), octets.size()}));
    octets[0] = static_cast<char>(1 + random.below(7));
    (void)decode_control(octets, 1 + static_cast<std::uint32_t>(random.below(2)));
  }
}

}  // namespace beamline::net
