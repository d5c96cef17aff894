#include "base/bytes.hpp"

#include "property.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace std::string_literals;

namespace {

bytes varint_of(std::uint64_t value) {
  byte_writer out;
  out.varint(value);
  return out.take();
}

// What a reader says after one call of `read` on `in`.
template <class Read>
error failure_of(std::string_view in, Read read) {
  byte_reader reader{in};
  (void)read(reader);
  REQUIRE(reader.failed());
  return reader.status().error();
}

}  // namespace

TEST_CASE("numbers are written big-endian in their width") {
  byte_writer out;
  out.u8(0x01);
  out.u16(0x0203);
  out.u32(0x04050607);
  out.u64(0x08090A0B0C0D0E0FULL);
  out.boolean(true);
  CHECK(out.take() == "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x01"s);
  CHECK(out.written().empty());
}

TEST_CASE("varints have the known LEB128 forms") {
  CHECK(varint_of(0) == "\x00"s);
  CHECK(varint_of(127) == "\x7F");
  CHECK(varint_of(128) == "\x80\x01");
  CHECK(varint_of(624485) == "\xE5\x8E\x26");
  CHECK(varint_of(~std::uint64_t{0}) == "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
}

TEST_CASE("signed varints near zero take one octet") {
  for (std::int64_t value : {0, -1, 1, -64, 63}) {
    byte_writer out;
    out.svarint(value);
    CHECK(out.written().size() == 1);
  }
}

TEST_CASE("a writer appends to octets it borrows") {
  bytes frame = "head:";
  byte_writer out{frame};
  out.blob("body");
  CHECK(frame
        == "head:\x04"
           "body");
}

TEST_CASE("every kind of field survives writing and reading") {
  testing::check_property(
      [](std::uint8_t a, std::uint16_t b, std::uint32_t c, std::uint64_t d, std::int64_t e, bool f) {
        auto blob = *testing::any_octets();
        auto pattern = *rc::gen::arbitrary<std::uint64_t>();
        byte_writer out;
        out.u8(a);
        out.u16(b);
        out.u32(c);
        out.u64(d);
        out.varint(d);
        out.svarint(e);
        out.boolean(f);
        out.f64(std::bit_cast<double>(pattern));
        out.blob(blob);
        out.raw(blob);

        byte_reader in{out.written()};
        RC_ASSERT(in.u8() == a);
        RC_ASSERT(in.u16() == b);
        RC_ASSERT(in.u32() == c);
        RC_ASSERT(in.u64() == d);
        RC_ASSERT(in.varint() == d);
        RC_ASSERT(in.svarint() == e);
        RC_ASSERT(in.boolean() == f);
        RC_ASSERT(std::bit_cast<std::uint64_t>(in.f64()) == pattern);
        RC_ASSERT(in.blob(blob.size()) == blob);
        RC_ASSERT(in.raw(blob.size()) == blob);
        RC_ASSERT(in.finish().ok());
      });
}

TEST_CASE("the ends of the number ranges survive writing and reading") {
  using limits = std::numeric_limits<std::int64_t>;
  for (std::int64_t value : {limits::min(), limits::min() + 1, limits::max()}) {
    byte_writer out;
    out.svarint(value);
    byte_reader in{out.written()};
    CHECK(in.svarint() == value);
    CHECK(in.finish().ok());
  }
  for (double value : {-0.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::denorm_min()}) {
    byte_writer out;
    out.f64(value);
    CHECK(std::signbit(byte_reader{out.written()}.f64()) == std::signbit(value));
  }
}

TEST_CASE("fields cut off are refused") {
  CHECK(failure_of("", [](auto& in) { return in.u8(); }).code == errc::corrupt);
  CHECK(failure_of("abc", [](auto& in) { return in.u32(); }).message
        == "octet 0 of 3: a number of 4 octets is cut off, 3 are left");
  CHECK(failure_of("abcdefg", [](auto& in) { return in.f64(); }).code == errc::corrupt);
  CHECK(failure_of("", [](auto& in) { return in.boolean(); }).code == errc::corrupt);
  CHECK(failure_of("\x80", [](auto& in) { return in.varint(); }).message
        == "octet 0 of 1: a varint is cut off after 1 octets");
  CHECK(failure_of("ab", [](auto& in) { return in.raw(3); }).code == errc::corrupt);
  CHECK(failure_of("\x05"
                   "abc",
                   [](auto& in) { return in.blob(10); })
            .message
        == "octet 0 of 4: a blob of 5 octets is cut off, 3 are left");
}

TEST_CASE("varints with more than 64 bits or more octets than needed are refused") {
  auto read = [](byte_reader& in) { return in.varint(); };
  CHECK(failure_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", read).message
        == "octet 0 of 10: a varint has more than 64 bits");
  CHECK(failure_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x00"s, read).code == errc::corrupt);
  CHECK(failure_of("\x80\x00"s, read).message == "octet 0 of 2: a varint takes 2 octets, but fewer would do");
  CHECK(failure_of("\xFF\x80\x00"s, read).code == errc::corrupt);
  CHECK(failure_of("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"s, read).code == errc::corrupt);
}

TEST_CASE("a boolean is 0 or 1 and nothing else") {
  CHECK(failure_of("\x02", [](auto& in) { return in.boolean(); }).message
        == "octet 0 of 1: a boolean is 2, expected 0 or 1");
}

TEST_CASE("a blob longer than the caller allows is refused before its octets are looked at") {
  auto huge = varint_of(~std::uint64_t{0});
  auto failure = failure_of(huge, [](auto& in) { return in.blob(1000); });
  CHECK(failure.code == errc::too_large);
  CHECK(failure.message == "octet 0 of 10: a blob has 18446744073709551615 octets, at most 1000 are allowed here");
  auto allowed = byte_reader{"\x03"
                             "abc"};
  CHECK(allowed.blob(3) == "abc");
  CHECK(failure_of("\x03"
                   "abc",
                   [](auto& in) { return in.blob(2); })
            .code
        == errc::too_large);
}

TEST_CASE("a count is checked against the maximum and against the octets that are left") {
  auto enough = byte_reader{"\x02"
                            "abcd"};
  CHECK(enough.count(10, 2) == 2);
  CHECK(failure_of("\x03"
                   "abcd",
                   [](auto& in) { return in.count(10, 2); })
            .code
        == errc::corrupt);
  CHECK(failure_of("\x0B"
                   "abcdabcdabcd",
                   [](auto& in) { return in.count(10); })
            .code
        == errc::too_large);
  CHECK(failure_of(varint_of(~std::uint64_t{0}), [](auto& in) { return in.count(SIZE_MAX); }).code == errc::corrupt);
}

TEST_CASE("after a failure every read gives nothing and the first failure stays") {
  byte_reader in{"\x02\x01\x05hello"};
  CHECK_FALSE(in.boolean());
  CHECK(in.failed());
  CHECK(in.remaining() == 0);
  CHECK(in.u8() == 0);
  CHECK(in.varint() == 0);
  CHECK(in.svarint() == 0);
  CHECK(in.f64() == 0.0);
  CHECK(in.blob(100).empty());
  CHECK(in.raw(1).empty());
  CHECK(in.count(100) == 0);
  CHECK_FALSE(in.boolean());
  in.fail(errc::unsupported, "another failure");
  CHECK(in.position() == 0);
  CHECK(in.finish().error().message == "octet 0 of 8: a boolean is 2, expected 0 or 1");
}

TEST_CASE("a decoder can add its own objection") {
  byte_reader in{"\x09rest"};
  auto tag = in.u8();
  in.fail(errc::unsupported, "unknown tag " + std::to_string(tag));
  CHECK(in.finish().error() == error{errc::unsupported, "octet 1 of 5: unknown tag 9"});
}

TEST_CASE("octets left over are refused at the end only") {
  byte_reader in{"ab"};
  CHECK(in.u8() == 'a');
  CHECK(in.status().ok());
  CHECK(in.remaining() == 1);
  CHECK(in.finish().error().message == "octet 1 of 2: 1 octets follow the last field");
  CHECK(in.u8() == 'b');
  CHECK(in.finish().ok());
}

TEST_CASE("a reader never leaves its octets, whatever they are and whatever is asked") {
  testing::check_property([](const std::vector<std::uint8_t>& octets, const std::vector<std::uint8_t>& calls) {
    // A block of its own, so that the address sanitizer sees a step beyond either end.
    auto block = std::make_unique<char[]>(octets.size());
    std::copy(octets.begin(), octets.end(), block.get());
    auto all = std::string_view{block.get(), octets.size()};
    auto inside = [&](std::string_view run) {
      return run.empty() || (run.data() >= all.data() && run.data() + run.size() <= all.data() + all.size());
    };
    byte_reader in{all};
    auto position = in.position();
    for (auto call : calls) {
      auto had_failed = in.failed();
      switch (call % 10) {
        case 0: (void)in.u8(); break;
        case 1: (void)in.u16(); break;
        case 2: (void)in.u32(); break;
        case 3: (void)in.u64(); break;
        case 4: (void)in.varint(); break;
        case 5: (void)in.svarint(); break;
        case 6: (void)in.boolean(); break;
        case 7: RC_ASSERT(inside(in.blob(call))); break;
        case 8: RC_ASSERT(inside(in.raw(call))); break;
        default: RC_ASSERT(in.count(call) <= all.size()); break;
      }
      RC_ASSERT(in.position() <= all.size());
      RC_ASSERT(in.failed() || !had_failed);
      RC_ASSERT(in.failed() || in.position() > position);
      position = in.position();
    }
  });
}

TEST_CASE("a varint that is accepted is the only encoding of its value") {
  testing::check_property([] {
    auto octets = *testing::any_octets();
    byte_reader in{octets};
    auto value = in.varint();
    if (in.ok())
      RC_ASSERT(varint_of(value) == octets.substr(0, in.position()));
  });
}
