#include "web/live/event.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web::live;

namespace {

result<client_message> decode(std::string_view name, std::string_view payload) {
  auto value = parse_json(payload);
  REQUIRE_MESSAGE(value.ok(), payload);
  return decode_client_message(name, *std::move(value));
}

event decode_event(std::string_view payload) {
  auto m = decode("event", payload);
  REQUIRE_MESSAGE(m.ok(), payload);
  REQUIRE(std::holds_alternative<event>(*m));
  return std::get<event>(*std::move(m));
}

}  // namespace

TEST_CASE("a click brings its values") {
  const auto e = decode_event(R"({"type":"click","event":"like","value":{"by":"5","value":""}})");
  CHECK(e.type == "click");
  CHECK(e.name == "like");
  CHECK(e.value == json{{"by", "5"}, {"value", ""}});
  CHECK_FALSE(e.component);
  CHECK(decode_event(R"({"type":"click","event":"like","value":{},"cid":3})").component == 3);
  CHECK(decode_event(R"({"type":"click","event":"like","value":{},"cid":null})").component == std::nullopt);
}

TEST_CASE("a hook may send any value, also none") {
  CHECK(decode_event(R"({"type":"hook","event":"q","value":[1,"a",null]})").value == json{1, "a", nullptr});
  CHECK(decode_event(R"({"type":"hook","event":"q","value":null})").value == nullptr);
  CHECK(decode_event(R"({"type":"hook","event":"q"})").value == nullptr);
}

// Section 9 of the protocol note: what the real client sent.
TEST_CASE("form events are decoded, with the target as a path") {
  const auto change = decode_event(
      R"({"type":"form","event":"validate","value":"u%5Bname%5D=ann&u%5B_unused_tags%5D%5B%5D=&u%5Btags%5D%5B%5D=)"
      R"(&u%5Bh%5D=hid","meta":{"_target":"u[name]"},"uploads":{}})");
  CHECK(change.value
        == json{{"u", {{"name", "ann"}, {"_unused_tags", {""}}, {"tags", {""}}, {"h", "hid"}}},
                {"_target", {"u", "name"}}});
  const auto save = decode_event(
      R"({"type":"form","event":"save","value":"u%5Bname%5D=ann&u%5Btags%5D%5B%5D=&u%5Bh%5D=hid&btn=go","meta":{}})");
  CHECK(save.value == json{{"u", {{"name", "ann"}, {"tags", {""}}, {"h", "hid"}}}, {"btn", "go"}});
}

TEST_CASE("form edge cases") {
  CHECK(decode_event(R"({"type":"form","event":"s","value":"","meta":{"_target":"undefined"}})").value
        == json{{"_target", {"undefined"}}});
  CHECK(decode_event(R"({"type":"form","event":"s","value":"a=1"})").value == json{{"a", "1"}});
  CHECK(decode_event(R"({"type":"form","event":"s","value":"a=1","meta":{"a":"2","b":{"c":3}}})").value
        == json{{"a", "2"}, {"b", {{"c", 3}}}});
  CHECK(decode_event(R"({"type":"form","event":"s","value":"a=x+y%26","uploads":{"phx-1":[]}})").uploads
        == json{{"phx-1", json::array()}});
}

TEST_CASE("flash messages are dismissed by name or all at once") {
  const auto one = decode("event", R"({"type":"click","event":"lv:clear-flash","value":{"key":"info","value":""}})");
  REQUIRE(one.ok());
  CHECK(std::get<clear_flash>(*one).key == "info");
  const auto all = decode("event", R"({"type":"click","event":"lv:clear-flash","value":{},"cid":2})");
  REQUIRE(all.ok());
  CHECK(std::get<clear_flash>(*all).key == std::nullopt);
  CHECK(std::get<clear_flash>(*all).component == 2);
}

TEST_CASE("the other messages of a view") {
  CHECK(std::get<live_patch>(decode("live_patch", R"({"url":"http://h/nav/a?p=1"})").value()).url
        == "http://h/nav/a?p=1");
  CHECK(std::get<components_leaving>(decode("cids_will_destroy", R"({"cids":[1,2]})").value()).components
        == std::vector<component_id>{1, 2});
  CHECK(std::get<components_left>(decode("cids_destroyed", R"({"cids":[]})").value()).components.empty());
}

TEST_CASE("messages that no client sends are refused") {
  struct bad {
    std::string_view name;
    std::string_view payload;
  };
  for (const auto& message : {
           bad{"event", "7"},
           bad{"event", "null"},
           bad{"event", "{}"},
           bad{"event", R"({"type":"click"})"},
           bad{"event", R"({"type":1,"event":"e","value":{}})"},
           bad{"event", R"({"type":"click","event":{},"value":{}})"},
           bad{"event", R"({"type":"click","event":"e","value":{},"cid":"1"})"},
           bad{"event", R"({"type":"click","event":"e","value":{},"cid":0})"},
           bad{"event", R"({"type":"click","event":"e","value":{},"cid":-1})"},
           bad{"event", R"({"type":"click","event":"e","value":{},"cid":1.5})"},
           bad{"event", R"({"type":"click","event":"lv:explode","value":{}})"},
           bad{"event", R"({"type":"click","event":"lv:clear-flash","value":{"key":5}})"},
           bad{"event", R"({"type":"form","event":"e","value":{}})"},
           bad{"event", R"({"type":"form","event":"e"})"},
           bad{"event", R"({"type":"form","event":"e","value":"a=%zz"})"},
           bad{"event", R"({"type":"form","event":"e","value":"a=%ff"})"},
           bad{"event", R"({"type":"form","event":"e","value":"","meta":[]})"},
           bad{"event", R"({"type":"form","event":"e","value":"","uploads":[]})"},
           bad{"live_patch", "{}"},
           bad{"live_patch", R"({"url":5})"},
           bad{"cids_destroyed", R"({"cids":{}})"},
           bad{"cids_destroyed", R"({"cids":["1"]})"},
           bad{"cids_will_destroy", "{}"},
           bad{"unknown", "{}"},
       }) {
    CAPTURE(message.name);
    CAPTURE(message.payload);
    CHECK(decode(message.name, message.payload).error().code == errc::invalid);
  }
  CHECK_FALSE(decode_client_message("event", beamline::web::channels::binary_payload{"x"}).ok());
}

TEST_CASE("a form with too many fields is refused") {
  auto body = std::string{};
  for (int i = 0; i < 1001; ++i)
    body += "&f" + std::to_string(i) + "=";
  CHECK(decode("event", R"({"type":"form","event":"e","value":")" + body + "\"}").error().code == errc::too_large);
}
