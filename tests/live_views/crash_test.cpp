// A view that throws: one report, a phx_error, and nobody else notices.
#include "mounted.hpp"
#include "web/live/http_error.hpp"
#include "web/live/template_error.hpp"
#include "web/live/view_crash.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;

namespace {

struct poke {};
const statics text_template{{"<p>", "</p>"}};

/// Keeps the reports of a node.
struct reports {
  explicit reports(beamline::testing::simulated_node& n) {
    handle = n.events().attach<view_crashed>([this](const view_crashed& c) { all.push_back(c.full); });
  }
  std::vector<view_crash> all;
  telemetry::handle handle;
};

rendered broken(render_context&) {
  try {
    throw std::out_of_range{"no such row"};
  } catch (...) {
    rethrow_at("views/rows.heex", 12, 3);
  }
}

}  // namespace

TEST_CASE("whatever a view throws in, one report names the view, the place and what it was doing") {
  mounted m;
  auto told = reports{m.node};
  std::string expected;
  auto is_by_client = false;
  auto is_broken = std::make_shared<bool>(false);
  m.script->handle_event = [&](const event& e, view_socket& s) {
    if (e.name == "boom")
      throw std::runtime_error{"the shelf is empty"};
    if (e.name == "later")
      s.run_after(1s, [] { throw std::runtime_error{"too late"}; });
    if (e.name == "break")
      *is_broken = true;
  };
  m.script->handle_info = [](const info_message&, view_socket&) -> bool { throw std::runtime_error{"bad news"}; };
  m.script->render = [=](render_context& c) { return *is_broken ? broken(c) : rendered{text_template, "fine"}; };
  m.start();
  SUBCASE("event") {
    m.say("event", {{"type", "click"}, {"event", "boom"}, {"value", {{"password", "secret"}}}});
    expected = R"(view "scripted" at /own, event "boom": the shelf is empty)";
  }
  SUBCASE("info") {
    m.node.cast(m.host, poke{});
    m.world.run();
    expected = R"(view "scripted" at /own, info (anonymous namespace)::poke: bad news)";
  }
  SUBCASE("timer") {
    m.click("later");
    m.world.advance(1s);
    expected = R"(view "scripted" at /own, timer: too late)";
  }
  SUBCASE("template") {
    m.click("break");
    expected = R"(view "scripted" at /own, event "break": no such row (views/rows.heex:12:3))";
  }
  SUBCASE("protocol") {
    m.say("event", {{"type", 7}});
    expected = R"(view "scripted" at /own, message "event": the browser does not follow the protocol: )"
               "live view message: an event needs the strings type and event";
    is_by_client = true;
  }
  REQUIRE(told.all.size() == 1);
  CHECK(to_string(told.all[0]) == expected);
  CHECK(told.all[0].is_by_client == is_by_client);
  CHECK(m.port->all.back().what == "down crashed");
  CHECK_FALSE(m.is_alive());
}

TEST_CASE("a mount that throws is reported as such and crashes the join") {
  mounted m;
  auto told = reports{m.node};
  m.script->mount = [](const mount_params&, view_socket&) { throw std::runtime_error{"no database"}; };
  m.start();
  REQUIRE(told.all.size() == 1);
  CHECK(told.all[0].during == "mount");
  CHECK(told.all[0].exception == "std::runtime_error");
  CHECK(m.story() == "down crashed");
}

TEST_CASE("what a view throws while it ends is reported and disturbs nothing") {
  mounted m;
  auto told = reports{m.node};
  reason ended;
  m.script->terminate = [&](const reason& why) {
    ended = why;
    throw std::runtime_error{"cannot let go"};
  };
  m.start();
  m.node.exit(m.host, reason::shutdown("closed"));
  m.world.run();
  CHECK(ended == reason::shutdown("closed"));
  REQUIRE(told.all.size() == 1);
  CHECK(told.all[0].during == "terminate");
  CHECK_FALSE(m.is_alive());
}

TEST_CASE("an http_error in mount makes the browser load the page for it; on a later URL the browser goes there") {
  mounted m;
  auto told = reports{m.node};
  m.script->handle_params = [](const mount_params& p, view_socket&) {
    if (p.params.contains("page"))
      throw http_error{404, "There is no such post."};
  };
  SUBCASE("mount") {
    m.setup.join.params = {{"page", "9"}};
    m.start();
    CHECK(m.story() == "join_error, down normal");
    CHECK(m.last().what == "down normal");
    const auto& refusal = m.port->all[0].payload;
    CHECK(refusal["reason"] == "reload");
    CHECK(refusal["status"] == 404);
    CHECK(m.tokens.verify_reload(refusal["token"].get<std::string>()).value()
          == reload_token{404, "There is no such post."});
  }
  SUBCASE("live patch") {
    m.start();
    m.say("live_patch", {{"url", "http://h/own?page=9"}});
    CHECK(m.last().payload == json{{"link_redirect", true}});
    CHECK(m.is_alive());
  }
  CHECK(told.all.empty());
}

TEST_CASE("twenty chained patches are followed, one more is a crash") {
  mounted m;
  auto told = reports{m.node};
  int limit = view_instance::chained_patches_max;
  m.script->handle_event = [](const event&, view_socket& s) { s.patch("/own?page=1"); };
  m.script->handle_params = [&](const mount_params& p, view_socket& s) {
    const auto* page = find_string(p.params, "page");
    if (page != nullptr && std::stoi(*page) < limit)
      s.patch("/own?page=" + std::to_string(std::stoi(*page) + 1));
  };
  m.start();
  SUBCASE("20") {
    m.click("go");
    CHECK(m.story() == "join_ok, push live_patch, reply 5");
    CHECK(m.port->all[1].payload["to"] == "/own?page=20");
  }
  SUBCASE("21") {
    ++limit;
    m.click("go");
    REQUIRE(told.all.size() == 1);
    CHECK(told.all[0].what == "handle_params patched 20 times in a row");
  }
}

TEST_CASE("a view that redirects to a script crashes, and the browser is told of no address") {
  mounted m;
  m.script->handle_event = [](const event& e, view_socket& s) { s.redirect(e.name); };
  m.start();
  m.click("javascript:alert(1)");
  CHECK_FALSE(m.is_alive());
  CHECK(m.story() == "join_ok, down crashed");
}
