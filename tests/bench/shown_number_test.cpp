#include "blog/shown_number.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <string>

using namespace beamline::bench;

namespace {

/// A page whose number stands in the second value of its first part; the parts' texts are shared, as the server sends
/// them.
const std::string join = R"json({"status":"ok","response":{"rendered":{
  "0":{"0":"Hello \"you\"","1":"1,234","s":0},
  "1":"7",
  "p":{"0":["<h1>","</h1><b id=\"like-count\">","</b>"]},
  "s":["<main>","</main><i id=\"visit-count\" class=\"number\">","</i>"]}}})json";

std::optional<std::int64_t> in_diff(const std::string& payload) { return number_in_diff(payload, {"0", "1"}); }

}  // namespace

TEST_CASE("the place of an element's text is found, through parts whose texts are shared") {
  CHECK(place_of(join, "like-count") == place{"0", "1"});
  CHECK(place_of(join, "visit-count") == place{"1"});
}

TEST_CASE("an element that is not there, and a reply without a page, are errors") {
  CHECK_THROWS_AS((void)place_of(join, "comment-count"), std::runtime_error);
  CHECK_THROWS_AS((void)place_of(R"({"status":"error","response":{"reason":"stale"}})", "like-count"),
                  std::runtime_error);
  CHECK_THROWS_AS((void)place_of("{", "like-count"), std::runtime_error);
}

TEST_CASE("a joined page tells its number, and none where a dash stands or nothing") {
  CHECK(number_in_join(join, {"0", "1"}) == 1'234);
  CHECK(number_in_join(join, {"1"}) == 7);
  CHECK_FALSE(number_in_join(join, {"0", "0"}).has_value());
  CHECK_FALSE(number_in_join(join, {"2"}).has_value());
  CHECK_FALSE(number_in_join(join, {"1", "0"}).has_value());
}

TEST_CASE("a diff tells the number of its place") {
  CHECK(in_diff(R"({"0":{"1":"1,235"}})") == 1'235);
  CHECK(in_diff(R"({"0":{"0":"x","1":"9"},"1":"8"})") == 9);
  CHECK(number_in_diff(R"({"1":"8"})", {"1"}) == 8);
}

TEST_CASE("what stands before the place is passed over, whatever is in it") {
  CHECK(in_diff(R"({"e":[["told",{"0":{"1":"1"}}]],"0":{"1":"5"}})") == 5);
  CHECK(in_diff(R"({"t":"a \"quoted\" } , { title","0":{"1":"5"}})") == 5);
  CHECK(in_diff(R"({"a":"ends with \\","0":{"0":{"1":"4"},"1":"5"}})") == 5);
  CHECK(in_diff(R"({"n":12,"b":true,"z":null,"l":[1,[2,{}]],"0":{"1":"5"}})") == 5);
}

TEST_CASE("a diff that leaves the place as it was tells no number, nor does one that is cut off") {
  CHECK_FALSE(in_diff("{}").has_value());
  CHECK_FALSE(in_diff("").has_value());
  CHECK_FALSE(in_diff(R"({"1":"8"})").has_value());
  CHECK_FALSE(in_diff(R"({"0":{"0":"x"}})").has_value());
  CHECK_FALSE(in_diff(R"({"0":"x"})").has_value());
  CHECK_FALSE(in_diff(R"({"0":{"1":"–"}})").has_value());
  CHECK_FALSE(in_diff(R"({"0":{"1":["5"]}})").has_value());
  const auto whole = std::string{R"({"0":{"0":"x","1":"5"}})"};
  for (std::size_t n = 0; n + 2 < whole.size(); ++n) {
    CAPTURE(n);
    CHECK_FALSE(in_diff(whole.substr(0, n)).has_value());
  }
}
