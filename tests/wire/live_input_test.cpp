// Every row of the table of bad input (protocol note, section 19), over real sockets.
#include "wire/live_site.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;
using namespace std::string_literals;

namespace {

/// A joined view, and a second browser's, which nothing that the first does may disturb.
struct two_visits {
  two_visits()
      : at{who.load("/tally/here")},
        client{who.join(at, "/tally/here")},
        other_at{other.load("/tally/other")},
        bystander{other.join(other_at, "/tally/other")} {}
  ~two_visits() { CHECK(ask(bystander, view_event(other_at.view_id, "add", "7"))[4]["response"]["diff"]["0"] == "1"); }

  /// The view has crashed, the connection stays, and a fresh join is answered.
  void crashes(const std::string& message) {
    const auto said = ask(client, message);
    CHECK(said == json::array({"4", "4", "lv:" + at.view_id, "phx_error", {{"reason", "channel_crash"}}}));
    CHECK(is_quiet(client));
    CHECK(ask(client, join_message(at.view_id, join_payload(at, "/tally/here"), "20"))[4]["status"] == "ok");
  }
  void closes(unsigned op, const std::string& octets, int code) {
    client.send(masked_frame(op, octets));
    CHECK(close_code_of(client) == code);
    CHECK(s.has_views(1));  // The bystander's.
  }

  live_site s;
  browser who{s};
  page at;
  wire_client client;
  browser other{s};
  page other_at;
  wire_client bystander;
};

std::string nested(std::size_t depth) {
  return R"(["4","7","lv:x","event",)" + std::string(depth, '[') + std::string(depth, ']') + "]";
}

}  // namespace

TEST_CASE("a message that is none closes its connection with 1011 and disturbs nobody else") {
  two_visits v;
  SUBCASE("not JSON") { v.closes(1, "{not json", 1011); }
  SUBCASE("nothing") { v.closes(1, "", 1011); }
  SUBCASE("not an array") { v.closes(1, R"({"topic":"lv:x"})", 1011); }
  SUBCASE("fewer than five elements") { v.closes(1, R"(["4","7","lv:x","event"])", 1011); }
  SUBCASE("a topic that is no text") { v.closes(1, R"(["4","7",9,"event",{}])", 1011); }
  SUBCASE("an event that is no text") { v.closes(1, R"(["4","7","lv:x",null,{}])", 1011); }
  SUBCASE("a reference that is no text") { v.closes(1, R"([4,7,"lv:x","event",{}])", 1011); }
  SUBCASE("an unknown binary kind") {
    v.closes(2,
             "\x07\x01\x01\x01\x01"
             "4"
             "7"
             "t"
             "e"s,
             1011);
  }
  SUBCASE("truncated octets") {
    v.closes(2,
             "\0\x01\x01\x09\x05"
             "4"s,
             1011);
  }
  SUBCASE("no octets") { v.closes(2, "", 1011); }
  SUBCASE("JSON nested too deep") { v.closes(1, nested(100), 1011); }
  SUBCASE("a number beyond 64 bits") { v.closes(1, R"(["4","7","lv:x","event",{"n":99999999999999999999}])", 1011); }
  SUBCASE("a number beyond a double") { v.closes(1, R"(["4","7","lv:x","event",{"n":1e999}])", 1011); }
  SUBCASE("a key twice") { v.closes(1, R"(["4","7","lv:x","event",{"a":1,"a":2}])", 1011); }
  SUBCASE("a lone surrogate") { v.closes(1, R"(["4","7","lv:x","event",{"a":"\ud800"}])", 1011); }
}

TEST_CASE("octets that are no WebSocket message close with the protocol's own codes") {
  two_visits v;
  SUBCASE("text that is not UTF-8") { v.closes(1, "[\"\xff\"]", 1007); }
  SUBCASE("a reserved opcode") { v.closes(3, "x", 1002); }
  SUBCASE("a message that is too big") { v.closes(1, std::string(1024 * 1024 + 1, ' '), 1009); }
}

TEST_CASE("what is said about a topic that nobody joined is answered, and the connection stays") {
  two_visits v;
  CHECK(
      ask(v.client, R"(["9","9","room:1","phx_join",{}])")
      == json::parse(R"([null,"9","room:1","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])"));
  CHECK(ask(v.client, R"(["9","10","lv:nobody","event",{}])")
        == json::parse(
            R"([null,"10","lv:nobody","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}])"));
  CHECK(ask(v.client, R"([null,"11","lv:nobody","phx_leave",{}])")[4]["status"] == "ok");
  CHECK(is_quiet(v.client));
}

TEST_CASE("a message of another join is ignored without a word") {
  two_visits v;
  v.client.send(masked_frame(1, view_event(v.at.view_id, "add", "7", json::object(), "3")));
  v.client.send(masked_frame(1, view_event(v.at.view_id, "crash", "8", json::object(), "5")));
  CHECK(is_quiet(v.client));
  CHECK(ask(v.client, view_event(v.at.view_id, "add", "9"))[4]["response"]["diff"]["0"] == "1");
}

