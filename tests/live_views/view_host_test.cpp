#include "web/live/view_host.hpp"

#include "counter_view.hpp"
#include "recording_port.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using channels::channel_drained;
using channels::channel_event;
using live::testing::counter_view;
using live::testing::recording_port;
using live::testing::set_count;

namespace {

struct fixture {
  beamline::testing::world world;
  beamline::testing::simulated_node& node;
  manual_clock clock;
  keyring keys = keyring::parse("0123456789abcdef0123456789abcdef").value();
  token_signer signer{keys, clock};
  page_tokens tokens{signer};
  std::shared_ptr<recording_port> port = std::make_shared<recording_port>();
  pid host;

  explicit fixture(std::uint64_t seed = 1, json params = json::object()) : world{seed}, node{world.start_node()} {
    view_host::setup s;
    s.what = std::make_unique<counter_view>();
    s.join.view = "counter";
    s.join.params = std::move(params);
    s.join.session = {{"visitor", "v1"}};
    s.channel = 1;
    s.port = port;
    s.site.tokens = &tokens;
    s.route = [](std::string_view url) -> std::optional<mount_params> {
      if (url.find("/counter") == std::string_view::npos)
        return std::nullopt;
      return mount_params{url.find("page=two") != std::string_view::npos ? json{{"page", "two"}} : json::object(),
                          json::object(), std::string{url}};
    };
    host = node.spawn<view_host>(std::move(s));
    world.run();
  }

  void click(std::string name, std::string ref = "5") {
    node.cast(host, channel_event{"event", std::move(ref),
                                  json{{"type", "click"}, {"event", std::move(name)}, {"value", {{"value", ""}}}}});
  }
  const recording_port::said& last() { return port->all.back(); }
};

}  // namespace

TEST_CASE("a view joins with its whole tree and title, then answers clicks with what changed") {
  fixture f;
  REQUIRE(f.port->story() == "join_ok");
  auto& joined = f.port->all[0].payload["rendered"];
  CHECK(joined["0"] == "0");
  CHECK(joined["t"] == "Count 0");
  CHECK(joined.contains("s"));
  f.click("add");
  f.world.run();
  REQUIRE(f.port->story() == "join_ok, reply 5");
  CHECK(f.last().payload == json{{"diff", {{"0", "1"}, {"t", "Count 1"}}}});
  CHECK(f.port->handled_count == 1);
}

TEST_CASE("flash is escaped, shown and cleared") {
  fixture f;
  f.click("flash");
  f.world.run();
  CHECK(f.last().payload["diff"]["1"] == "saved &amp; done");
  f.node.cast(
      f.host,
      channel_event{"event", "6", json{{"type", "click"}, {"event", "lv:clear-flash"}, {"value", {{"key", "info"}}}}});
  f.world.run();
  CHECK(f.last().payload["diff"]["1"] == "");
}

TEST_CASE("a flood of changes is rendered once, and a socket that does not take bytes gets nothing until it does") {
  beamline::testing::for_each_seed(100, [](beamline::testing::world& w) {
    fixture f{w.seed()};
    counter_view::renders = 0;
    SUBCASE("writable") {
      for (long i = 1; i <= 500; ++i)
        f.node.cast(f.host, set_count{i});
      f.world.run();
      CHECK(f.last().payload == json{{"0", "500"}, {"t", "Count 500"}});
      CHECK(counter_view::renders <= 2);
    }
    SUBCASE("blocked") {
      f.port->is_writable = false;
      for (long i = 1; i <= 50; ++i) {
        f.node.cast(f.host, set_count{i});
        f.world.run();
      }
      CHECK(f.port->story() == "join_ok");
      CHECK(counter_view::renders == 0);
      f.port->is_writable = true;
      f.node.cast(f.host, channel_drained{});
      f.world.run();
      CHECK(f.port->story() == "join_ok, push diff");
      CHECK(f.last().payload["0"] == "50");
    }
    SUBCASE("an event is answered even then, with everything so far") {
      f.port->is_writable = false;
      f.node.cast(f.host, set_count{7});
      f.click("add");
      f.world.run();
      CHECK(f.last().payload["diff"]["0"] == "8");
      f.port->is_writable = true;
      f.node.cast(f.host, channel_drained{});
      f.world.run();
      CHECK(f.port->story() == "join_ok, reply 5");
    }
  });
}

