// A live view over real sockets: page, tokens, upgrade, join, events, refusals.
#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "web/live/endpoint.hpp"
#include "wire/fixture.hpp"

#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;
namespace live = beamline::web::live;

namespace {

const live::statics tally_template{{"<p>", "</p><i>", "</i>"}};

/// Counts clicks. Its URL: `/tally/:name`, where `wait` blocks the first render, `away` redirects with a flash.
class tally final : public live::view {
public:
  explicit tally(std::shared_future<void> gate) : gate_{std::move(gate)} {}

  void mount(const live::mount_params& p, live::view_socket& s) override {
    const auto& name = *find_string(p.params, "name");
    if (name == "throw")
      throw std::runtime_error{"mount failed"};
    if (name == "wait" && !s.connected())
      gate_.wait();
    if (name == "away" && !s.connected()) {
      s.put_flash("info", "moved");
      s.redirect("/tally/here");
    }
  }
  void handle_event(const live::event& e, live::view_socket& s) override {
    if (e.name == "leave")
      return s.navigate("/tally/other");
    if (e.name != "add")
      throw std::runtime_error{"boom"};
    ++count_;
  }
  [[nodiscard]] live::rendered render() const override {
    auto info = flash().find("info");
    return live::rendered{tally_template, count_, info == flash().end() ? "" : info->second};
  }

private:
  std::shared_future<void> gate_;
  long count_ = 0;
};

std::string between(const std::string& text, std::string_view before, std::string_view after) {
  auto from = text.find(before);
  if (from == std::string::npos)
    return {};
  from += before.size();
  return text.substr(from, text.find(after, from) - from);
}

/// What a browser knows after loading a page.
struct page {
  wire_client::answer answer;
  std::string cookie;  // `name=value` of the session.
  std::string csrf;
  std::string view_id;
  std::string session;
  std::string page_static;
};

/// A node with one endpoint and its web server.
struct site {
  explicit site(std::size_t processes_max = 1000)
      : home{node::options{.name = "test@127.0.0.1", .processes_max = processes_max},
             environment::ports{time, random, *log, events, timers}} {
    server.emplace(
        [this](web::router& routes) {
          endpoint.view(routes, "/tally/:name", "tally", [this] { return std::make_unique<tally>(gate); });
          endpoint.connect(routes, "/live/websocket");
        },
        test_options());
  }
  ~site() {
    server.reset();
    CHECK(home.shutdown(5s).is_clean());
  }

  [[nodiscard]] page load(const std::string& path, const std::string& cookie = {}, std::string_view method = "GET") {
    auto client = server->connect();
    client.send(std::string{method} + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + (cookie.empty() ? "" : "Cookie: " + cookie + "\r\n") + "\r\n");
    auto out = page{};
    out.answer = client.read_answer(method == "HEAD");
    out.cookie = between(out.answer.headers["set-cookie"] + ";", "", ";");
    out.csrf = between(out.answer.body, "name=\"csrf-token\" content=\"", "\"");
    out.view_id = between(out.answer.body, "<div id=\"", "\"");
    out.session = between(out.answer.body, "data-phx-session=\"", "\"");
    out.page_static = between(out.answer.body, "data-phx-static=\"", "\"");
    return out;
  }
  [[nodiscard]] wire_client upgrade(const page& p, bool with_cookie = true) {
    auto client = server->connect();
    client.send(upgrade_request("/live/websocket?_csrf_token=" + p.csrf + "&vsn=2.0.0",
                                with_cookie ? "Cookie: " + p.cookie + "\r\n" : ""));
    REQUIRE(client.read_answer().status == 101);
    return client;
  }
  [[nodiscard]] bool has_processes(std::size_t count) {
    return comes_true([&] { return home.processes().count() == count; });
  }

