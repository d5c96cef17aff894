// Views that belong to another: their end with it, their patches by the root.
#include "mounted.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;
using live::testing::recording_port;
using live::testing::scripted_view;

namespace {

/// A parent, mounted by `mounted`, and a child of it.
struct family : mounted {
  explicit family(std::uint64_t seed = 1) : mounted{seed} {}
  void start_child(bool is_nested = true) {
    view_host::setup s;
    s.what = std::make_unique<scripted_view>(child_script);
    s.join.view = "kid";
    s.join.view_id = "kid";
    s.join.is_routable = false;
    s.channel = 2;
    s.port = child_port;
    s.site.tokens = &tokens;
    if (is_nested) {
      s.site.parent = host;
      s.site.root = host;
    }
    child = node.spawn<view_host>(std::move(s));
    world.run();
  }
  std::shared_ptr<recording_port> child_port = std::make_shared<recording_port>();
  std::shared_ptr<scripted_view::script> child_script = std::make_shared<scripted_view::script>();
  pid child;
};

channels::channel_event click(std::string name) {
  return {"event", "7", json{{"type", "click"}, {"event", std::move(name)}, {"value", json::object()}}};
}

}  // namespace

TEST_CASE("a nested view has no handle_params and no title, and ends with its parent, however that ends") {
  beamline::testing::for_each_seed(20, [](beamline::testing::world& w) {
    family f{w.seed()};
    auto is_asked = false;
    f.child_script->handle_params = [&](const mount_params&, view_socket&) { is_asked = true; };
    f.start();
    f.start_child();
    CHECK_FALSE(is_asked);
    REQUIRE(f.child_port->story() == "join_ok");
    CHECK_FALSE(f.child_port->all[0].payload["rendered"].contains("t"));
    if (w.seed() % 2 == 0)
      f.node.kill(f.host);
    else
      f.node.exit(f.host, reason::shutdown("left"));
    f.world.run();
    CHECK_FALSE(f.node.is_alive(f.child));
  });
}

TEST_CASE("a sticky view has no parent and outlives whoever rendered it") {
  family f;
  f.start();
  f.start_child(false);
  f.node.exit(f.host, reason::shutdown("left"));
  f.world.run();
  CHECK(f.node.is_alive(f.child));
}

TEST_CASE("a child whose parent has gone before it was mounted ends") {
  family f;
  f.start();
  f.node.exit(f.host, reason::shutdown("left"));
  f.world.run();
  f.start_child();
  CHECK_FALSE(f.node.is_alive(f.child));
}

TEST_CASE("a patch of a nested view is carried out by the root, which tells its browser") {
  family f;
  std::string page;
  f.script->handle_params = [&](const mount_params& p, view_socket&) { page = p.url; };
  f.child_script->handle_event = [](const event&, view_socket& s) { s.patch("/own?page=3"); };
  f.start();
  f.start_child();
  f.node.cast(f.child, click("go"));
  f.world.run();
  CHECK(page == "/own?page=3");
  CHECK(f.last().what == "push live_patch");
  CHECK(f.last().payload["to"] == "/own?page=3");
  CHECK(f.child_port->story() == "join_ok, reply 7");
  CHECK(f.node.is_alive(f.child));
}

TEST_CASE("a patch of a sticky view has no page to go to: it crashes, and it alone") {
  family f;
  f.child_script->handle_event = [](const event&, view_socket& s) { s.patch("/own?page=3"); };
  f.start();
  f.start_child(false);
  f.node.cast(f.child, click("go"));
  f.world.run();
  CHECK(f.child_port->story() == "join_ok, down crashed");
  CHECK(f.is_alive());
}

TEST_CASE("a sticky view that navigates the page stays, with its state, and goes on") {
  family f;
  f.child_script->handle_event = [](const event& e, view_socket& s) {
    if (e.name == "go")
      s.navigate("/elsewhere");
    s.push_event("handled", json::object());
  };
  f.start();
  f.start_child(false);
  f.node.cast(f.child, click("go"));
  f.world.run();
  CHECK(f.node.is_alive(f.child));
  CHECK(f.child_port->all.back().payload["live_redirect"]["to"] == "/elsewhere");
  f.node.cast(f.child, click("on"));
  f.world.run();
  CHECK(f.child_port->all.back().payload["diff"]["e"].size() == 1);
}