TEST_CASE("changes are shown even when the view's mailbox is full of others") {
  fixture f;
  counter_view::during_info = [&] {
    for (long i = 1; i <= process::mailbox_default + 10; ++i)
      f.node.cast(f.host, set_count{i});
  };
  f.node.cast(f.host, set_count{1});
  f.world.run();
  CHECK(f.last().what == "push diff");
  CHECK(f.last().payload["0"] == std::to_string(process::mailbox_default));
}

TEST_CASE("an unchanged view sends nothing; an event is still answered") {
  fixture f;
  f.node.cast(f.host, set_count{0});
  f.world.run();
  CHECK(f.port->story() == "join_ok");
  f.node.cast(f.host, channel_event{"event", "9", json{{"type", "click"}, {"event", "later"}, {"value", ""}}});
  f.world.run();
  CHECK(f.last().what == "reply 9");
  CHECK(f.last().payload == json::object());
  f.world.advance(5s);
  CHECK(f.last().what == "push diff");
  CHECK(f.last().payload["0"] == "100");
}

TEST_CASE("a patch changes the address first and the page with it") {
  fixture f;
  f.click("patch");
  f.world.run();
  CHECK(f.port->story() == "join_ok, push live_patch, reply 5");
  CHECK(f.port->all[1].payload == json{{"kind", "push"}, {"to", "/counter?page=two"}});
  CHECK(f.last().payload["diff"]["2"] == "two");

  SUBCASE("from the browser, too") {
    f.node.cast(f.host, channel_event{"live_patch", "6", json{{"url", "http://h/counter?page=two"}}});
    f.world.run();
    CHECK(f.last().what == "reply 6");
    CHECK(f.last().payload == json::object());  // Still the same page, and the same visitor.
    f.node.cast(f.host, channel_event{"live_patch", "7", json{{"url", "http://h/elsewhere"}}});
    f.world.run();
    CHECK(f.last().payload == json{{"link_redirect", true}});
  }
}

TEST_CASE("navigating ends the view after the answer") {
  fixture f;
  f.click("go");
  f.world.run();
  CHECK(f.port->story() == "join_ok, reply 5, down normal");
  CHECK(f.port->all[1].payload["live_redirect"]["to"] == "/other");
  CHECK_FALSE(f.node.is_alive(f.host));
}

TEST_CASE("a mount that redirects refuses the join with the target; one that throws crashes it") {
  SUBCASE("redirect") {
    fixture f{1, {{"deny", "1"}}};
    CHECK(f.port->story() == "join_error, down normal");
    CHECK(f.port->all[0].payload["redirect"]["to"] == "/login");
  }
  SUBCASE("throw") {
    fixture f{1, {{"explode", "1"}}};
    CHECK(f.port->story() == "down crashed");
  }
}

TEST_CASE("push_event and the reply to a hook travel with the diff") {
  fixture f;
  f.click("hook");
  f.world.run();
  CHECK(f.last().payload["diff"]["e"] == json::parse(R"([["beep",{"times":2}]])"));
  CHECK(f.last().payload["diff"]["r"] == json{{"answer", 42}});
}

TEST_CASE("a browser that breaks the protocol, or an event the view throws on, crashes this view only") {
  const std::vector<channel_event> bad{
      {"event", "5", json{{"type", "click"}, {"event", "no such event"}, {"value", ""}}},
      {"event", "5", json{{"type", 7}}},
      {"event", "5", json::array()},
      {"unheard-of", "5", json::object()},
      {"live_patch", "5", json{{"url", 5}}},
  };
  for (const auto& e : bad) {
    fixture f;
    f.node.cast(f.host, e);
    f.world.run();
    CHECK(f.port->story() == "join_ok, down crashed");
    CHECK_FALSE(f.node.is_alive(f.host));
  }
}

TEST_CASE("an event for a component that is gone is answered with nothing") {
  fixture f;
  f.node.cast(f.host,
              channel_event{"event", "5", json{{"type", "click"}, {"event", "add"}, {"value", ""}, {"cid", 3U}}});
  f.world.run();
  CHECK(f.last().payload == json::object());
}