  system_clock time;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(time);
  telemetry events;
  timer_thread timers{time};
  node home;
  keyring keys = keyring::parse("0123456789abcdef0123456789abcdef").value();
  token_signer signer{keys, time};
  web::session_codec sessions{signer, {}};
  live::endpoint endpoint{
      home, signer, sessions, {.title = {.text = {}, .fallback = "Tally"}, .layout = [](const live::page_parts& p) {
                                 return p.head.str() + p.body.str();
                               }}};
  std::promise<void> open_gate;
  std::shared_future<void> gate = open_gate.get_future().share();
  std::optional<running_server> server;
};

std::string join_of(const page& p, const std::string& path = "/tally/here") {
  return dump_json(json::array({"4",
                                "4",
                                "lv:" + p.view_id,
                                "phx_join",
                                {{"url", "http://localhost" + path + "#part"},
                                 {"params", {{"_csrf_token", p.csrf}, {"_mounts", 0}, {"_mount_attempts", 0}}},
                                 {"session", p.session},
                                 {"static", p.page_static},
                                 {"sticky", false}}}));
}

std::string event_of(const page& p, const std::string& name, const std::string& ref) {
  return dump_json(json::array(
      {"4", ref, "lv:" + p.view_id, "event", {{"type", "click"}, {"event", name}, {"value", {{"value", ""}}}}}));
}

/// The next message as JSON; null when there is none.
json read(wire_client& c) {
  auto frame = c.read_frame();
  return frame && frame->op == 1 ? json::parse(frame->payload) : json{};
}

json ask(wire_client& c, const std::string& text) {
  c.send(masked_frame(1, text));
  return read(c);
}

const json reason_stale = {{"status", "error"}, {"response", {{"reason", "stale"}}}};
const json reason_crashed = {{"status", "error"}, {"response", {{"reason", "join crashed"}}}};

}  // namespace

TEST_CASE("a node with no room for another process refuses a page with 503 and says when to come back") {
  auto s = site{0};
  auto p = s.load("/tally/here");
  CHECK(p.answer.status == 503);
  CHECK(p.answer.headers["retry-after"] == "5");
}

TEST_CASE("a page is loaded, its view joined, clicked and left, over real sockets") {
  site s;
  auto p = s.load("/tally/here");
  REQUIRE(p.answer.status == 200);
  CHECK(p.answer.headers["cache-control"] == "no-store");
  CHECK(p.answer.body.find("<p>0</p>") != std::string::npos);
  REQUIRE(p.cookie.starts_with("_beamline_session="));
  CHECK(s.has_processes(0));

  auto client = s.upgrade(p);
  auto joined = ask(client, join_of(p));
  REQUIRE(joined[4]["status"] == "ok");
  CHECK(joined[0] == "4");
  CHECK(joined[4]["response"]["rendered"]["0"] == "0");
  CHECK(ask(client, event_of(p, "add", "7"))
        == json::array(
            {"4", "7", "lv:" + p.view_id, "phx_reply", {{"status", "ok"}, {"response", {{"diff", {{"0", "1"}}}}}}}));
  CHECK(ask(client, R"([null,"8","phoenix","heartbeat",{}])")[4]["status"] == "ok");

  SUBCASE("a crash leaves the connection open for the next join") {
    CHECK(ask(client, event_of(p, "crash", "9"))[3] == "phx_error");
    CHECK(ask(client, join_of(p))[4]["response"]["rendered"]["0"] == "0");
  }
  SUBCASE("navigation") {
    CHECK(ask(client, event_of(p, "leave", "9"))[4]["response"]["live_redirect"]["to"] == "/tally/other");
    CHECK(read(client)[3] == "phx_close");
    CHECK(s.has_processes(0));
  }
  SUBCASE("the browser goes without a word") {
    CHECK(s.has_processes(1));
    { auto gone = std::move(client); }
    CHECK(s.has_processes(0));
  }
  SUBCASE("bad frames close the connection with 1011 and end its view") {
    client.send(masked_frame(1, "{not json"));
    CHECK(client.read_frame()->close_code() == 1011);
    CHECK(s.has_processes(0));
  }
}

