// Live components in a view's process: their events, updates, flash, navigation, work and end.
#include "mounted.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;

namespace {

const statics page_template{{"<main>", "", "</main>"}};
const statics part_template{{"<div>", ",", ",", "</div>"}, root_element::single};

/// A part that counts. Events: `inc`, `flash`, `patch`, `go`, `push`, `load`, `later`.
class counter final : public component {
public:
  struct attrs {
    int start = 0;
  };
  void mount(component_socket& s) override { s.push_event("born", {{"id", s.myself()}}); }
  void update(const attrs& a, component_socket&) { start_ = a.start; }
  void handle_event(const event& e, component_socket& s) override {
    if (e.name == "inc")
      count_ = *count_ + 1;
    else if (e.name == "flash")
      s.put_flash("info", "mine");
    else if (e.name == "patch")
      s.patch("/own?page=two");
    else if (e.name == "go") {
      s.put_flash("info", "moved");
      s.navigate("/other");
    } else if (e.name == "push") {
      s.push_event("from", {{"component", s.myself()}});
      s.reply({{"yes", true}});
    } else if (e.name == "load")
      s.start_async_as<int>(
          "n",
          [](supervision::task_context& t, supervision::task_promise<int> p) { t.run_after(5s, [p] { p.set(40); }); },
          [this](async_outcome<int>& r) { count_ = *r; });
    else if (e.name == "later")
      s.run_after(1s, [this] { count_ = 90; });
    else
      component::handle_event(e, s);
  }
  [[nodiscard]] rendered render(render_context& c) const override {
    auto info = c.flash().find("info");
    return rendered{part_template, *start_, *count_, info == c.flash().end() ? "" : info->second};
  }

private:
  assign<int> start_;
  assign<int> count_;
};

/// Shows one counter, or none; and the page it is on.
class host_view final : public view {
public:
  void handle_params(const mount_params& p, view_socket&) override {
    const auto* page = find_string(p.params, "page");
    page_ = page == nullptr ? std::string{"one"} : *page;
  }
  void handle_event(const event& e, view_socket& s) override {
    if (e.name == "hide")
      is_shown_ = false;
    else if (e.name == "update")
      CHECK(s.send_update<counter>("c", {.start = 5}));
    else if (e.name == "update nobody")
      CHECK_FALSE(s.send_update<counter>("nobody", {.start = 5}));
    else
      s.push_event("from", {{"view", 1}});
  }
  [[nodiscard]] rendered render(render_context& c) const override {
    const auto ch = c.begin({page_, is_shown_});
    auto place = dynamic{unchanged};
    if (ch.has(2))
      place = *is_shown_ ? c.component<counter>("c", {.start = 1}) : dynamic{""};
    return rendered{page_template, ch.has(1) ? dynamic{*page_} : dynamic{unchanged}, std::move(place)};
  }

private:
  assign<bool> is_shown_{true};
  assign<std::string> page_;
};

struct fixture : mounted {
  explicit fixture(std::uint64_t seed = 1) : mounted{seed} { start(std::make_unique<host_view>()); }
  [[nodiscard]] json part() const {
    const auto& p = last().payload;
    return (p.contains("diff") ? p["diff"] : p)["c"]["1"];
  }
};

}  // namespace

TEST_CASE("a component joins with its view; what it pushes while it is mounted goes with the join") {
  fixture f;
  REQUIRE(f.story() == "join_ok");
  const auto& page = f.last().payload["rendered"];
  CHECK(page["1"] == 1);
  CHECK(page["c"]["1"]["0"] == "1");
  CHECK(page["c"]["1"]["r"] == 1);
  CHECK(page["e"] == json::parse(R"([["born",{"id":1}]])"));
}

TEST_CASE("an event of a component reaches it, and only it is sent") {
  fixture f;
  f.click_in(1, "inc");
  CHECK(f.last().payload == json::parse(R"({"diff":{"c":{"1":{"1":"1"}}}})"));
  f.click_in(1, "push");
  CHECK(f.last().payload == json::parse(R"({"diff":{"r":{"yes":true},"e":[["from",{"component":1}]]}})"));
}

TEST_CASE("an event for a component that is gone is answered with nothing") {
  fixture f;
  f.click_in(9, "inc");
  CHECK(f.last().payload == json::object());
  CHECK(f.is_alive());
}

TEST_CASE("a component has a flash of its own, which the browser can clear") {
  fixture f;
  f.click_in(1, "flash");
  CHECK(f.last().payload == json::parse(R"({"diff":{"c":{"1":{"2":"mine"}}}})"));
  f.say("event", {{"type", "click"}, {"event", "lv:clear-flash"}, {"value", {{"key", "info"}}}, {"cid", 1U}});
  CHECK(f.part()["2"] == "");
}

TEST_CASE("a component patches its view, and takes its flash along where it navigates") {
  fixture f;
  SUBCASE("patch") {
    f.click_in(1, "patch");
    CHECK(f.story() == "join_ok, push live_patch, reply 5");
    CHECK(f.last().payload["diff"]["0"] == "two");
  }
  SUBCASE("navigate") {
    f.click_in(1, "go");
    CHECK(f.story() == "join_ok, reply 5, down normal");
    CHECK(f.port->all[1].payload["live_redirect"]["to"] == "/other");
    CHECK(f.port->all[1].payload["live_redirect"].contains("flash"));
  }
}

TEST_CASE("send_update reaches a component from its view and from any process") {
  fixture f;
  f.click("update");
  CHECK(f.part()["0"] == "5");
  f.click("update nobody");
  f.node.cast(f.host, component_update{place_of<counter>("c", {.start = 6})});
  f.node.cast(f.host, component_update{place_of<counter>("nobody", {.start = 6})});
  f.world.run();
  CHECK(f.last().what == "push diff");
  CHECK(f.part()["0"] == "6");
}

TEST_CASE("a component's timers and work come back to it, and end with it") {
  beamline::testing::for_each_seed(20, [](beamline::testing::world& w) {
    fixture f{w.seed()};
    f.click_in(1, "later");
    f.world.advance(1s);
    CHECK(f.last().what == "push diff");
    CHECK(f.part()["1"] == "90");
    f.click_in(1, "load");
    if (w.seed() % 2 == 0) {
      f.world.advance(5s);
      CHECK(f.part()["1"] == "40");
      return;
    }
    f.click_in(1, "later");
    f.click("hide");
    f.say("cids_will_destroy", {{"cids", {1U}}});
    CHECK(f.last().payload == json::object());
    f.say("cids_destroyed", {{"cids", {1U, 7U}}}, "8");
    CHECK(f.last().payload == json::parse(R"({"cids":[1]})"));
    CHECK(f.node.processes().count() == 2);  // The view and its supervisor of work.
    const auto told = f.port->all.size();
    f.world.advance(10s);
    CHECK(f.port->all.size() == told);
    f.click_in(1, "inc", "9");
    CHECK(f.last().payload == json::object());
  });
}

TEST_CASE("a component that throws crashes its view, which says in what") {
  fixture f;
  f.click_in(1, "no such event");
  CHECK(f.story() == "join_ok, down crashed");
}
