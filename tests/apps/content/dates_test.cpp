#include "apps/event_horizon/content/dates.hpp"

#include <doctest/doctest.h>

using namespace beamline::event_horizon;

namespace {

std::string read(std::string_view text) {
  auto d = parse_date(text);
  return d ? iso_date(d->day) + " " + iso_moment(d->moment) + (d->has_time ? " timed" : "") : "none";
}

}  // namespace

TEST_CASE("dates are read as blogs write them, the day as its author saw it") {
  CHECK(read("2024-05-01") == "2024-05-01 2024-05-01T00:00:00Z");
  CHECK(read("2024/5/1") == "2024-05-01 2024-05-01T00:00:00Z");
  CHECK(read("2024-05-01T10:20:30Z") == "2024-05-01 2024-05-01T10:20:30Z timed");
  CHECK(read("2024-05-01T10:20:30.123+02:00") == "2024-05-01 2024-05-01T08:20:30Z timed");
  CHECK(read("2024-05-01 10:20:30 +0200") == "2024-05-01 2024-05-01T08:20:30Z timed");
  CHECK(read("2024-05-01 23:30 -0330") == "2024-05-01 2024-05-02T03:00:00Z timed");
  CHECK(read("2024-05-01 10:20") == "2024-05-01 2024-05-01T10:20:00Z timed");
  CHECK(read(" 2024-05-01 10:20:30 UTC ") == "2024-05-01 2024-05-01T10:20:30Z timed");
  CHECK(read("2024-05-01T10:20:30+2") == "2024-05-01 2024-05-01T08:20:30Z timed");
}

TEST_CASE("what is no date is none") {
  for (auto text : {"", "May", "2024", "2024-05", "2024-05-0x", "2023-02-29", "2024-13-01", "2024-05/01", "24-05-01",
                    "2024-05-01x", "2024-05-01T", "2024-05-01 25:00", "2024-05-01 10:60", "2024-05-01 10:20 CEST",
                    "2024-05-01 10:20:30 +25:00", "2024-05-01 10:20:30 +02:00 or so"}) {
    CAPTURE(text);
    CHECK(read(text) == "none");
  }
}

TEST_CASE("moments are written for people and programs") {
  auto d = parse_date("2024-05-01T10:20:30Z");
  REQUIRE(d.has_value());
  CHECK(long_date(d->day) == "1 May 2024");
  CHECK(http_moment(d->moment) == "Wed, 01 May 2024 10:20:30 GMT");
  CHECK(http_moment(parse_date("1969-12-31T23:59:59Z")->moment) == "Wed, 31 Dec 1969 23:59:59 GMT");
}
