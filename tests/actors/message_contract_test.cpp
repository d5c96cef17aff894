#include "actors/message_contract.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

using namespace beamline;

namespace {

enum class colour : std::uint8_t { red = 1, blue = 200 };

struct inner {
  std::string text;
  BEAMLINE_MESSAGE(inner, "test.inner", 1, text)
};
struct everything {
  bool flag = false;
  std::int8_t i8 = 0;
  std::int64_t i64 = 0;
  std::uint8_t u8 = 0;
  std::uint64_t u64 = 0;
  colour shade = colour::red;
  double real = 0;
  std::string text;
  duration span{};
  wall_time when{};
  uid id;
  pid who;
  std::optional<std::string> maybe;
  std::vector<std::int32_t> numbers;
  std::map<std::string, inner> by_name;
  std::optional<std::vector<inner>> nested;
  BEAMLINE_MESSAGE(everything, "test.everything", 3, flag, i8, i64, u8, u64, shade, real, text, span, when, id, who,
                   maybe, numbers, by_name, nested)
};

// Versions of one message, as different programs have it.
struct like {
  std::string slug;
  std::int64_t likes = 0;
  BEAMLINE_MESSAGE(like, "blog.like", 1, slug, likes)
};
struct like_2 {
  std::string slug;
  std::int64_t likes = 0;
  std::vector<std::string> tags{"none"};
  BEAMLINE_MESSAGE(like_2, "blog.like", 2, slug, likes, tags)
};
struct like_unversioned {
  std::string slug;
  std::int64_t likes = 0;
  std::vector<std::string> tags;
  BEAMLINE_MESSAGE(like_unversioned, "blog.like", 1, slug, likes, tags)
};
struct like_retyped {
  std::string slug;
  std::string likes;
  BEAMLINE_MESSAGE(like_retyped, "blog.like", 2, slug, likes)
};
struct like_renamed {
  std::string slug;
  std::int64_t hearts = 0;
  BEAMLINE_MESSAGE(like_renamed, "blog.like", 2, slug, hearts)
};
struct like_removed {
  std::string slug;
  BEAMLINE_MESSAGE(like_removed, "blog.like", 2, slug)
};
struct like_wider {
  std::string slug;
  std::int8_t likes = 0;
  BEAMLINE_MESSAGE(like_wider, "blog.like", 1, slug, likes)
};
struct page {
  std::vector<std::optional<like>> likes;
  BEAMLINE_MESSAGE(page, "blog.page", 1, likes)
};
struct site {
  std::map<std::string, page> pages;
  BEAMLINE_MESSAGE(site, "blog.site", 1, pages)
};
struct page_retyped {
  std::vector<std::optional<like_retyped>> likes;
  BEAMLINE_MESSAGE(page_retyped, "blog.page", 1, likes)
};
struct site_retyped {
  std::map<std::string, page_retyped> pages;
  BEAMLINE_MESSAGE(site_retyped, "blog.site", 1, pages)
};
struct impostor {
  BEAMLINE_MESSAGE(impostor, "i64", 1)
};
struct nameless {
  BEAMLINE_MESSAGE(nameless, "", 1)
};
struct unlisted {
  std::int64_t n = 0;
  BEAMLINE_MESSAGE(unlisted, "test.unlisted", 1, n)
};
struct plain {
  int n = 0;
};
struct tree {
  std::string label;
  std::vector<tree> branches;
  BEAMLINE_MESSAGE(tree, "test.tree", 1, label, branches)
};

template <class... Ms>
message_contract of() {
  message_contract c;
  c.add<Ms...>();
  return c;
}

/// What one side says of the other, in one line each.
std::vector<std::string> compared(const message_contract& here, const message_contract& there) {
  auto all = here.compare(there.encode());
  REQUIRE(all.ok());
  std::vector<std::string> lines;
  for (const auto& d : *all)
    lines.push_back(d.message + ": " + d.why);
  return lines;
}
using lines = std::vector<std::string>;

template <class M>
M across(const message_contract& c, const M& m) {
  auto encoded = c.encode(caf::make_message(m));
  REQUIRE(encoded.ok());
  auto back = c.decode(encoded->name, encoded->octets);
  REQUIRE(back.ok());
  REQUIRE(back->template match_elements<M>());
  return back->template get_as<M>(0);
}

}  // namespace

