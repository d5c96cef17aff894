#include "base/json.hpp"

#include "property.hpp"

#include <limits>
#include <map>
#include <string>

#include <doctest/doctest.h>

using namespace beamline;
using namespace std::string_literals;

namespace {

std::string message_of(std::string_view text, json_limits limits = {}) {
  auto parsed = parse_json(text, limits);
  REQUIRE_FALSE(parsed.ok());
  return parsed.error().message;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

// Values of every type, nested a little.
rc::Gen<json> any_json(int depth) {
  auto scalar = rc::gen::oneOf(
      rc::gen::just(json(nullptr)), rc::gen::map(rc::gen::arbitrary<bool>(), [](bool v) { return json(v); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t v) { return json(v); }),
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t v) { return json(v); }),
      rc::gen::map(rc::gen::arbitrary<double>(), [](double v) { return json(v); }),
      rc::gen::map(rc::gen::string<std::string>(), [](std::string v) { return json(json_string(v)); }));
  if (depth == 0)
    return scalar;
  auto list = rc::gen::map(rc::gen::container<std::vector<json>>(any_json(depth - 1)),
                           [](const std::vector<json>& v) { return json(v); });
  auto fields = rc::gen::container<std::map<int, json>>(rc::gen::arbitrary<int>(), any_json(depth - 1));
  auto object = rc::gen::map(fields, [](const std::map<int, json>& v) {
    auto made = json::object();
    for (const auto& [key, value] : v)
      made[std::to_string(key)] = value;
    return made;
  });
  return rc::gen::oneOf(scalar, list, object);
}

}  // namespace

TEST_CASE("values of every kind are parsed") {
  CHECK(parse_json("null").value() == json(nullptr));
  CHECK(parse_json(" [true,false] ").value() == json({true, false}));
  CHECK(parse_json("-12").value() == json(-12));
  CHECK(parse_json("18446744073709551615").value() == json(std::numeric_limits<std::uint64_t>::max()));
  CHECK(parse_json("-9223372036854775808").value() == json(std::numeric_limits<std::int64_t>::min()));
  CHECK(parse_json("1.5e3").value() == json(1500.0));
  CHECK(parse_json(R"({"a":{"b":[1,{"c":[]}]},"d":{}})").value()
        == json{{"a", {{"b", {1, {{"c", json::array()}}}}}}, {"d", json::object()}});
  CHECK(parse_json(R"({"a":{"b":1},"c":2,"d":[{"b":3},{"b":4}]})").value()
        == json{{"a", {{"b", 1}}}, {"c", 2}, {"d", {{{"b", 3}}, {{"b", 4}}}}});
}

TEST_CASE("a message of the live client is parsed") {
  auto message = parse_json(R"(["4","8","lv:phx-F1","event",{"type":"click","event":"like","value":{"value":""}}])");
  REQUIRE(message.ok());
  CHECK((*message)[4]["value"]["value"] == "");
}

TEST_CASE("strings pass through unchanged") {
  CHECK(parse_json(R"("\u0000")").value() == json("\0"s));
  CHECK(parse_json("\"\xE2\x80\xA8\"").value() == json("\xE2\x80\xA8"));
  CHECK(parse_json(R"("\ud83d\ude00")").value() == json("\xF0\x9F\x98\x80"));
}

TEST_CASE("text that is not JSON is refused with the position") {
  for (auto text :
       {"",   " ",  "{",  "[1,", "[1,]", "{\"a\"}",  "{\"a\":1,}", "{a:1}",   "'a'",    "nul",     "1 2",      "[1]]",
        "01", "+1", ".5", "1.",  "NaN",  "Infinity", "\"a",        "\"\\x\"", "\"\t\"", "// c\n1", "\"\\u12\""}) {
    CAPTURE(text);
    auto parsed = parse_json(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::invalid);
    CHECK(parsed.error().message.find("JSON at octet ") == 0);
  }
  CHECK(message_of("[1,x]") == "JSON at octet 4 of 5: syntax error while parsing value - invalid literal");
  CHECK(
      message_of("{\"a\" 1}")
      == "JSON at octet 7 of 7: syntax error while parsing object separator - unexpected number literal; expected ':'");
}

