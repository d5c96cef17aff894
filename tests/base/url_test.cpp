#include "base/url.hpp"

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "property.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace beamline;
using namespace std::string_literals;

namespace {

json form(std::string_view text) { return parse_form(text).value(); }

json object(std::string_view text) { return parse_json(text).value(); }

using path = std::vector<std::string>;

}  // namespace

TEST_CASE("path segments and query components are encoded for their place") {
  CHECK(percent_encode("a b/c?d#e%f", url_part::path_segment) == "a%20b%2Fc%3Fd%23e%25f");
  CHECK(percent_encode("a:b@c+d&e=f", url_part::path_segment) == "a:b@c+d&e=f");
  CHECK(percent_encode("a b+c&d=e/[]", url_part::query_component) == "a%20b%2Bc%26d%3De%2F%5B%5D");
  CHECK(percent_encode("-._~Az09", url_part::query_component) == "-._~Az09");
  CHECK(percent_encode("\xC3\xA9", url_part::path_segment) == "%C3%A9");
}

TEST_CASE("decoding takes a plus as a space in a query only") {
  CHECK(percent_decode("a+b%20c%2Bd", url_part::query_component).value() == "a b c+d");
  CHECK(percent_decode("a+b%20c", url_part::path_segment).value() == "a+b c");
  CHECK(percent_decode("%c3%A9", url_part::path_segment).value() == "\xC3\xA9");
  CHECK(percent_decode("%00", url_part::query_component).value() == "\0"s);
}

TEST_CASE("malformed escapes and text that is not UTF-8 are refused with the position") {
  for (auto text : {"%", "%4", "%g0", "%0g", "ab%", "%%41", "% 41", "%+1"}) {
    CAPTURE(text);
    CHECK(percent_decode(text, url_part::query_component).error().code == errc::invalid);
  }
  CHECK(percent_decode("ab%4", url_part::path_segment).error().message
        == "percent sign at position 2 without two hexadecimal digits; write %25 for %");
  CHECK(percent_decode("ab%FF", url_part::path_segment).error().message == "decoded text is not UTF-8 from octet 2 on");
  CHECK_FALSE(percent_decode("\xFF", url_part::path_segment).ok());
}

TEST_CASE("text survives encoding and decoding for both places") {
  testing::check_property([] {
    auto text = *testing::any_octets();
    for (auto part : {url_part::path_segment, url_part::query_component}) {
      auto decoded = percent_decode(percent_encode(text, part), part);
      RC_ASSERT(decoded.ok() == is_utf8(text));
      if (decoded)
        RC_ASSERT(*decoded == text);
    }
  });
}

TEST_CASE("a query is split into pairs in order") {
  CHECK(parse_query("").value().empty());
  CHECK(parse_query("b=1&a=2&b=3").value() == query_pairs{{"b", "1"}, {"a", "2"}, {"b", "3"}});
  CHECK(parse_query("a&b=&=c&&d=1=2&").value() == query_pairs{{"a", ""}, {"b", ""}, {"", "c"}, {"d", "1=2"}});
  CHECK(parse_query("_track_static%5B0%5D=http%3A%2F%2Fhost%2Fapp.js&vsn=2.0.0").value()
        == query_pairs{{"_track_static[0]", "http://host/app.js"}, {"vsn", "2.0.0"}});
}

TEST_CASE("a query that is malformed or too large is refused") {
  CHECK(parse_query("a=1&b%=2").error().message.find("query, key at position 4: percent sign") == 0);
  CHECK(parse_query("a=1&b=%FF").error().message.find("query, value at position 6: decoded text") == 0);
  CHECK(parse_query("a=1&b=2", {.pairs_max = 2}).ok());
  CHECK(parse_query("a=1&b=2&c", {.pairs_max = 2}).error() == error{errc::too_large, "query with more than 2 pairs"});
  CHECK(parse_query("a=1", {.bytes_max = 2}).error()
        == error{errc::too_large, "query of 3 octets, at most 2 are allowed"});
}

TEST_CASE("a query survives building and parsing") {
  testing::check_property([] {
    auto text = rc::gen::map(testing::any_octets(),
                             [](std::string octets) { return is_utf8(octets) ? octets : json_string(octets); });
    auto pairs = *rc::gen::container<query_pairs>(rc::gen::pair(text, text));
    auto parsed = parse_query(build_query(pairs));
    RC_ASSERT(parsed.value() == pairs);
  });
  CHECK(build_query(query_pairs{{"u[name]", "a b"}, {"", ""}}) == "u%5Bname%5D=a%20b&=");
}

