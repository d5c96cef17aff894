#include "actors/message_codec.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace beamline;

namespace {

enum class color : std::uint8_t { red, green };

struct point {
  std::int32_t x = 0;
  std::int32_t y = 0;
  BEAMLINE_MESSAGE(point, "test.point", 1, x, y)
  friend bool operator==(const point&, const point&) = default;
};

struct everything {
  bool flag = false;
  std::int64_t number = 0;
  std::uint16_t small = 0;
  double real = 0;
  std::string text;
  color shade = color::red;
  duration took{};
  wall_time when{};
  uid id;
  pid who;
  std::optional<std::string> maybe;
  std::vector<point> points;
  std::map<std::string, std::int64_t> counts;
  point nested;
  BEAMLINE_MESSAGE(everything, "test.everything", 3, flag, number, small, real, text, shade, took, when, id, who, maybe,
                   points, counts, nested)
  friend bool operator==(const everything&, const everything&) = default;
};

struct nothing {
  BEAMLINE_MESSAGE(nothing, "test.nothing", 1)
};

struct like_v1 {
  std::string slug;
  BEAMLINE_MESSAGE(like_v1, "test.like", 1, slug)
};
struct like_v2 {
  std::string slug;
  std::int64_t likes = 7;
  std::vector<std::string> tags{"default"};
  BEAMLINE_MESSAGE(like_v2, "test.like", 2, slug, likes, tags)
};

struct wide {
  std::uint64_t small = 70'000;
  BEAMLINE_MESSAGE(wide, "test.range", 1, small)
};
struct narrow {
  std::uint16_t small = 0;
  BEAMLINE_MESSAGE(narrow, "test.range", 1, small)
};

everything sample() {
  everything e;
  e.flag = true;
  e.number = std::numeric_limits<std::int64_t>::min();
  e.small = 65535;
  e.real = -0.1;
  e.text = std::string{"a\0b\xff", 4};
  e.shade = color::green;
  e.took = -5ns;
  e.when = wall_time{std::chrono::microseconds{1'700'000'000'123'456}};
  e.id = uid{0x018bcfe568007000, 0x8000012345678901};
  e.who = pid{std::make_shared<const node_identity>(node_identity{"n@h", 9}), 42};
  e.maybe = "yes";
  e.points = {{1, -1}, {2, -2}};
  e.counts = {{"a", 1}, {"b", -2}};
  e.nested = {5, 6};
  return e;
}

}  // namespace

TEST_CASE("a message of every field type survives the wire") {
  auto e = sample();
  auto back = decode<everything>(encode(e));
  REQUIRE(back.ok());
  CHECK(*back == e);
  CHECK(decode<nothing>(encode(nothing{})).ok());
}

TEST_CASE("infinities and NaN survive the wire, which CAF's own encoding does not do") {
  everything e;
  e.real = std::numeric_limits<double>::infinity();
  CHECK(decode<everything>(encode(e))->real == e.real);
  e.real = std::nan("");
  CHECK(std::isnan(decode<everything>(encode(e))->real));
}

TEST_CASE("neighbouring versions understand each other") {
  like_v2 newer;
  newer.slug = "hello";
  newer.likes = 3;
  newer.tags = {"x", "y"};
  auto old_reader = decode<like_v1>(encode(newer));
  REQUIRE(old_reader.ok());
  CHECK(old_reader->slug == "hello");

  like_v1 older;
  older.slug = "hello";
  auto new_reader = decode<like_v2>(encode(older));
  REQUIRE(new_reader.ok());
  CHECK(new_reader->slug == "hello");
  CHECK(new_reader->likes == 7);
  CHECK(new_reader->tags == std::vector<std::string>{"default"});
}

TEST_CASE("the encoding is fixed octet by octet") {
  point p;
  p.x = 1;
  p.y = -2;
  // version 1, two fields, each: length 1, zigzag
  CHECK(encode(p) == bytes("\x01\x02\x01\x02\x01\x03", 6));
}

TEST_CASE("damaged octets are refused, never read past their end") {
  auto whole = encode(sample());
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    CHECK_FALSE(decode<everything>(std::string_view{whole}.substr(0, cut)).ok());
  CHECK_FALSE(decode<everything>(whole + "x").ok());

  seeded_random random{5};
  for (int i = 0; i < 20'000; ++i) {
    auto damaged = whole;
    for (auto n = 1 + random.below(4); n > 0; --n)
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    (void)decode<everything>(damaged).ok();  // Either outcome is fine; the sanitizers watch.
  }
}

TEST_CASE("an integer that does not fit its field is refused") {
  auto r = decode<narrow>(encode(wide{}));
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().message.find("test.range.small") != std::string::npos);
}

TEST_CASE("a list that claims more elements than octets follow is refused before memory is taken") {
  byte_writer field;
  field.varint(1'000'000'000);
  byte_writer out;
  out.varint(2);
  out.varint(3);
  out.blob("\x01s");
  out.blob("\x02");
  out.blob(field.written());
  CHECK_FALSE(decode<like_v2>(out.written()).ok());
}

TEST_CASE("a message prints itself for people, cut and without control characters") {
  like_v1 m;
  m.slug = "a\nb";
  CHECK(to_string(m) == "test.like{slug: \"a.b\"}");
  m.slug = std::string(200, 'x');
  CHECK(to_string(m).size() < 120);
  CHECK(to_string(nothing{}) == "test.nothing{}");
}
