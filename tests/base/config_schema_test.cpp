#include "base/config_fixture.hpp"

namespace beamline::config::testing {

namespace {

struct one {
  int number = 5;
  std::uint8_t small = 1;
  std::string text;
  duration time = 1s;
};

/// What `schema::add` says about a table that is wrong.
template <class T>
std::string refusal(section<T> s) {
  schema all;
  try {
    all.add(std::move(s));
  } catch (const std::logic_error& e) {
    return e.what();
  }
  return "accepted";
}

section<one> table() { return {"one", "a section"}; }

}  // namespace

TEST_CASE("a mistake in a table of keys stops the program at its start") {
  CHECK(refusal(table().key("number", &one::number, "A number.")) == "accepted");
  CHECK(refusal(table().key("number", &one::number, "A number.", range{6, 9}))
        == "config: one.number has the default 5, but expects a number from 6 to 9");
  CHECK(refusal(table().key("number", &one::number, "A number.", range{1s, 2s}))
        == "config: one.number has a range of another type than its field");
  CHECK(refusal(table().key("number", &one::number, "A number.", range{1.0, 9.0}))
        == "config: one.number has a range of another type than its field");
  CHECK(refusal(table().key("small", &one::small, "A number.", range{1, 256}))
        == "config: one.small has a range that its field cannot hold");
  CHECK(refusal(table().key("number", &one::number, "A number.", range{9, 1}))
        == "config: one.number has a range that its field cannot hold");
  CHECK(refusal(table().key("text", &one::text, "A text.", length{1, 9}))
        == "config: one.text has the default \"\", but expects text of 1 to 9 bytes");
  CHECK(refusal(table().key("text", &one::text, "A text.", one_of{"a", "b"}))
        == R"(config: one.text has the default "", but expects "a" or "b")");
  CHECK(refusal(table().key("text", &one::text, "A text.", length{1, 9}, required{})) == "accepted");
  CHECK(refusal(table().key("number", &one::number, "")) == "config: one.number has no description");
  CHECK(refusal(table().key("Number", &one::number, "A number."))
        == "config: one.Number is not a good name: use a-z, 0-9 and _");
  CHECK(refusal(table().key("a.b", &one::number, "A number."))
        == "config: one.a.b is not a good name: use a-z, 0-9 and _");
  CHECK(refusal(table().key("a", &one::number, "A number.").key("a", &one::text, "A text."))
        == "config: one.a is declared twice");
}

TEST_CASE("sections that clash are refused") {
  schema all;
  all.add(web_section());
  CHECK_THROWS_WITH_AS(all.add(web_section()), "config: section web is added twice", std::logic_error);
  CHECK_THROWS_WITH_AS(all.add(section<one>{"web.areas", "x"}.key("text", &one::text, "A text.")),
                       "config: key web.areas and section web.areas clash", std::logic_error);
  CHECK_THROWS_WITH_AS(all.add(table().key("number", &one::number, "A number.", env{"BEAMLINE_PORT"})),
                       "config: BEAMLINE_PORT sets two keys", std::logic_error);
}

TEST_CASE("a section may stand inside another") {
  schema all;
  auto web = all.add(web_section());
  auto limits = all.add(section<one>{"web.limits", "limits of the listener"}.key("number", &one::number, "A number."));
  auto c = all.load(
      {.texts = {{"dev.toml", "[web]\nport = 1\nlimits.number = 7\n"}}, .flags = {{"web.limits.number", "8"}}});
  REQUIRE_MESSAGE(c.ok(), c.problems().front());
  CHECK(c.get(web).port == 1);
  CHECK(c.get(limits).number == 8);
  c = all.load({.texts = {{"dev.toml", "[web.limits]\nnumbre = 7\n"}}});
  REQUIRE(c.problems().size() == 1);
  CHECK(c.problems().front() == "dev.toml:2:1: unknown key web.limits.numbre; did you mean web.limits.number?");
}

TEST_CASE("an integer without a range is bounded by its type") {
  schema all;
  auto h = all.add(table().key("small", &one::small, "A number.").key("number", &one::number, "A number."));
  auto c = all.load({.flags = {{"one.small", "256"}, {"one.number", "3000000000"}}});
  REQUIRE(c.problems().size() == 2);
  CHECK(c.problems()[0] == "--set one.small=256: one.small is 256, expected a number from 0 to 255");
  CHECK(c.problems()[1].find("expected a number from -2147483648 to 2147483647") != std::string::npos);
  CHECK(all.load({.flags = {{"one.small", "255"}}}).get(h).small == 255);
}

TEST_CASE("a required key that nobody sets is a problem that says where to set it") {
  schema all;
  all.add(table()
              .key("text", &one::text, "A text.", required{}, length{1, 9}, env{"BEAMLINE_TEXT"})
              .key("time", &one::time, "A time.", required{}));
  auto c = all.load({.flags = {{"one.time", "2s"}}});
  REQUIRE(c.problems().size() == 1);
  CHECK(c.problems().front()
        == "one.text is not set, expected text of 1 to 9 bytes; set it in a file under [one] or with BEAMLINE_TEXT");
}

}  // namespace beamline::config::testing
