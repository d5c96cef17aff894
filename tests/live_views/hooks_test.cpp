// Hooks of live sessions and those attached in mount.
#include "mounted.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;
using namespace beamline::web::live;
using live::testing::mounted;

namespace {

struct poke {};
struct current_user {
  std::string name;
};

}  // namespace

TEST_CASE("on_mount hooks run in their order before mount, and leave things for it") {
  mounted m;
  std::string order;
  m.hook_up({[&](const mount_params& p, view_socket& s) {
               order += "first,";
               s.set(current_user{*find_string(p.session, "user")});
               return hook_result::cont;
             },
             [&](const mount_params&, view_socket& s) {
               order += "second:" + s.find<current_user>()->name + ",";
               return hook_result::cont;
             }});
  m.setup.join.session = {{"user", "ada"}};
  m.script->mount = [&](const mount_params&, view_socket& s) { order += "mount:" + s.find<current_user>()->name; };
  m.start();
  CHECK(order == "first,second:ada,mount:ada");
  CHECK(m.story() == "join_ok");
}

TEST_CASE("a hook that halts with a redirect refuses the join, and the view is never mounted") {
  mounted m;
  auto is_mounted = false;
  m.hook_up({[](const mount_params&, view_socket& s) {
               s.put_flash("error", "log in first");
               s.redirect("/login");
               return hook_result::halt;
             },
             [](const mount_params&, view_socket&) -> hook_result { throw std::logic_error{"not reached"}; }});
  m.script->mount = [&](const mount_params&, view_socket&) { is_mounted = true; };
  m.start();
  CHECK_FALSE(is_mounted);
  CHECK(m.story() == "join_error, down normal");
  CHECK(m.port->all[0].payload["redirect"]["to"] == "/login");
  CHECK(m.port->all[0].payload["redirect"].contains("flash"));
}

TEST_CASE("a hook that halts without saying where to, or redirects without halting, is a mistake") {
  mounted m;
  SUBCASE("halt alone") {
    m.hook_up({[](const mount_params&, view_socket&) { return hook_result::halt; }});
  }
  SUBCASE("redirect alone") {
    m.hook_up({[](const mount_params&, view_socket& s) {
      s.redirect("/login");
      return hook_result::cont;
    }});
  }
  SUBCASE("patch") {
    m.hook_up({[](const mount_params&, view_socket& s) {
      s.patch("/own?page=2");
      return hook_result::cont;
    }});
  }
  m.start();
  CHECK(m.story() == "down crashed");
}

TEST_CASE("hooks of each stage see what comes before the view does, until one halts") {
  mounted m;
  std::string order;
  m.script->mount = [&](const mount_params&, view_socket& s) {
    s.attach_hook("p", stage::handle_params, [&](const mount_params& p, view_socket&) {
      order += "params " + p.url + ",";
      return hook_result::cont;
    });
    s.attach_hook("e1", stage::handle_event, [&](const event& e, view_socket& sock) {
      order += "e1 " + e.name + ",";
      if (e.name == "once")
        sock.detach_hook("e1", stage::handle_event);
      return e.name == "stop" ? hook_result::halt : hook_result::cont;
    });
    s.attach_hook("e2", stage::handle_event, [&](const event&, view_socket&) {
      order += "e2,";
      return hook_result::cont;
    });
    s.attach_hook("i", stage::handle_info, [&](const info_message& i, view_socket&) {
      order += i.as<poke>() != nullptr ? "poke," : "other,";
      return hook_result::halt;
    });
    s.attach_hook("r", stage::after_render, [&](view_socket&) { order += "rendered,"; });
  };
  m.script->handle_params = [&](const mount_params&, view_socket&) { order += "view params,"; };
  m.script->handle_event = [&](const event&, view_socket&) { order += "view event,"; };
  m.start();
  CHECK(order == "params /own,view params,rendered,");
  order.clear();
  m.click("go");
  CHECK(order == "e1 go,e2,view event,rendered,");
  order.clear();
  m.click("stop");
  CHECK(order == "e1 stop,rendered,");
  CHECK(m.last().what == "reply 5");
  order.clear();
  m.click("once");
  m.click("again");
  CHECK(order == "e1 once,e2,view event,rendered,e2,view event,rendered,");
  order.clear();
  m.node.cast(m.host, poke{});
  m.world.run();
  CHECK(order == "poke,rendered,");
}

TEST_CASE("what a hook pushes after the first render reaches the browser behind it") {
  mounted m;
  m.script->mount = [](const mount_params&, view_socket& s) {
    s.attach_hook("once", stage::after_render, [](view_socket& sock) {
      sock.detach_hook("once", stage::after_render);
      sock.push_event("drawn", json::object());
    });
  };
  m.start();
  CHECK(m.story() == "join_ok, push diff");
  CHECK(m.last().payload.at("e") == json::array({json::array({"drawn", json::object()})}));
}

TEST_CASE("two hooks of one name in one stage are refused, naming it") {
  mounted m;
  m.script->mount = [](const mount_params&, view_socket& s) {
    const auto pass = [](const event&, view_socket&) { return hook_result::cont; };
    s.attach_hook("audit", stage::handle_event, pass);
    CHECK_THROWS_WITH(s.attach_hook("audit", stage::handle_event, pass),
                      "attach_hook(\"audit\"): this stage has a hook of that name; detach it first");
    CHECK(s.detach_hook("audit", stage::handle_event));
    CHECK_FALSE(s.detach_hook("audit", stage::handle_event));
  };
  m.start();
  CHECK(m.story() == "join_ok");
}
