// Browsers that do not read: state merges, what cannot merge is bounded.
#include "mounted.hpp"
#include "web/live/live_events.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;

namespace {

struct tick {
  int n;
};
const statics text_template{{"<p>", "</p>"}};

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
