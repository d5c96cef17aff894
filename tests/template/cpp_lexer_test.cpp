#include "web/template/cpp_lexer.hpp"
#include "web/template/members.hpp"
#include "web/template/text_expression.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace beamline::web::heex;

TEST_CASE("the end of an expression is found past brackets in texts, characters and comments") {
  using outcome = expression_end::outcome;
  struct sample {
    std::string text;
    std::string terminator;
    outcome how;
    std::size_t at;
  };
  for (const auto& s : std::vector<sample>{
           {"a}", "}", outcome::found, 1},
           {"f({1, 2})}", "}", outcome::found, 9},
           {"\"}\\\"}\" + x}", "}", outcome::found, 10},
           {"'}' + '\\'' + x}", "}", outcome::found, 14},
           {"R\"--(}\")--\" + x}", "}", outcome::found, 15},
           {"u8\"}\" L'}' 1'000}", "}", outcome::found, 16},
           {"a /* } */ }", "}", outcome::found, 10},
           {"a // }\n}", "}", outcome::found, 7},
           {"std::map<int, int>{{1, 2}}}", "}", outcome::found, 26},
           {"a %> b", "%>", outcome::found, 2},
           {"\"%>\" %>", "%>", outcome::found, 5},
           {"f(a", "}", outcome::not_closed, 1},
           {"f(a}", "}", outcome::wrong_bracket, 3},
           {"a) }", "}", outcome::wrong_bracket, 1},
           {"\"a}", "}", outcome::open_literal, 0},
           {"x /* }", "}", outcome::open_literal, 2},
       }) {
    CAPTURE(s.text);
    const auto found = find_expression_end(s.text, 0, s.terminator);
    CHECK(found.how == s.how);
    CHECK(found.at == s.at);
  }
}

TEST_CASE("members are found in code, not in texts and comments, and keep their columns") {
  const auto c = code{"@a + \"@b\" + '@' /* @c */ + f(@streams.items, @d.e)", {10, 60}};
  auto names = std::vector<std::string>{};
  for (const auto& use : members_of(c))
    names.push_back(use.name);
  CHECK(names == std::vector<std::string>{"a", "items", "d"});
  CHECK(members_of(c)[0].where.begin == 10);
  CHECK(with_locals(c) == "_a + \"@b\" + '@' /* @c */ + f(        _items, _d.e)");
}

TEST_CASE("lists are split outside of brackets only") {
  const auto text = std::string{"a, std::map<int, int>{1, 2}, f(b, c), \",\""};
  auto parts = std::vector<std::string>{};
  for (const auto part : split_top_level(text, ','))
    parts.emplace_back(trim(std::string_view{text}.substr(part.begin, part.size())));
  CHECK(parts == std::vector<std::string>{"a", "std::map<int, int>{1, 2}", "f(b, c)", "\",\""});
}

TEST_CASE("an expression is known to be a text only when it is one whatever its types") {
  for (const auto* text :
       {"\"a\"", "\"a\" \"b\"", "\"/p/\" + @slug", "\"/p/\" + std::to_string(@a->b)", "@a ? \"x\" : \"y\"",
        "@a == 1 ? \"x\" : \"y\"", "std::to_string(@a)", "fmt::format(\"{}\", @a)"}) {
    CAPTURE(text);
    CHECK(is_certainly_text(text));
  }
  for (const auto* text :
       {"", "@a", "@a + \"x\"", "\"a\" == @a", "\"a\" + @a == @b", "\"a\" + @a > @b", "@a ? \"x\" : nullptr",
        "@a ? \"x\" : \"y\" + 1", "f(\"a\")", "std::to_string(1) == \"1\"", "@a ? @b ? \"x\" : \"y\" : \"z\" == @a"}) {
    CAPTURE(text);
    CHECK_FALSE(is_certainly_text(text));
  }
}

TEST_CASE("a sum that begins with a text has that text as its constant part") {
  const auto sum = split_text_sum({"\"a<b-\" + @id + \"-x\"", {20, 38}});
  REQUIRE(sum);
  CHECK(sum->begin == "a&lt;b-");
  CHECK(sum->rest.text == "@id + \"-x\"");
  CHECK(sum->rest.where.begin == 29);
  CHECK(sum->rest.where.end == 38);
  // Added up from an empty text: a number plus a literal would be an address beside the literal.
  CHECK(sum->rest_is_sum);
  CHECK_FALSE(split_text_sum({"\"a\" + @b", {}})->rest_is_sum);
  CHECK_FALSE(split_text_sum({"\"a\" + f(@b + 1)", {}})->rest_is_sum);
  for (const auto* text : {"\"a\"", "@a + \"b\"", "\"a\" + 1", "\"a\" + 'b'", "\"a\" + -@n", "\"a\\n\" + @a",
                           "R\"(a)\" + @a", "\"a\" + @b == @c", "\"a\" + (@b ? @c : @d)", "\"\" + @a"}) {
    CAPTURE(text);
    CHECK_FALSE(split_text_sum({text, {}}));
  }
}

TEST_CASE("a sum that begins with a literal is known, whatever follows") {
  for (const auto* text : {"\"a\" + @n", "\"a\" \"b\" + @n", "R\"(a)\" + @n == @b", "\"\" + 'c'"}) {
    CAPTURE(text);
    CHECK(begins_with_added_literal(text));
  }
  for (const auto* text : {"\"a\"", "@n + \"a\"", "L\"a\" + @n", "\"a\"s + @n", "\"a\" == @n", "\"a\" \"b\"", ""}) {
    CAPTURE(text);
    CHECK_FALSE(begins_with_added_literal(text));
  }
}

TEST_CASE("a text becomes a literal that means it") {
  CHECK(string_literal("a\"b\\c\nd") == "\"a\\\"b\\\\c\\nd\"");
  CHECK(string_literal("\?\?=") == "\"?\\?=\"");
  CHECK(member_name("class") == "class_");
  CHECK(member_name("title") == "title");
}
