#include "web/channels/connection.hpp"

#include "counter_view.hpp"
#include "testing/simulated_node.hpp"
#include "web/live/view_host.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using channels::connection;
using live::testing::counter_view;
using live::testing::set_count;

namespace {

struct recording_socket final : web::socket {
  void send(frame f) override { sent.push_back(f.head + (f.body ? *f.body : "") + f.tail); }
  void close(std::uint16_t c, std::string_view) override { code = c; }
  [[nodiscard]] std::size_t pending_bytes() const override { return pending; }
  [[nodiscard]] bool writable() const override { return true; }
  void pause_reading() override { is_paused = true; }
  void resume_reading() override { is_paused = false; }
  [[nodiscard]] bool is_open() const override { return code == 0; }

  std::vector<std::string> sent;
  std::uint16_t code = 0;
  std::size_t pending = 0;
  bool is_paused = false;
};

/// A browser's connection whose topics `lv:*` are all counters.
struct fixture {
  beamline::testing::world world;
  beamline::testing::simulated_node& node;
  manual_clock clock;
  keyring keys = keyring::parse("0123456789abcdef0123456789abcdef").value();
  token_signer signer{keys, clock};
  page_tokens tokens{signer};
  std::shared_ptr<recording_socket> socket = std::make_shared<recording_socket>();
  std::vector<pid> views;
  std::unique_ptr<socket_handler> handler;

  explicit fixture(std::uint64_t seed = 1) : world{seed}, node{world.start_node()} {
    connection::options o;
    o.rules.has_route = [](std::string_view topic) { return topic.starts_with("lv:"); };
    o.start = [this](const channels::start_channel& join, std::shared_ptr<connection> c) -> connection::start_result {
      if (join.topic == "lv:refused")
        return std::string{R"({"reason":"stale"})"};
      if (join.topic == "lv:no room")
        throw std::runtime_error{"the node has enough processes already"};
      view_host::setup s;
      s.what = std::make_unique<counter_view>();
      s.channel = join.id;
      s.port = std::move(c);
      s.route = [](std::string_view) { return std::nullopt; };
      s.site.tokens = &tokens;
      views.push_back(node.spawn<view_host>(std::move(s)));
      return views.back();
    };
    handler = connection::handler(std::make_shared<connection>(node.get(), std::move(o)));
    handler->on_open(socket);
  }
  void say(std::string text) {
    handler->on_text(std::move(text));
    world.run();
  }
  void click(std::string name, std::string ref) {
    say(R"(["4",")" + ref + R"(","lv:a","event",{"type":"click","event":")" + name + R"(","value":{"value":""}}])");
  }
};

const std::string join = R"(["4","4","lv:a","phx_join",{}])";

}  // namespace

TEST_CASE("join, click and leave over one connection, and the process ends with its channel") {
  fixture f;
  f.say(join);
  REQUIRE(f.socket->sent.size() == 1);
  CHECK(f.socket->sent[0].starts_with(R"(["4","4","lv:a","phx_reply",{"status":"ok","response":{"rendered":{)"));
  f.click("add", "7");
  CHECK(f.socket->sent.back()
        == R"(["4","7","lv:a","phx_reply",{"status":"ok","response":{"diff":{"0":"1","t":"Count 1"}}}])");
  f.node.cast(f.views[0], set_count{9});
  f.world.run();
  CHECK(f.socket->sent.back() == R"(["4",null,"lv:a","diff",{"0":"9","t":"Count 9"}])");
  f.say(R"(["4","9","lv:a","phx_leave",{}])");
  CHECK_FALSE(f.node.is_alive(f.views[0]));
  CHECK(f.node.processes().count() == 0);
}

TEST_CASE("heartbeats are answered while a view is busy or gone") {
  fixture f;
  f.handler->on_text(join);
  f.handler->on_text(R"([null,"8","phoenix","heartbeat",{}])");
  CHECK(f.socket->sent
        == std::vector<std::string>{R"([null,"8","phoenix","phx_reply",{"status":"ok","response":{}}])"});
}

TEST_CASE("a crash costs the page a phx_error, and it can join again on the same connection") {
  fixture f;
  f.say(join);
  f.click("crash", "7");
  CHECK(f.socket->sent.back() == R"(["4","4","lv:a","phx_error",{"reason":"channel_crash"}])");
  CHECK(f.socket->code == 0);
  f.say(R"(["9","9","lv:a","phx_join",{}])");
  CHECK(f.socket->sent.back().starts_with(R"(["9","9","lv:a","phx_reply",{"status":"ok")"));
  CHECK(f.node.processes().count() == 1);
}

TEST_CASE("a killed view looks like a crash to its browser") {
  fixture f;
  f.say(join);
  f.node.kill(f.views[0]);
  f.world.run();
  CHECK(f.socket->sent.back() == R"(["4","4","lv:a","phx_error",{"reason":"channel_crash"}])");
}