TEST_CASE("brackets in form keys make objects and lists") {
  CHECK(form("") == json::object());
  CHECK(form("a=1&b=") == object(R"({"a":"1","b":""})"));
  CHECK(form("a[b]=1&a[c][d]=2") == object(R"({"a":{"b":"1","c":{"d":"2"}}})"));
  CHECK(form("a[]=1&a[]=2") == object(R"({"a":["1","2"]})"));
  CHECK(form("a[][k]=1&a[][k]=2") == object(R"({"a":[{"k":"1"},{"k":"2"}]})"));
  CHECK(form("a[b][]=1&a[b][]=2") == object(R"({"a":{"b":["1","2"]}})"));
  CHECK(form("a[0]=x&a[1]=y") == object(R"({"a":{"0":"x","1":"y"}})"));
  CHECK(form("a[][]=1&a[][]=2") == object(R"({"a":[["1"],["2"]]})"));
}

TEST_CASE("the forms of the live client are decoded") {
  CHECK(form("u%5Bname%5D=ann&u%5B_unused_tags%5D%5B%5D=&u%5Btags%5D%5B%5D=&u%5Bh%5D=hid")
        == object(R"({"u":{"name":"ann","_unused_tags":[""],"tags":[""],"h":"hid"}})"));
  CHECK(form("u%5Bname%5D=ann+lee&btn=go") == object(R"({"u":{"name":"ann lee"},"btn":"go"})"));
}

TEST_CASE("the last value for a place wins, also over another shape") {
  CHECK(form("a=1&a=2") == object(R"({"a":"2"})"));
  CHECK(form("a=1&a[b]=2") == object(R"({"a":{"b":"2"}})"));
  CHECK(form("a[b]=1&a=2") == object(R"({"a":"2"})"));
  CHECK(form("a[b]=1&a[]=2") == object(R"({"a":["2"]})"));
  CHECK(form("a[]=1&a[b]=2") == object(R"({"a":{"b":"2"}})"));
  CHECK(form("a[b]=0&a[b]=1") == object(R"({"a":{"b":"1"}})"));  // A checkbox behind its hidden field.
}

TEST_CASE("brackets that do not fit are part of the key") {
  CHECK(form("a[=1") == object(R"({"a[":"1"})"));
  CHECK(form("a]=1") == object(R"({"a]":"1"})"));
  CHECK(form("a[b=1") == object(R"({"a[b":"1"})"));
  CHECK(form("]a[=1") == object(R"({"]a[":"1"})"));
  CHECK(form("a[b]c=1") == object(R"({"a[b]c":"1"})"));
}

TEST_CASE("a form key is split into its path") {
  CHECK(split_form_key("u[name]").value() == path{"u", "name"});
  CHECK(split_form_key("u[tags][]").value() == path{"u", "tags", ""});
  CHECK(split_form_key("plain").value() == path{"plain"});
  CHECK(split_form_key("undefined").value() == path{"undefined"});
  CHECK(split_form_key("").value() == path{""});
  CHECK(split_form_key("[]").value() == path{"", ""});
}

TEST_CASE("nesting and number of form fields are bounded") {
  auto limits = query_limits{.pairs_max = 2, .depth_max = 2};
  CHECK(parse_form("a[b][c]=1", limits).ok());
  auto deep = parse_form("a[b][c][d]=1", limits);
  CHECK(deep.error() == error{errc::too_large, "form key \"a[b][c][d]\" has more than 2 levels of brackets"});
  CHECK(parse_form("a=1&b=2&c=3", limits).error().code == errc::too_large);
  CHECK(parse_form("a%=1").error().code == errc::invalid);

  std::string bomb = "a";
  for (int i = 0; i < 100'000; ++i)
    bomb += "[]";
  auto refused = parse_form(bomb + "=1");
  CHECK(refused.error().code == errc::too_large);
  CHECK(refused.error().message.size() < 200);
}

TEST_CASE("any octets as a form are answered without an exception") {
  testing::check_property([] {
    auto text =
        *rc::gen::container<std::string>(rc::gen::element<char>('a', '[', ']', '=', '&', '%', '4', '1', '+', '\xFF'));
    auto parsed = parse_form(text);
    RC_ASSERT((parsed.ok() ? parsed->is_object() : !parsed.error().message.empty()));
  });
}

TEST_CASE("what a URL shows and what a request carries is the same target") {
  CHECK(target_of("http://localhost:4000/blog?tag=c%2B%2B#comments") == "/blog?tag=c%2B%2B");
  CHECK(target_of("/blog?tag=otp") == "/blog?tag=otp");
  CHECK(target_of("/blog#comments") == "/blog");
  CHECK(target_of("https://blog.example") == "/");
  CHECK(target_of("https://[::1]:4000/") == "/");
  CHECK(target_of("").empty());
  CHECK(target_of("/to?next=http://h/x") == "/to?next=http://h/x");  // A URL within a query belongs to the query.
}