TEST_CASE("what no client sends to a view crashes that view: no reply, the connection stays") {
  two_visits v;
  const auto& id = v.at.view_id;
  const auto click = [](json value) { return json{{"type", "click"}, {"event", "add"}, {"value", std::move(value)}}; };
  SUBCASE("an event without a name") { v.crashes(view_message(id, "event", {{"type", "click"}, {"value", {}}})); }
  SUBCASE("a name that is no text") {
    v.crashes(view_message(id, "event", {{"type", "click"}, {"event", 7}, {"value", {}}}));
  }
  SUBCASE("no type") { v.crashes(view_message(id, "event", {{"event", "add"}, {"value", {}}})); }
  SUBCASE("a form without its fields") { v.crashes(view_message(id, "event", {{"type", "form"}, {"event", "add"}})); }
  SUBCASE("a payload that is no object") { v.crashes(view_message(id, "event", json::array())); }
  SUBCASE("a form that is no text") {
    v.crashes(view_message(id, "event", {{"type", "form"}, {"event", "add"}, {"value", {{"a", "b"}}}}));
  }
  SUBCASE("a component that is no number") {
    auto e = click({{"value", ""}});
    e["cid"] = "1";
    v.crashes(view_message(id, "event", e));
  }
  SUBCASE("an unknown message") { v.crashes(view_message(id, "teleport", json::object())); }
  SUBCASE("an unknown lv: event") {
    v.crashes(view_message(id, "event", {{"type", "click"}, {"event", "lv:self-destruct"}, {"value", {}}}));
  }
  SUBCASE("an event that the view does not know") { v.crashes(view_event(id, "frobnicate", "7")); }
  SUBCASE("a patch without a URL") { v.crashes(view_message(id, "live_patch", json::object())); }
  SUBCASE("components that are no list") { v.crashes(view_message(id, "cids_will_destroy", {{"cids", 1}})); }
  SUBCASE("uploads that nobody allowed") {
    v.crashes(view_message(id, "allow_upload", {{"ref", "phx-x"}, {"entries", json::array()}}));
  }
  SUBCASE("octets") {
    const auto topic = "lv:" + id;
    v.client.send(
        masked_frame(2, "\0\x01\x01"s + static_cast<char>(topic.size()) + "\x05" + "47" + topic + "event\x01"));
    CHECK(read(v.client)[3] == "phx_error");
    CHECK(is_quiet(v.client));
  }
}

TEST_CASE("an event for a component that has gone, and uploads nobody knows, are no crime") {
  two_visits v;
  CHECK(ask(v.client, view_message(v.at.view_id, "event",
                                   {{"type", "click"}, {"event", "add"}, {"value", {{"value", ""}}}, {"cid", 77}}))[4]
        == json::parse(R"({"status":"ok","response":{}})"));
  CHECK(ask(v.client, view_message(v.at.view_id, "cids_will_destroy", {{"cids", {1, 77}}}))[4]["status"] == "ok");
  CHECK(ask(v.client, view_message(v.at.view_id, "cids_destroyed", {{"cids", {1, 77}}}))[4]["response"]["cids"]
        == json::array());
  CHECK(ask(v.client, view_message(v.at.view_id, "event",
                                   {{"type", "form"},
                                    {"event", "add"},
                                    {"value", "a=1"},
                                    {"meta", {{"_target", "a"}}},
                                    {"uploads", {{"phx-unknown", json::array()}}}}))[4]["response"]["diff"]["0"]
        == "1");
}

TEST_CASE("a patch to a URL of another view, or of nobody, is the browser's own to follow") {
  two_visits v;
  for (const auto* url : {"http://localhost/den/utc", "http://localhost/back/office", "http://localhost/elsewhere",
                          "javascript:alert(1)", "", "http://localhost/%zz"}) {
    CAPTURE(url);
    CHECK(ask(v.client, view_message(v.at.view_id, "live_patch", {{"url", url}}))[4]
          == json::parse(R"({"status":"ok","response":{"link_redirect":true}})"));
  }
}

TEST_CASE("any text of a visitor comes back as it was: zeros, line separators, emoji") {
  two_visits v;
  const auto odd = json{{"value", "\0 \xe2\x80\xa8 \xf0\x9f\x98\x80 \"\\<&>"s}};
  CHECK(ask(v.client, view_event(v.at.view_id, "echo", "7", odd))[4]["response"]["diff"]["r"]["echo"] == odd);
}

TEST_CASE("more channels than one connection may have are refused one by one") {
  two_visits v;
  const auto tokens = live::page_tokens{v.s.signer};
  auto token = tokens.verify_session(v.at.session).value();
  auto payload = join_payload(v.at, "/tally/here");
  payload.erase("static");
  auto answer = json{};
  for (int n = 1; n <= 100; ++n) {  // One has joined already.
    token.view_id = "phx-" + std::to_string(n);
    payload["session"] = tokens.sign(token);
    answer = ask(v.client, join_message(token.view_id, payload, std::to_string(100 + n)));
    REQUIRE(answer.is_array());
    CHECK(answer[4]["status"] == (n < 100 ? "ok" : "error"));
  }
  CHECK(answer[4]["response"]["reason"] == "too many channels joined");
  CHECK(is_quiet(v.client));
}