TEST_CASE("invalid UTF-8 and lone surrogates are refused") {
  for (auto text : {"\"\xFF\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"\xC0\x80\"", R"("\ud800")", R"("\ud800x")",
                    R"("\udc00")", R"("\ud800\ud800")"}) {
    CAPTURE(text);
    auto parsed = parse_json(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::invalid);
  }
}

TEST_CASE("numbers that would lose their value are refused") {
  CHECK(message_of("[18446744073709551616]")
        == "JSON at octet 22 of 22: integer \"18446744073709551616\" does not fit into 64 bits");
  CHECK(message_of("-9223372036854775809").find("does not fit into 64 bits") != std::string::npos);
  CHECK(message_of("1e400").find("number overflow") != std::string::npos);
  CHECK(message_of("-1e400").find("number overflow") != std::string::npos);
}

TEST_CASE("a key that occurs twice is refused, also deep inside") {
  CHECK(message_of(R"({"a":1,"a":1})") == "JSON at octet 10 of 13: key \"a\" occurs twice in one object");
  CHECK(message_of(R"([{"x":{"b":1,"c":2,"b":{}}}])").find("key \"b\" occurs twice") != std::string::npos);
  CHECK(parse_json(R"([{"a":1},{"a":1}])").ok());
}

TEST_CASE("nesting is bounded") {
  auto limits = json_limits{.depth_max = 3};
  CHECK(parse_json(nested(3), limits).ok());
  CHECK(parse_json(R"({"a":[{"b":1}]})", limits).ok());
  auto deep = parse_json(nested(4), limits);
  CHECK(deep.error() == error{errc::too_large, "JSON at octet 4 of 8: nested deeper than 3 levels"});
  CHECK(parse_json("7", {.depth_max = 0}).ok());
  CHECK_FALSE(parse_json("[]", {.depth_max = 0}).ok());
  CHECK(parse_json(std::string(1'000'000, '[')).error().code == errc::too_large);
}

TEST_CASE("length is bounded") {
  CHECK(parse_json("[1,2]", {.bytes_max = 5}).ok());
  CHECK(parse_json("[1,23]", {.bytes_max = 5}).error()
        == error{errc::too_large, "JSON of 6 octets, at most 5 are allowed"});
}