TEST_CASE("a refused join is answered with the reason and starts nothing") {
  fixture f;
  f.say(R"(["4","4","lv:refused","phx_join",{}])");
  CHECK(f.socket->sent.back()
        == R"(["4","4","lv:refused","phx_reply",{"status":"error","response":{"reason":"stale"}}])");
  f.say(R"(["4","4","other:topic","phx_join",{}])");
  CHECK(f.socket->sent.back().find("unmatched topic") != std::string::npos);
  CHECK(f.views.empty());
}

TEST_CASE("when the browser goes, all its processes go, whatever they are doing") {
  beamline::testing::for_each_seed(200, [](beamline::testing::world& w) {
    fixture f{w.seed()};
    for (int i = 0; i < 5; ++i)
      f.handler->on_text(R"(["1","1","lv:)" + std::to_string(i) + R"(","phx_join",{}])");
    if (w.seed() % 2 == 0)
      f.world.run();
    f.handler->on_closed({});
    f.world.run();
    CHECK(f.node.processes().count() == 0);
  });
}

TEST_CASE("joining a topic again ends the old process first") {
  beamline::testing::for_each_seed(100, [](beamline::testing::world& w) {
    fixture f{w.seed()};
    f.handler->on_text(join);
    if (w.seed() % 2 == 0)
      f.world.run();
    f.handler->on_text(R"(["6","6","lv:a","phx_join",{}])");
    f.world.run();
    CHECK(f.node.processes().count() == 1);
    CHECK(f.socket->sent.back().starts_with(R"(["6","6","lv:a","phx_reply",{"status":"ok")"));
  });
}

TEST_CASE("a browser that sends faster than its view works is not read from until the view has caught up") {
  fixture f;
  f.say(join);
  for (std::size_t i = 0; i <= connection::unhandled_events_max; ++i)
    f.handler->on_text(R"(["4","7","lv:a","event",{"type":"click","event":"add","value":""}])");
  CHECK(f.socket->is_paused);
  f.world.run();
  CHECK_FALSE(f.socket->is_paused);
  CHECK(f.socket->sent.size() == connection::unhandled_events_max + 2);
  CHECK(f.socket->sent.back().find(R"("0":"129")") != std::string::npos);
}

TEST_CASE("what a view had not handled when it ended holds nobody up") {
  beamline::testing::for_each_seed(50, [](beamline::testing::world& w) {
    fixture f{w.seed()};
    f.say(join);
    auto send_clicks = [&](std::string_view first) {
      for (std::size_t i = 0; i <= connection::unhandled_events_max; ++i)
        f.handler->on_text(R"(["4","7","lv:a","event",{"type":"click","event":")" + std::string{i == 0 ? first : "add"}
                           + R"(","value":""}])");
    };
    SUBCASE("crash") { send_clicks("crash"); }
    SUBCASE("navigation") { send_clicks("go"); }
    SUBCASE("leave") {
      send_clicks("add");
      f.handler->on_text(R"(["4","9","lv:a","phx_leave",{}])");
    }
    SUBCASE("kill") {
      send_clicks("add");
      f.node.kill(f.views[0]);
    }
    CHECK(f.socket->is_paused);
    f.world.run();
    CHECK_FALSE(f.socket->is_paused);
    CHECK(f.node.processes().count() == 0);
    // Nothing of it counts against the next view.
    f.say(R"(["10","10","lv:b","phx_join",{}])");
    for (std::size_t i = 0; i < connection::unhandled_events_max; ++i)
      f.handler->on_text(R"(["10","11","lv:b","event",{"type":"click","event":"add","value":""}])");
    CHECK_FALSE(f.socket->is_paused);
  });
}

TEST_CASE("a browser that joins without end is not read from until its old views are gone") {
  fixture f;
  std::size_t joins = 0;
  for (; !f.socket->is_paused && joins < 1000; ++joins)
    f.handler->on_text(R"(["4","4","lv:a","phx_join",{}])");
  CHECK(joins <= connection::unhandled_events_max);
  CHECK(f.node.processes().count() <= connection::unhandled_events_max);
  f.world.run();
  CHECK_FALSE(f.socket->is_paused);
  CHECK(f.node.processes().count() == 1);
}

TEST_CASE("a view that cannot be started refuses its join and leaves the others alone") {
  fixture f;
  f.say(join);
  f.say(R"(["5","5","lv:no room","phx_join",{}])");
  CHECK(f.socket->sent.back()
        == R"(["5","5","lv:no room","phx_reply",{"status":"error","response":{"reason":"join crashed"}}])");
  CHECK(f.socket->code == 0);
  f.click("add", "7");
  CHECK(f.socket->sent.back().find(R"("diff":{"0":"1")") != std::string::npos);
}

TEST_CASE("garbage closes the connection with 1011 and ends its views") {
  fixture f;
  f.say(join);
  f.say("{not json");
  CHECK(f.socket->code == 1011);
  CHECK(f.node.processes().count() == 0);
}