TEST_CASE("the session cookie is set once, and each page has tokens of its own") {
  site s;
  auto first = s.load("/tally/here");
  auto second = s.load("/tally/here", first.cookie);
  CHECK(second.answer.headers["set-cookie"] == "");
  CHECK(second.csrf != first.csrf);
  CHECK(second.view_id != first.view_id);
  second.cookie = first.cookie;
  auto client = s.upgrade(second);  // The second page's token, the first one's cookie: one session.
  CHECK(ask(client, join_of(second))[4]["status"] == "ok");
  CHECK(ask(client, join_of(first))[4]["status"] == "ok");
}

TEST_CASE("a join that proves nothing is stale; without any cookie it is a crash, which browsers retry slowly") {
  site s;
  auto p = s.load("/tally/here");
  SUBCASE("forged token") {
    auto client = s.upgrade(p);
    auto forged = p;
    forged.session += "x";
    CHECK(ask(client, join_of(forged))[4] == reason_stale);
  }
  SUBCASE("token of another view") {
    auto client = s.upgrade(p);
    auto other = s.load("/tally/here", p.cookie);
    other.session = p.session;
    CHECK(ask(client, join_of(other))[4] == reason_stale);
  }
  SUBCASE("static token as session token") {
    auto client = s.upgrade(p);
    auto swapped = p;
    swapped.session = p.page_static;
    CHECK(ask(client, join_of(swapped))[4] == reason_stale);
  }
  SUBCASE("another session's csrf token") {
    auto mixed = p;
    mixed.csrf = s.load("/tally/here").csrf;
    auto client = s.upgrade(mixed);
    CHECK(ask(client, join_of(mixed))[4] == reason_stale);
  }
  SUBCASE("no cookie") {
    auto client = s.upgrade(p, false);
    CHECK(ask(client, join_of(p))[4] == reason_crashed);
  }
  SUBCASE("a URL of nobody") {
    auto client = s.upgrade(p);
    CHECK(ask(client, join_of(p, "/elsewhere"))[4]["response"]["reason"] == "unauthorized");
  }
  CHECK(s.has_processes(0));
}

TEST_CASE("HEAD renders the page without sending it; a mount that throws is a 500 and leaves nothing behind") {
  site s;
  auto head = s.load("/tally/here", {}, "HEAD");
  CHECK(head.answer.status == 200);
  CHECK(head.answer.headers["content-length"] != "0");
  CHECK(s.load("/tally/throw").answer.status == 500);
  CHECK(s.has_processes(0));
}

TEST_CASE("a flash crosses a redirect in a cookie, is shown once and deleted") {
  site s;
  auto away = s.load("/tally/away");
  CHECK(away.answer.status == 302);
  CHECK(away.answer.headers["location"] == "/tally/here");
  REQUIRE(away.cookie.starts_with("__phoenix_flash__="));  // The last of two.
  auto here = s.load("/tally/here", away.cookie);
  CHECK(here.answer.body.find("<i>moved</i>") != std::string::npos);
  CHECK(here.answer.headers["set-cookie"].find("__phoenix_flash__=; ") == 0);
  CHECK(here.answer.headers["set-cookie"].find("Max-Age=0") != std::string::npos);
  CHECK(s.load("/tally/here", "__phoenix_flash__=forged").answer.body.find("<i></i>") != std::string::npos);
}

TEST_CASE("a page whose browser has gone is still rendered to its end and goes nowhere") {
  site s;
  {
    auto client = s.server->connect();
    client.send("GET /tally/wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(s.has_processes(1));
  }
  s.open_gate.set_value();
  CHECK(s.has_processes(0));
}

TEST_CASE("a page that is being rendered when the server and the endpoint go does no harm") {
  site s;
  auto endpoint = std::make_unique<live::endpoint>(
      s.home, s.signer, s.sessions,
      live::endpoint::options{.title = {}, .layout = [](const live::page_parts& p) { return p.body.str(); }});
  {
    auto other = running_server{[&](web::router& routes) {
                                  endpoint->view(routes, "/tally/:name", "tally",
                                                 [&] { return std::make_unique<tally>(s.gate); });
                                },
                                test_options()};
    auto client = other.connect();
    client.send("GET /tally/wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(s.has_processes(1));
  }
  endpoint.reset();
  s.open_gate.set_value();
  CHECK(s.has_processes(0));
}
