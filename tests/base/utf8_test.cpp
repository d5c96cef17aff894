#include "base/utf8.hpp"

#include "property.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace beamline;
using namespace std::string_literals;

TEST_CASE("well-formed characters of every length are accepted") {
  for (auto text : {"a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                    "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(text);
    auto view = std::string_view{text};
    auto step = next_utf8(view);
    CHECK(step.is_valid);
    CHECK(step.octets == view.size());
  }
  CHECK(is_utf8(""));
  CHECK(is_utf8("\0"s));
}

TEST_CASE("malformed sequences are refused where they stop making sense") {
  struct malformed {
    std::string text;
    std::size_t octets;
  };
  for (const auto& example : {
           malformed{"\x80", 1}, malformed{"\xBF", 1}, malformed{"\xFE", 1},              // Never a first octet.
           malformed{"\xC0\x80", 1}, malformed{"\xC1\xBF", 1},                            // Overlong, two octets ...
           malformed{"\xE0\x9F\xBF", 1}, malformed{"\xF0\x8F\xBF\xBF", 1},                // ... three and four.
           malformed{"\xED\xA0\x80", 1}, malformed{"\xED\xBF\xBF", 1},                    // Surrogates.
           malformed{"\xF4\x90\x80\x80", 1}, malformed{"\xF5\x80\x80\x80", 1},            // Above U+10FFFF.
           malformed{"\xC2", 1}, malformed{"\xE2\x82", 2}, malformed{"\xF0\x9F\x98", 3},  // Cut off.
           malformed{"\xE2\x82x", 2}, malformed{"\xF0\x9F\x98\xC2\x80", 3},               // Interrupted.
       }) {
    CAPTURE(example.text);
    auto step = next_utf8(example.text);
    CHECK_FALSE(step.is_valid);
    CHECK(step.octets == example.octets);
  }
}

TEST_CASE("the first malformed octet is found behind long ASCII text") {
  for (std::size_t before = 0; before < 20; ++before) {
    auto text = std::string(before, 'a') + "\xC3\xA9\xFF" + std::string(20, 'b');
    CHECK(find_invalid_utf8(text) == before + 2);
  }
}

TEST_CASE("text is judged as nlohmann judges it") {
  testing::check_property([] {
    auto text = *testing::any_octets();
    auto is_accepted = true;
    try {
      (void)nlohmann::json(text).dump();
    } catch (const nlohmann::json::type_error&) {
      is_accepted = false;
    }
    RC_ASSERT(is_utf8(text) == is_accepted);
  });
}

TEST_CASE("cutting text leaves whole characters") {
  CHECK(truncate_utf8("abc", 5) == "abc");
  CHECK(truncate_utf8("abc", 2) == "ab");
  CHECK(truncate_utf8("a\xE2\x82\xAC"
                      "b",
                      4)
        == "a\xE2\x82\xAC");
  CHECK(truncate_utf8("a\xE2\x82\xAC"
                      "b",
                      3)
        == "a");
  CHECK(truncate_utf8("\xF0\x9F\x98\x80", 3).empty());
  CHECK(truncate_utf8("\x80\x80\x80\x80\x80\x80", 5) == "\x80\x80\x80\x80\x80");
}