TEST_CASE("messages stay short and well-formed, whatever was sent") {
  auto long_key = "\"" + std::string(100'000, 'k') + "\"";
  for (const auto& text : {"{" + long_key + ":1," + long_key + ":2}", std::string(100'000, '9'),
                           "1e" + std::string(100'000, '9'), long_key + long_key, "[" + long_key + "x]"}) {
    auto message = message_of(text);
    CHECK(message.size() < 400);
  }
}

TEST_CASE("any octets are answered without an exception") {
  testing::check_property([] {
    auto parsed = parse_json(*testing::any_octets());
    RC_ASSERT((parsed.ok() || !parsed.error().message.empty()));
  });
}

TEST_CASE("what is written is read back the same") {
  testing::check_property([] {
    auto value = *any_json(2);
    RC_ASSERT(parse_json(dump_json(value)).value() == value);
  });
}

TEST_CASE("writing never fails") {
  CHECK(dump_json("a\xFF"s + "b")
        == "\"a\xEF\xBF\xBD"
           "b\"");
  CHECK(dump_json(json{{"\xFF", 1}}) == "{\"\xEF\xBF\xBD\":1}");
  CHECK(dump_json(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(dump_json(std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("the fast string writer escapes what must be escaped and nothing else") {
  CHECK(json_string("") == R"("")");
  CHECK(json_string("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(json_string("\b\t\n\f\r\x01\x1F"s + '\0') == R"("\b\t\n\f\r\u0001\u001f\u0000")");
  CHECK(json_string("\x7F<>&'") == "\"\x7F<>&'\"");
  CHECK(json_string("\xE2\x80\xA8\xC3\xA9\xF0\x9F\x98\x80") == "\"\xE2\x80\xA8\xC3\xA9\xF0\x9F\x98\x80\"");
  std::string out = "[";
  append_json_string(out, "x");
  CHECK(out == "[\"x\"");
}

TEST_CASE("the fast string writer writes exactly what nlohmann writes") {
  testing::check_property([] {
    auto text = *testing::any_octets();
    RC_ASSERT(json_string(text) == dump_json(text));
  });
  // Octets near the borders of UTF-8, where malformed sequences begin and end.
  testing::check_property([] {
    auto octet = rc::gen::element<char>('a', '\n', '"', '\x7F', '\x80', '\x8F', '\x90', '\x9F', '\xA0', '\xBF', '\xC0',
                                        '\xC2', '\xDF', '\xE0', '\xE2', '\xED', '\xEF', '\xF0', '\xF4', '\xF5', '\xFF');
    auto text = *rc::gen::container<std::string>(octet);
    RC_ASSERT(json_string(text) == dump_json(text));
  });
}

TEST_CASE("the fast string writer sees every octet at every position of a long text") {
  for (int octet = 0; octet < 256; ++octet) {
    for (std::size_t position = 0; position < 20; ++position) {
      auto text = std::string(20, 'a');
      text[position] = static_cast<char>(octet);
      CAPTURE(octet);
      CAPTURE(position);
      REQUIRE(json_string(text) == dump_json(text));
    }
  }
}

TEST_CASE("the fast string writer writes what the parser reads back") {
  testing::check_property([] {
    auto text = *rc::gen::string<std::string>();
    RC_ASSERT(parse_json(json_string(text)).value() == json(parse_json(dump_json(text)).value()));
  });
}

TEST_CASE("fields are found only with the right type") {
  auto object =
      parse_json(R"({"s":"x","i":-3,"u":18446744073709551615,"f":1.0,"b":true,"o":{"k":1},"a":[1],"n":null})");
  REQUIRE(object.ok());
  const auto& o = *object;

  REQUIRE(find_string(o, "s") != nullptr);
  CHECK(*find_string(o, "s") == "x");
  CHECK(find_string(o, "i") == nullptr);
  CHECK(find_int(o, "i") == -3);
  CHECK(find_int(o, "u") == std::nullopt);
  CHECK(find_int(o, "f") == std::nullopt);
  CHECK(find_int(o, "s") == std::nullopt);
  CHECK(find_number(o, "i") == -3.0);
  CHECK(find_number(o, "f") == 1.0);
  CHECK(find_number(o, "s") == std::nullopt);
  CHECK(find_bool(o, "b") == true);
  CHECK(find_bool(o, "i") == std::nullopt);
  REQUIRE(find_object(o, "o") != nullptr);
  CHECK(find_int(*find_object(o, "o"), "k") == 1);
  CHECK(find_object(o, "a") == nullptr);
  REQUIRE(find_array(o, "a") != nullptr);
  CHECK(find_array(o, "a")->size() == 1);
  CHECK(find_array(o, "o") == nullptr);
  REQUIRE(find_field(o, "n") != nullptr);
  CHECK(find_field(o, "n")->is_null());
}

TEST_CASE("nothing is found under a missing key or in what is no object") {
  for (const auto& value : {json::object(), json::array({1}), json("text"), json(1), json(nullptr)}) {
    CHECK(find_field(value, "k") == nullptr);
    CHECK(find_string(value, "k") == nullptr);
    CHECK(find_object(value, "k") == nullptr);
    CHECK(find_array(value, "k") == nullptr);
    CHECK(find_int(value, "k") == std::nullopt);
    CHECK(find_number(value, "k") == std::nullopt);
    CHECK(find_bool(value, "k") == std::nullopt);
  }
}
