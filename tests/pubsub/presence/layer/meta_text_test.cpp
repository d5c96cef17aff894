#include "pubsub/presence/layer/meta_text.hpp"

#include "base/json.hpp"
#include "base/random.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace beamline;
using namespace beamline::presence::layer;

TEST_CASE("a field of a meta is found in its text as the parser would find it") {
  const json meta{{"a", 1},
                  {"arr", {1, "x,\"}]", {{"phx_ref", "inner"}}}},
                  {"ip", "10.0.0.1"},
                  {"obj", {{"phx_ref", "no"}, {"z", json::array()}}},
                  {"quote\"d\\", true},
                  {"phx_ref", "abc-_1"},
                  {"zz", nullptr}};
  const auto text = dump_json(meta);
  for (const auto& [name, value] : meta.items())
    CHECK(std::string{field_text(text, json_string(name))} == dump_json(value));
  CHECK(field_text(text, R"("z")").empty());
  CHECK(field_text(text, R"("phx")").empty());
  CHECK(ref_of(text) == "abc-_1");
}

TEST_CASE("of text that is no object, or ends too early, nothing is found and nothing is read beyond it") {
  for (const auto* text :
       {"", "[]", "7", "\"a\"", "{}", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\" :1}", "{\"\\"})
    CHECK(field_text(text, R"("b")").empty());
  CHECK(field_text(R"({"a":{"b":1)", R"("b")").empty());
  const auto whole = std::string{R"({"a":[1,{"b":"\"]"}],"phx_ref":"r"})"};
  for (std::size_t n = 0; n < whole.size(); ++n)
    (void)field_text(std::string_view{whole}.substr(0, n), R"("phx_ref")");
  CHECK(ref_of(whole) == "r");
}

TEST_CASE("the phx_ref of a meta that is written in another way is found, too") {
  CHECK(ref_of(R"({ "a" : 1, "phx_ref" : "abc" })") == "abc");
  CHECK(ref_of(R"({"phx\u005fref":"abc"})") == "abc");
}

TEST_CASE("a meta without phx_ref is a broken promise of the tracker, and says which") {
  CHECK_THROWS_WITH_AS((void)ref_of(R"({"a":1})"), doctest::Contains("a meta has no phx_ref: {\"a\":1}"),
                       std::logic_error);
  CHECK_THROWS_AS((void)ref_of(R"({"phx_ref":""})"), std::logic_error);
  CHECK_THROWS_AS((void)ref_of(R"({"phx_ref":5})"), std::logic_error);
}
