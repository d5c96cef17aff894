// Browsers that do not read: state merges, what cannot merge is bounded.
#include "mounted.hpp"
#include "web/live/live_events.hpp"
#include "web/live/stream.hpp"
#include "web/live/view_crash.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;

namespace {

struct tick {
  int n;
};
struct line {
  int id;
  std::string text;
};
/// Lines that say themselves how large they are.
struct page_line {
  int id;
  std::size_t size;
  [[nodiscard]] std::size_t octets() const { return size; }
};
const statics text_template{{"<p>", "</p>"}};
const statics list_template{{"<ul id=\"lines\" phx-update=\"stream\">", "</ul>"}};
const statics line_template{{"<li id=\"", "\">", "</li>"}};

struct fixture : mounted {
  explicit fixture(std::uint64_t seed = 1) : mounted{seed} {
    script->handle_info = [this](const info_message& m, view_socket& s) {
      newest = m.as<tick>()->n;
      if (is_pushing)
        s.push_event("tick", {{"n", newest}, {"text", padding}});
      return true;
    };
    script->render = [this](render_context&) {
      ++renders;
      return rendered{text_template, newest};
    };
    handle = node.events().attach<view_overrun>([this](const view_overrun& e) { overruns.push_back(e.pending); });
    start();
  }
  void send(int from, int to) {
    for (int i = from; i <= to; ++i)
      node.cast(host, tick{i});
    world.run();
  }

  int newest = 0;
  int renders = 0;
  bool is_pushing = false;
  std::string padding;
  std::vector<std::uint64_t> overruns;
  telemetry::handle handle;
};

}  // namespace

TEST_CASE("however much changes, a browser that does not read costs one pending diff") {
  fixture f;
  f.port->is_writable = false;
  f.renders = 0;
  for (int round = 0; round < 100; ++round)
    f.send(round * 50, round * 50 + 49);
  CHECK(f.renders == 0);
  f.port->is_writable = true;
  f.node.cast(f.host, channels::channel_drained{});
  f.world.run();
  CHECK(f.renders == 1);
  CHECK(f.last().payload == json{{"0", "4999"}});
}

TEST_CASE("events pushed to a browser that does not read are kept in order up to the bound") {
  fixture f;
  f.is_pushing = true;
  f.port->is_writable = false;
  f.send(1, static_cast<int>(view_instance::pending_events_max));
  CHECK(f.is_alive());
  f.port->is_writable = true;
  f.node.cast(f.host, channels::channel_drained{});
  f.world.run();
  REQUIRE(f.last().payload["e"].size() == view_instance::pending_events_max);
  CHECK(f.last().payload["e"][0][1]["n"] == 1);
  CHECK(f.last().payload["e"][1023][1]["n"] == 1024);
  CHECK(f.overruns.empty());
}

TEST_CASE("one event more ends the view, told once, and its browser is to mount it anew") {
  fixture f;
  f.is_pushing = true;
  f.port->is_writable = false;
  SUBCASE("too many") { f.send(1, static_cast<int>(view_instance::pending_events_max) + 5); }
  SUBCASE("too large") {
    f.padding = std::string(view_instance::pending_events_octets_max / 2, 'x');
    f.send(1, 3);
  }
  CHECK_FALSE(f.is_alive());
  CHECK(f.story() == "join_ok, down crashed");
  CHECK(f.overruns.size() == 1);
}

namespace {

/// A view that pushes many events in one turn, and says what that threw.
struct burst_fixture : mounted {
  burst_fixture() {
    handles.push_back(
        node.events().attach<view_crashed>([this](const view_crashed& c) { crashes.emplace_back(c.what); }));
    handles.push_back(node.events().attach<view_overrun>([this](const view_overrun&) { ++overruns; }));
  }
  void push(live_socket& s, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i)
      s.push_event("tick", {{"text", padding}});
  }

  std::string padding;
  std::vector<std::string> crashes;
  int overruns = 0;
  std::vector<telemetry::handle> handles;
};

constexpr auto too_many =
    "push_event(\"tick\"): more than 1024 events, or 1048576 octets of them, in one turn of the view";

}  // namespace

TEST_CASE("more events in one turn than the bound are the view's own mistake, which its report names") {
  burst_fixture f;
  auto count = view_instance::pending_events_max + 1;
  SUBCASE("too many, in an event") {
    f.script->handle_event = [&](const event&, view_socket& s) { f.push(s, count); };
    f.start();
    f.click("go");
  }
  SUBCASE("too large, in a message") {
    f.padding = std::string(view_instance::pending_events_octets_max / 2, 'x');
    count = 2;
    f.script->handle_info = [&](const info_message&, view_socket& s) {
      f.push(s, count);
      return true;
    };
    f.start();
    f.node.cast(f.host, tick{1});
    f.world.run();
  }
  SUBCASE("in mount, whether the browser reads or not") {
    SUBCASE("it reads") {}
    SUBCASE("it does not") { f.port->is_writable = false; }
    f.script->mount = [&](const mount_params&, view_socket& s) { f.push(s, count); };
    f.start();
  }
  CHECK_FALSE(f.is_alive());
  REQUIRE(f.crashes.size() == 1);
  CHECK(f.crashes[0].find(too_many) != std::string::npos);
  CHECK(f.overruns == 0);
}