TEST_CASE("DS7 a message of every kind of field returns unchanged, with the smallest and the largest values") {
  auto c = of<everything>();
  auto check = [&](const everything& m) {
    auto back = across(c, m);
    CHECK(back.flag == m.flag);
    CHECK(back.i8 == m.i8);
    CHECK(back.i64 == m.i64);
    CHECK(back.u8 == m.u8);
    CHECK(back.u64 == m.u64);
    CHECK(back.shade == m.shade);
    CHECK(std::memcmp(&back.real, &m.real, sizeof m.real) == 0);  // NaNs, too.
    CHECK(back.text == m.text);
    CHECK(back.span == m.span);
    CHECK(back.when == m.when);
    CHECK(back.id == m.id);
    CHECK(back.who == m.who);
    CHECK(back.maybe == m.maybe);
    CHECK(back.numbers == m.numbers);
    CHECK(back.by_name.size() == m.by_name.size());
    for (const auto& [k, v] : m.by_name)
      CHECK(back.by_name.at(k).text == v.text);
    REQUIRE(back.nested.has_value() == m.nested.has_value());
    if (m.nested) {
      CHECK(back.nested->size() == m.nested->size());
    }
  };
  check({});
  everything low{};
  low.i8 = std::numeric_limits<std::int8_t>::min();
  low.i64 = std::numeric_limits<std::int64_t>::min();
  low.real = -std::numeric_limits<double>::infinity();
  low.span = duration::min();
  low.when = wall_time::min();
  low.maybe = "";
  low.numbers = {std::numeric_limits<std::int32_t>::min(), -1, 0};
  low.nested.emplace();
  check(low);
  everything high;
  high.flag = true;
  high.i8 = std::numeric_limits<std::int8_t>::max();
  high.i64 = std::numeric_limits<std::int64_t>::max();
  high.u8 = 255;
  high.u64 = std::numeric_limits<std::uint64_t>::max();
  high.shade = colour::blue;
  high.text = std::string{"\0 \xc3\xa4 \xf0\x9f\x98\x80 \xff", 11};
  high.span = duration::max();
  high.when = wall_time::max();
  high.who = pid{std::make_shared<const node_identity>(node_identity{"a@b", ~0ULL}), ~0ULL};
  high.maybe = std::string(100'000, 'x');
  high.numbers.assign(10'000, std::numeric_limits<std::int32_t>::max());
  high.by_name = {{"", {}}, {"a", {"b"}}};
  high.nested = {{{"x"}, {}}};
  for (double real : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -0.0,
                      std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()}) {
    high.real = real;
    check(high);
  }
  high.who = pid{std::make_shared<const node_identity>(node_identity{"a@b", 0}), "counter"};
  check(high);
}

TEST_CASE("what a call is answered with needs no entry") {
  message_contract c;
  CHECK(across(c, true) == true);
  CHECK(across(c, std::numeric_limits<std::int32_t>::min()) == std::numeric_limits<std::int32_t>::min());
  CHECK(across(c, std::numeric_limits<std::int64_t>::max()) == std::numeric_limits<std::int64_t>::max());
  CHECK(across(c, std::numeric_limits<std::uint32_t>::max()) == std::numeric_limits<std::uint32_t>::max());
  CHECK(across(c, std::numeric_limits<std::uint64_t>::max()) == std::numeric_limits<std::uint64_t>::max());
  CHECK(across(c, std::uint8_t{255}) == 255);
  CHECK(across(c, -1.5) == -1.5);
  CHECK(across(c, std::string{"text"}) == "text");
  for (const auto& nothing : {caf::message{}, caf::make_message(caf::unit)}) {
    auto encoded = c.encode(nothing);
    REQUIRE(encoded.ok());
    CHECK(encoded->name == "unit");
    auto back = c.decode("unit", encoded->octets);
    REQUIRE(back.ok());
    CHECK(back->empty());
  }
  CHECK(c.decode("unit", "x").error().code == errc::corrupt);
  CHECK(c.decode("i32", "").error().code == errc::corrupt);
  CHECK(c.decode("bool", "\x02").error().code == errc::corrupt);
  CHECK(c.decode("bool", std::string_view{"\x01\x01", 2}).error().code == errc::corrupt);
}

TEST_CASE("a message that is in no entry can neither be written nor read, and the error says what to do") {
  auto c = of<like>();
  static_assert(unlisted::message_version == 1);
  auto e = c.encode(caf::make_message(unlisted{1}));
  REQUIRE_FALSE(e.ok());
  CHECK(e.error().code == errc::unsupported);
  CHECK(e.error().message.find("unlisted") != std::string::npos);
  CHECK(e.error().message.find("node::options::contract") != std::string::npos);
  CHECK(c.encode(caf::make_message(plain{1})).error().code == errc::unsupported);
  CHECK(c.encode(caf::make_message(1, 2)).error().code == errc::unsupported);
  CHECK(c.decode("test.unlisted", "").error().code == errc::unsupported);
  auto broken = c.decode("blog.like", "\x7f");
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().code == errc::corrupt);
  CHECK(broken.error().message.find("blog.like") != std::string::npos);
}

