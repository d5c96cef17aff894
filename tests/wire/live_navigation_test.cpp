// Events, patches, navigation and crashes of a joined view (protocol note, sections 9, 11 and 12), over real sockets.
#include "wire/live_site.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

namespace {

struct joined {
  joined() : at{who.load("/tally/here")}, client{who.join(at, "/tally/here")} {}

  json click(const std::string& name, const std::string& ref = "7") {
    return ask(client, view_event(at.view_id, name, ref));
  }
  [[nodiscard]] json reply(const std::string& ref, json response) const {
    return json::array(
        {"4", ref, "lv:" + at.view_id, "phx_reply", {{"status", "ok"}, {"response", std::move(response)}}});
  }
  [[nodiscard]] json push(const std::string& event, json payload) const {
    return json::array({"4", nullptr, "lv:" + at.view_id, event, std::move(payload)});
  }
  [[nodiscard]] json closed() const { return json::array({"4", "4", "lv:" + at.view_id, "phx_close", json::object()}); }

  live_site s;
  browser who{s};
  page at;
  wire_client client;
};

}  // namespace

TEST_CASE("an event is answered with what changed, with a reply if there is one, and with nothing at least") {
  joined v;
  CHECK(v.click("add") == v.reply("7", {{"diff", {{"0", "1"}, {"t", "Tally 1"}}}}));
  CHECK(v.click("ask", "8") == v.reply("8", {{"diff", {{"r", {{"answer", 42}}}}}}));
  CHECK(ask(v.client, view_message(v.at.view_id, "event",
                                   {{"type", "click"}, {"event", "lv:clear-flash"}, {"value", json::object()}}, "9"))
        == v.reply("9", json::object()));
  CHECK(is_quiet(v.client));
}

TEST_CASE("a flash is shown and dismissed") {
  joined v;
  CHECK(v.click("flash") == v.reply("7", {{"diff", {{"1", "said"}}}}));
  CHECK(ask(v.client, view_message(v.at.view_id, "event",
                                   {{"type", "click"}, {"event", "lv:clear-flash"}, {"value", {{"key", "info"}}}}, "8"))
        == v.reply("8", {{"diff", {{"1", ""}}}}));
}

TEST_CASE("a patch of the browser runs handle_params, and clears the flash") {
  joined v;
  (void)v.click("flash");
  CHECK(ask(v.client, view_message(v.at.view_id, "live_patch", {{"url", "http://localhost/tally/there?p=1"}}, "8"))
        == v.reply("8", {{"diff", {{"1", ""}, {"2", "there:"}}}}));
  CHECK(ask(v.client, view_message(v.at.view_id, "live_patch", {{"url", "http://localhost/tally/x/edit"}}, "9"))
        == v.reply("9", {{"diff", {{"2", "x:edit"}}}}));
}

TEST_CASE("a patch of the server is pushed before the reply that shows it") {
  joined v;
  CHECK(v.click("patch") == v.push("live_patch", {{"to", "/tally/patched?p=1"}, {"kind", "replace"}}));
  CHECK(read(v.client) == v.reply("7", {{"diff", {{"2", "patched:"}}}}));
}

TEST_CASE("live navigation: events first, then the answer, and the view is over") {
  joined v;
  CHECK(v.click("navigate") == v.push("diff", {{"e", json::parse(R"([["bell",{"times":2}]])")}}));
  const auto answer = read(v.client);
  const auto& to = answer[4]["response"]["live_redirect"];
  CHECK(to["to"] == "/tally/other");
  CHECK(to["kind"] == "push");
  CHECK(read(v.client) == v.closed());
  CHECK(v.s.has_views(0));

  // The client leaves, and joins the same topic, without waiting.
  auto payload = join_payload(v.at, "");
  payload.erase("url");
  payload["redirect"] = "http://localhost/tally/other";
  payload["flash"] = to["flash"];
  v.client.send(masked_frame(1, view_message(v.at.view_id, "phx_leave", json::object(), "9")));
  v.client.send(masked_frame(1, join_message(v.at.view_id, payload, "12")));
  CHECK(read(v.client)[4]["status"] == "ok");
  const auto there = read(v.client);
  CHECK(there[0] == "12");
  CHECK(there[4]["response"]["rendered"]["1"] == "gone");
  CHECK(there[4]["response"]["rendered"]["2"] == "other:");
}

TEST_CASE("leave and join of a view that is still there: the old one is closed before the new one is answered") {
  joined v;
  auto payload = join_payload(v.at, "");
  payload.erase("url");
  payload["redirect"] = "http://localhost/tally/other";
  SUBCASE("with a leave") {
    v.client.send(masked_frame(1, view_message(v.at.view_id, "phx_leave", json::object(), "9")));
    v.client.send(masked_frame(1, join_message(v.at.view_id, payload, "12")));
    CHECK(read(v.client) == v.reply("9", json::object()));
    CHECK(read(v.client) == v.closed());
  }
  SUBCASE("without") {
    v.client.send(masked_frame(1, join_message(v.at.view_id, payload, "12")));
    CHECK(read(v.client) == v.closed());
  }
  const auto answer = read(v.client);
  CHECK(answer[0] == "12");
  CHECK(answer[4]["response"]["rendered"]["2"] == "other:");
  CHECK(v.s.has_views(1));
  // What the old join still says is ignored.
  v.client.send(masked_frame(1, view_event(v.at.view_id, "crash", "13")));
  CHECK(is_quiet(v.client));
}

TEST_CASE("a redirect takes its flash along and ends the view") {
  joined v;
  const auto answer = v.click("redirect");
  CHECK(answer[4]["response"]["redirect"]["to"] == "/elsewhere");
  v.who.cookies["__phoenix_flash__"] = answer[4]["response"]["redirect"]["flash"].get<std::string>();
  CHECK(read(v.client) == v.closed());
  CHECK(v.s.has_views(0));
  CHECK(v.who.load("/tally/here").answer.body.find("<i>moved</i>") != std::string::npos);
}

TEST_CASE("a crash costs the view only: phx_error, and a fresh join on the same connection") {
  joined v;
  (void)v.click("add");
  CHECK(v.click("crash", "9")
        == json::array({"4", "4", "lv:" + v.at.view_id, "phx_error", {{"reason", "channel_crash"}}}));
  CHECK(v.s.logged("boom"));
  auto payload = join_payload(v.at, "/tally/here");
  payload["params"]["_mounts"] = 1;
  CHECK(ask(v.client, join_message(v.at.view_id, payload, "10"))[4]["response"]["rendered"]["0"] == "0");
}

TEST_CASE("pipelined events are answered in order") {
  joined v;
  for (int n = 0; n < 200; ++n)
    v.client.send(masked_frame(1, view_event(v.at.view_id, "add", std::to_string(100 + n))));
  for (int n = 0; n < 200; ++n) {
    const auto answer = read(v.client);
    REQUIRE(answer.is_array());
    REQUIRE(answer[1] == std::to_string(100 + n));
    REQUIRE(answer[4]["response"]["diff"]["0"] == std::to_string(n + 1));
  }
}
