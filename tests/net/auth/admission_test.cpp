#include "net/auth/admission.hpp"

#include <doctest/doctest.h>

namespace beamline::net {

namespace {

using outcome = admission::outcome;

const time_point start = time_point{} + 1h;

std::string address(int i) { return "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1); }

/// Lets one in and has it fail.
void fail(admission& a, const std::string& who, time_point now) {
  REQUIRE(a.enter(who, now).empty());
  a.left(who, outcome::failed, now);
}

}  // namespace

TEST_CASE("D22 of connections that have not authenticated there are 4 per address and 32 in all") {
  admission a{{}};
  for (int i = 0; i < 4; ++i)
    CHECK(a.enter(address(0), start).empty());
  CHECK(a.enter(address(0), start) == "too many connections of its address that have not authenticated");
  for (int i = 4; i < 32; ++i)
    CHECK(a.enter(address(i), start).empty());
  CHECK(a.enter(address(99), start) == "too many connections that have not authenticated");
  CHECK(a.open() == 32);
  SUBCASE("who has authenticated makes room, and so does who has failed") {
    a.left(address(0), outcome::authenticated, start);
    CHECK(a.enter(address(0), start).empty());
    a.left(address(5), outcome::failed, start);
    CHECK(a.enter(address(98), start).empty());
  }
}

TEST_CASE("SY5 a hundred connections that say nothing leave room for a node as soon as their time is up") {
  admission a{{}};
  int in = 0;
  for (int i = 0; i < 100; ++i)
    in += a.enter("10.9.9.9", start).empty() ? 1 : 0;
  CHECK(in == 4);
  CHECK(a.enter("10.0.0.1", start).empty());  // Others are not held up at all.
  a.left("10.0.0.1", outcome::authenticated, start);
  for (int i = 0; i < in; ++i)
    a.left("10.9.9.9", outcome::failed, start + 5s);
  CHECK(a.open() == 0);
}

TEST_CASE("D22 an address waits after a failure, twice as long after each further one, up to a limit") {
  admission a{{.back_off_min = 100ms, .back_off_max = 1s}};
  auto now = start;
  for (auto wait : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    fail(a, "10.0.0.1", now);
    CHECK(a.enter("10.0.0.1", now + wait - 1ms) == "its address is made to wait after a failure");
    CHECK(a.is_closed("10.0.0.1", now + wait - 1ms));
    CHECK_FALSE(a.is_closed("10.0.0.1", now + wait));
    CHECK(a.enter("10.0.0.2", now).empty());
    a.left("10.0.0.2", outcome::authenticated, now);
    now += wait;
  }
  SUBCASE("after a success it begins anew") {
    REQUIRE(a.enter("10.0.0.1", now).empty());
    a.left("10.0.0.1", outcome::authenticated, now);
    fail(a, "10.0.0.1", now);
    CHECK(a.enter("10.0.0.1", now + 100ms).empty());
  }
  SUBCASE("after twice the limit without one, too") {
    now += 2s;
    fail(a, "10.0.0.1", now);
    CHECK(a.enter("10.0.0.1", now + 99ms) != "");
    CHECK(a.enter("10.0.0.1", now + 100ms).empty());
  }
}

TEST_CASE("failures of connections that ran side by side count as one step") {
  admission a{{.back_off_min = 100ms}};
  for (int i = 0; i < 4; ++i)
    REQUIRE(a.enter("10.0.0.1", start).empty());
  for (int i = 0; i < 4; ++i)
    a.left("10.0.0.1", outcome::failed, start);
  CHECK(a.enter("10.0.0.1", start + 99ms) != "");
  CHECK(a.enter("10.0.0.1", start + 100ms).empty());
}

TEST_CASE("SY1 a refusal is logged once per back-off step, with how many were not") {
  admission a{{.back_off_min = 100ms, .back_off_max = 400ms}};
  auto line = [&](time_point now) { return a.note_failure("10.0.0.1", now); };
  fail(a, "10.0.0.1", start);
  CHECK(line(start).is_to_be_logged);
  for (int i = 1; i <= 5; ++i) {
    CHECK(a.enter("10.0.0.1", start + 10ms * i) != "");
    CHECK_FALSE(line(start + 10ms * i).is_to_be_logged);
  }
  fail(a, "10.0.0.1", start + 100ms);
  auto second = line(start + 100ms);
  CHECK(second.is_to_be_logged);
  CHECK(second.silent_before == 5);
  CHECK_FALSE(line(start + 299ms).is_to_be_logged);
  CHECK(line(start + 300ms).silent_before == 1);
  // An hour of somebody who tries every 10 ms: a line per step of the longest back-off.
  int lines = 0;
  for (auto now = start + 10s; now < start + 50s; now += 10ms)
    lines += line(now).is_to_be_logged ? 1 : 0;
  CHECK(lines <= 102);
  CHECK(lines >= 98);
}

TEST_CASE("an address that many nodes share has no limit of its own and is never made to wait") {
  admission a{{.connections_per_address_max = 0}};
  fail(a, "127.0.0.1", start);
  for (int i = 0; i < 32; ++i)
    CHECK(a.enter("127.0.0.1", start).empty());
  CHECK(a.enter("127.0.0.1", start) == "too many connections that have not authenticated");
  CHECK(a.note_failure("127.0.0.1", start).is_to_be_logged);
  CHECK_FALSE(a.note_failure("127.0.0.1", start + 50ms).is_to_be_logged);
}

TEST_CASE("only so many addresses are remembered; the one that was quiet for longest is forgotten") {
  admission a{{.addresses_max = 8}};
  fail(a, address(0), start);
  fail(a, address(1), start + 1ms);
  for (int i = 2; i < 200; ++i) {
    fail(a, address(i), start + 1ms * i);
    CHECK(a.remembered() <= 8);
  }
  CHECK(a.enter(address(0), start + 99ms).empty());
  CHECK(a.enter(address(199), start + 250ms) != "");
  SUBCASE("never one with an open connection") {
    admission b{{.connections_max = 100, .addresses_max = 3}};
    for (int i = 0; i < 3; ++i)
      REQUIRE(b.enter(address(i), start).empty());
    CHECK(b.enter(address(3), start) == "too many addresses with connections that have not authenticated");
    CHECK_FALSE(b.note_failure(address(4), start).is_to_be_logged);
    b.left(address(1), outcome::failed, start);
    CHECK(b.enter(address(3), start).empty());
    CHECK(b.open() == 3);
  }
}

TEST_CASE("who has authenticated is not remembered") {
  admission a{{}};
  for (int i = 0; i < 100; ++i) {
    REQUIRE(a.enter(address(i), start).empty());
    a.left(address(i), outcome::authenticated, start);
  }
  CHECK(a.remembered() == 0);
  a.left("10.1.1.1", outcome::failed, start);  // Never entered: nothing happens.
  CHECK(a.open() == 0);
}

TEST_CASE("an end that is nobody's fault neither lengthens the waiting of its address nor ends it") {
  admission a{{.back_off_min = 100ms}};
  for (auto now : {start, start + 100ms}) {
    fail(a, "10.0.0.1", now);
    CHECK(a.enter("10.0.0.1", now + 99ms) != "");
  }
  REQUIRE(a.enter("10.0.0.1", start + 300ms).empty());
  a.left("10.0.0.1", outcome::harmless, start + 300ms);
  CHECK(a.enter("10.0.0.1", start + 300ms).empty());
  a.left("10.0.0.1", outcome::failed, start + 300ms);
  CHECK(a.enter("10.0.0.1", start + 300ms + 399ms) != "");  // The third step, as if nothing had been.
  SUBCASE("and who never failed is not remembered for it") {
    REQUIRE(a.enter("10.0.0.2", start).empty());
    a.left("10.0.0.2", outcome::harmless, start);
    CHECK(a.remembered() == 1);
    CHECK(a.open() == 0);
  }
}

TEST_CASE("IPv6 addresses count by their first 64 bits, mapped IPv4 addresses as IPv4") {
  CHECK(source_of("2001:db8::1") == "2001:db8::/64");
  CHECK(source_of("2001:db8::ffff:1:2:3") == "2001:db8::/64");
  CHECK(source_of("2001:db8:0:1::1") == "2001:db8:0:1::/64");
  CHECK(source_of("::ffff:10.0.0.7") == "10.0.0.7");
  CHECK(source_of("::1") == "::1");
  CHECK(source_of("10.0.0.7") == "10.0.0.7");
  CHECK(source_of("somewhere") == "somewhere");
  admission a{{}};
  for (int i = 1; i <= 4; ++i)
    CHECK(a.enter("2001:db8::" + std::to_string(i), start).empty());
  CHECK(a.enter("2001:db8::5", start) != "");
}

}  // namespace beamline::net