TEST_CASE("messages within messages are found by themselves, once, and a message may hold itself") {
  auto c = of<site>();
  CHECK(c.size() == 3);
  REQUIRE(c.find("blog.page") != nullptr);
  CHECK(c.find("blog.page")->fields == std::vector<field_schema>{{"likes", "list<optional<blog.like>>"}});
  CHECK(c.find("blog.site")->fields == std::vector<field_schema>{{"pages", "map<blog.page>"}});
  c.add<site, page, like>();
  CHECK(c.size() == 3);
  c.add<tree>();
  CHECK(across(c, tree{"root", {{"leaf", {}}}}).branches.size() == 1);
  auto e = of<everything>();
  std::string types;
  for (const auto& f : e.find("test.everything")->fields)
    types += f.type + " ";
  CHECK(types
        == "bool i i u u u f64 string duration wall_time uid pid optional<string> list<i> map<test.inner> "
           "optional<list<test.inner>> ");
}

TEST_CASE("two types under one name, and names of built-in types, are mistakes of the program") {
  auto c = of<like>();
  CHECK_THROWS_AS(c.add<like_2>(), std::logic_error);
  CHECK_THROWS_AS(c.add<impostor>(), std::logic_error);
  CHECK_THROWS_AS(c.add<nameless>(), std::logic_error);
  CHECK(c.size() == 1);
}

TEST_CASE("the hash is that of the entries, in whatever order they were made") {
  CHECK(of<like, everything, site>().hash() == of<site, everything>().hash());
  CHECK(of<like>().hash() != of<like_2>().hash());
  CHECK(of<like>().hash() != of<like_retyped>().hash());
  CHECK(of<like>().hash() != message_contract{}.hash());
  auto copy = of<like>();
  auto original = copy;
  copy.add<everything>();
  CHECK(original.hash() == of<like>().hash());
}

TEST_CASE("a newer version may append, and is understood both ways") {
  auto old = of<like>(), newer = of<like_2>();
  CHECK(compared(old, newer).empty());
  CHECK(compared(newer, old).empty());
  auto to_old = newer.encode(caf::make_message(like_2{"a", 3, {"x"}}));
  CHECK(old.decode(to_old->name, to_old->octets)->get_as<like>(0).likes == 3);
  auto to_new = old.encode(caf::make_message(like{"a", 4}));
  auto back = newer.decode(to_new->name, to_new->octets)->get_as<like_2>(0);
  CHECK(back.likes == 4);
  CHECK(back.tags == std::vector<std::string>{"none"});
}

TEST_CASE("what differs is reported field by field") {
  auto here = of<like>();
  CHECK(compared(here, of<like_retyped>()) == lines{"blog.like: field 2 is likes: i here and likes: string there"});
  CHECK(compared(here, of<like_renamed>()) == lines{"blog.like: field 2 is likes: i here and hearts: i there"});
  CHECK(
      compared(here, of<like_removed>())
      == lines{"blog.like: field 2 is likes: i here and missing there, which is the newer version (2 after 1): fields "
               "are never removed"});
  CHECK(compared(here, of<like_unversioned>())
        == lines{"blog.like: field 3 is tags: list<string> there and missing here, and both are version 1: who appends "
                 "a field raises the version"});
  CHECK(compared(of<like_unversioned>(), here)
        == lines{"blog.like: field 3 is tags: list<string> here and missing there, and both are version 1: who appends "
                 "a field raises the version"});
  CHECK(compared(here, of<like_wider>()).empty());  // Integers of all widths are written alike.
  CHECK(compared(here, of<everything>()).empty());  // Nobody there handles it.
  CHECK(compared(here, message_contract{}).empty());
}

TEST_CASE("who holds what differs differs as well") {
  CHECK(compared(of<site>(), of<site_retyped>())
        == lines{"blog.like: field 2 is likes: i here and likes: string there",
                 "blog.page: its field likes: list<optional<blog.like>> holds blog.like, which differs",
                 "blog.site: its field pages: map<blog.page> holds blog.page, which differs"});
}

TEST_CASE("a table that is cut, changed or too large is an error and nothing else") {
  auto here = of<everything, site>();
  auto table = of<everything, site_retyped>().encode();
  for (std::size_t n = 0; n < table.size(); ++n) {
    auto cut = here.compare(std::string_view{table}.substr(0, n));
    INFO("cut to ", n);
    CHECK_FALSE(cut.ok());
    CHECK((cut.error().code == errc::corrupt || cut.error().code == errc::too_large));
  }
  for (std::size_t bit = 0; bit < table.size() * 8; ++bit) {
    auto flipped = table;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    (void)here.compare(flipped);  // It may be a table still.
  }
  CHECK_FALSE(here.compare(table + "x").ok());
  CHECK(here.compare(bytes(message_contract::table_octets_max + 1, 'x')).error().code == errc::too_large);
  byte_writer many;
  many.varint(message_contract::messages_max + 1);
  many.raw(bytes(100'000, '\1'));
  CHECK(here.compare(many.written()).error().code == errc::too_large);
}