TEST_CASE("who reads gets what a turn pushed within the bound, whatever waited before") {
  burst_fixture f;
  f.script->handle_info = [&](const info_message& m, view_socket& s) {
    f.push(s, static_cast<std::size_t>(m.as<tick>()->n));
    return true;
  };
  f.start();
  f.port->is_writable = false;
  f.node.cast(f.host, tick{1000});
  f.world.run();
  f.port->is_writable = true;  // And it is told so behind what the view is told.
  f.node.cast(f.host, tick{1024});
  f.node.cast(f.host, channels::channel_drained{});
  f.world.run();
  CHECK(f.is_alive());
  auto got = std::size_t{0};
  for (const auto& said : f.port->all)
    got += said.payload.contains("e") ? said.payload["e"].size() : 0;
  CHECK(got == 2024);
  CHECK(f.crashes.empty());
  CHECK(f.overruns == 0);
}

TEST_CASE("a browser that reads gets any number of events, in order") {
  beamline::testing::for_each_seed(10, [](beamline::testing::world& w) {
    fixture f{w.seed()};
    f.is_pushing = true;
    f.send(1, 5000);
    CHECK(f.is_alive());
    int expected = 1;
    for (const auto& said : f.port->all)
      if (said.payload.contains("e"))
        for (const auto& e : said.payload["e"])
          CHECK(e[1]["n"] == expected++);
    CHECK(expected == 5001);
  });
}

namespace {

/// A view that puts a line into a stream for each tick.
struct stream_fixture : mounted {
  stream_fixture() {
    script->handle_info = [this](const info_message& m, view_socket&) {
      for (int i = 0; i < lines_each; ++i)
        lines.insert({m.as<tick>()->n * lines_each + i, "a line"}, {.at = 0, .limit = limit});
      return true;
    };
    script->render = [this](render_context& c) {
      (void)c.begin({lines});
      auto rows = comprehension{line_template, lines};
      for (const auto& [id, l] : lines)
        rows.add(id, l.text);
      return rendered{list_template, std::move(rows)};
    };
    handle = node.events().attach<view_overrun>([this](const view_overrun& e) { overruns.push_back(e.octets); });
    start();
  }
  void send(int from, int to) {
    for (int i = from; i <= to; ++i)
      node.cast(host, tick{i});
    world.run();
  }

  stream<line> lines{"lines"};
  int lines_each = 1;
  std::optional<int> limit{};
  std::vector<std::uint64_t> overruns;
  telemetry::handle handle;
};

}  // namespace

TEST_CASE("a stream that grows behind a browser which does not read ends the view, which is mounted anew") {
  stream_fixture f;
  f.port->is_writable = false;
  f.send(1, 1000);
  CHECK(f.is_alive());  // It may have been a moment only.
  f.world.pass(view_host::patience + 1ms);
  CHECK_FALSE(f.is_alive());
  CHECK(f.story() == "join_ok, down crashed");
  REQUIRE(f.overruns.size() == 1);
  CHECK(f.overruns[0] > view_instance::waiting_octets_max);
}

TEST_CASE("a stream within the budget waits for as long as the browser does not read") {
  stream_fixture f;
  f.port->is_writable = false;
  f.send(1, 50);
  f.world.pass(1min);
  CHECK(f.is_alive());
  f.port->is_writable = true;
  f.node.cast(f.host, channels::channel_drained{});
  f.world.run();
  CHECK(f.overruns.empty());
  CHECK(f.last().payload.dump().find("a line") != std::string::npos);
}

TEST_CASE("a browser that takes nothing for a moment gets all that was put into a stream meanwhile") {
  stream_fixture f;
  f.port->is_writable = false;
  f.send(1, 1000);
  f.world.pass(view_host::patience / 2);
  f.port->is_writable = true;
  f.node.cast(f.host, channels::channel_drained{});
  f.world.pass(1min);
  CHECK(f.is_alive());
  CHECK(f.overruns.empty());
  CHECK(f.lines.octets() == 0);
}

TEST_CASE("who reads may be sent a stream of any length at once") {
  stream_fixture f;
  f.lines_each = 10'000;
  f.send(1, 1);
  f.world.pass(1min);
  CHECK(f.is_alive());
  CHECK(f.lines.octets() == 0);
}

TEST_CASE("events that wait for a browser which does not read are within the budget, or end the view after a while") {
  fixture f;
  f.is_pushing = true;
  f.padding = std::string(1000, 'x');
  f.port->is_writable = false;
  f.send(1, 40);
  f.world.pass(1min);
  CHECK(f.is_alive());
  f.send(41, 80);
  CHECK(f.is_alive());
  f.world.pass(view_host::patience + 1ms);
  CHECK_FALSE(f.is_alive());
  CHECK(f.story() == "join_ok, down crashed");
}

TEST_CASE("what waits in a stream is counted, and what is removed, replaced or sent is not") {
  stream<page_line> s{"s"};
  s.insert({1, 100});
  const auto one = s.octets();
  CHECK(one >= 100 + stream_change_octets);
  s.insert({2, 100});
  CHECK(s.octets() == 2 * one);
  s.insert({2, 300});  // Instead of the one before.
  CHECK(s.octets() == 2 * one + 200);
  s.remove({2, 0});
  CHECK(s.octets() < 2 * one);  // The page may have it: that it is removed must be told.
  CHECK(s.octets() > one);
  s.reset();
  CHECK(s.octets() == 0);
}

TEST_CASE("the streams of a view are counted together, those that are gone not any more") {
  render_scope scope;
  render_context c{scope, 0, nullptr};
  stream<page_line> kept{"kept"};
  kept.insert({1, 1000});
  {
    stream<page_line> gone{"gone"};
    c.start(true);
    (void)c.begin({kept, gone});
    REQUIRE(scope.stream_octets);
    CHECK(*scope.stream_octets == kept.octets());
    c.sent();
    CHECK(*scope.stream_octets == 0);
    kept.insert({1, 1000});
    gone.insert({1, 1000});
    CHECK(*scope.stream_octets == kept.octets() + gone.octets());
  }
  CHECK(*scope.stream_octets == kept.octets());
}
