// What an endpoint does besides views: live sessions, logouts, changed assets, limits, shutdown; over real sockets.
#include "wire/live_site.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::test;

namespace {

/// An asset directory with one script.
struct assets {
  assets() {
    auto pattern = (std::filesystem::temp_directory_path() / "beamline-live-site-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    dir = pattern;
    std::ofstream{dir / "manifest.json"} << R"({"app.js":"app-NEW.js"})";
    std::ofstream{dir / "app-NEW.js"} << "let x;";
  }
  ~assets() { std::filesystem::remove_all(dir); }

  std::filesystem::path dir;
};

}  // namespace

// -- live sessions ----------------------------------------------------------------------------------------

TEST_CASE("the hooks of a live session decide who sees its views, in the first render and in each join") {
  live_site s;
  browser b{s};
  auto refused = b.load("/back/office");
  CHECK(refused.answer.status == 302);
  CHECK(refused.answer.headers["location"] == "/tally/here");

  (void)b.load("/login/ann");
  auto p = b.load("/back/office");
  REQUIRE(p.answer.status == 200);
  CHECK(p.answer.body.starts_with("<admin>"));  // Its own layout.
  CHECK(p.answer.body.find("office of ann@hq at 127.0.0.1") != std::string::npos);
  json reply;
  (void)b.join(p, "/back/office", &reply);
  CHECK(reply["rendered"]["0"] == "ann@hq");
  CHECK(reply["rendered"]["1"] == "127.0.0.1");

  SUBCASE("who has logged out since is sent away, though the page's token is still good") {
    (void)b.load("/logout");
    auto client = b.connect(p);
    CHECK(ask(client, join_message(p.view_id, join_payload(p, "/back/office")))[4]["response"]["redirect"]["to"]
          == "/tally/here");
  }
}

TEST_CASE("live navigation stays within its live session, both ways") {
  live_site s;
  browser b{s};
  (void)b.load("/login/ann");
  const auto outside = b.load("/tally/here");
  const auto inside = b.load("/back/office");
  auto client = b.connect(outside);
  const auto go = [&](const page& from, const std::string& to) {
    auto payload = join_payload(from, "");
    payload.erase("url");
    payload["redirect"] = "http://localhost" + to;
    return ask(client, join_message(from.view_id, payload))[4];
  };
  CHECK(go(outside, "/back/office")["response"]["reason"] == "unauthorized");
  CHECK(go(inside, "/tally/here")["response"]["reason"] == "unauthorized");
  CHECK(go(inside, "/back/office")["status"] == "ok");
}

TEST_CASE("the values of the cookie session reach the view as they are at the join") {
  live_site s;
  browser b{s};
  auto p = b.load("/tally/here");
  CHECK(p.answer.body.find("<u>here:</u>") != std::string::npos);
  (void)b.load("/login/ann");
  json reply;
  (void)b.join(p, "/tally/here", &reply);
  CHECK(reply["rendered"]["2"] == "here:ann");
}

// -- logouts ------------------------------------------------------------------------------------------------

TEST_CASE("a disconnect closes the connections of that socket id with 1001, and no others") {
  live_site s;
  browser ann{s}, bob{s};
  (void)ann.load("/login/ann");
  (void)bob.load("/login/bob");
  const auto page_of_ann = ann.load("/tally/here"), page_of_bob = bob.load("/tally/here");
  auto first = ann.join(page_of_ann, "/tally/here");
  auto second = ann.connect(page_of_ann);
  auto other = bob.join(page_of_bob, "/tally/here");
  s.endpoint->disconnect("user:ann");
  CHECK(close_code_of(first) == 1001);
  CHECK(close_code_of(second) == 1001);
  CHECK(is_quiet(other));
  CHECK(s.has_views(2));  // Bob's view, and the guard of his connection.
}

TEST_CASE("a connection that does not prove whose it is has no socket id") {
  live_site s;
  browser b{s};
  (void)b.load("/login/ann");
  auto p = b.load("/tally/here");
  p.csrf = "wrong";
  auto client = b.connect(p);
  s.endpoint->disconnect("user:ann");
  CHECK(is_quiet(client));
  CHECK(s.has_views(0));
}

// -- assets -------------------------------------------------------------------------------------------------

TEST_CASE("a view is told when its page was loaded with assets of another release") {
  assets files;
  const auto store = web::asset_store::load(files.dir).value();
  live_site s{{.assets = &store}};
  browser b{s};
  auto p = b.load("/tally/static");
  const auto shown = [&](json tracked) {
    auto payload = join_payload(p, "/tally/static");
    if (!tracked.is_null())
      payload["params"]["_track_static"] = std::move(tracked);
    auto client = b.connect(p);
    return ask(client, join_message(p.view_id, payload))[4]["response"]["rendered"]["2"];
  };
  CHECK(shown(nullptr) == "same");
  CHECK(shown(json::array()) == "same");
  CHECK(shown({"http://localhost/assets/app-NEW.js?vsn=d"}) == "same");
  CHECK(shown({"http://localhost/assets/app.js"}) == "same");
  CHECK(shown({"http://localhost/assets/app-OLD.js"}) == "changed");
  CHECK(shown({"http://localhost/assets/app-NEW.js", "http://localhost/assets/gone.css"}) == "changed");
}

// -- limits -------------------------------------------------------------------------------------------------

TEST_CASE("a browser that sends more than its rate is slowed down, and loses nothing") {
  live_site s{{.messages = {.per_second = 200, .burst = 20}}};
  browser b{s};
  auto p = b.load("/tally/here");
  auto client = b.join(p, "/tally/here");
  const auto begun = s.time.now();
  for (int n = 0; n < 100; ++n)
    client.send(masked_frame(1, view_event(p.view_id, "add", std::to_string(100 + n))));
  for (int n = 0; n < 100; ++n) {
    const auto answer = read(client);
    REQUIRE(answer.is_array());
    REQUIRE(answer[4]["response"]["diff"]["0"] == std::to_string(n + 1));
  }
  // What had been read already was answered at once; then it had to wait until the debt was paid.
  CHECK(is_quiet(client));
  CHECK(s.time.now() - begun >= 350ms);
  CHECK(s.logged("sends more than it may"));
}

TEST_CASE("joins have a rate of their own") {
  live_site s{{.joins = {.per_second = 20, .burst = 5}}};
  browser b{s};
  auto p = b.load("/tally/here");
  auto client = b.connect(p);
  const auto begun = s.time.now();
  for (int n = 0; n < 15; ++n) {
    client.send(masked_frame(1, join_message(p.view_id, join_payload(p, "/tally/here"), std::to_string(n + 1))));
    for (auto said = read(client); said[3] != "phx_reply"; said = read(client))
      REQUIRE(said[3] == "phx_close");
  }
  CHECK(is_quiet(client));
  CHECK(s.time.now() - begun >= 400ms);
}

// -- the end ------------------------------------------------------------------------------------------------

TEST_CASE("at shutdown every connection is closed with 1012, in waves, and no view is left") {
  live_site s;
  browser b{s};
  std::vector<wire_client> clients;
  for (int n = 0; n < 5; ++n) {
    auto p = b.load("/tally/here");
    clients.push_back(b.join(p, "/tally/here"));
  }
  CHECK(s.has_views(5));
  auto ending = std::async(std::launch::async, [&] { s.server->server->shutdown(5s); });
  for (auto& c : clients) {
    CHECK(close_code_of(c) == 1012);
    c.send(masked_frame(8, close_payload(1012)));
  }
  ending.get();
  CHECK(s.has_views(0));
}
