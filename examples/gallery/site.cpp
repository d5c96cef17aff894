#include "gallery/site.hpp"

#include "gallery/account_routes.hpp"
#include "gallery/layout.hpp"
#include "gallery/reaper.hpp"
#include "gallery/ticker.hpp"
#include "gallery/views/account.hpp"
#include "gallery/views/async_page.hpp"
#include "gallery/views/clock.hpp"
#include "gallery/views/commands.hpp"
#include "gallery/views/components_page.hpp"
#include "gallery/views/counter.hpp"
#include "gallery/views/crash.hpp"
#include "gallery/views/form.hpp"
#include "gallery/views/hooks_page.hpp"
#include "gallery/views/index.hpp"
#include "gallery/views/list.hpp"
#include "gallery/views/navigation.hpp"
#include "gallery/views/nested_page.hpp"
#include "gallery/views/presence_page.hpp"
#include "gallery/views/printout.hpp"
#include "gallery/views/recovery.hpp"
#include "gallery/views/stream_page.hpp"
#include "pubsub/system.hpp"

#include <memory>
#include <string>

namespace gallery {

using namespace beamline;

namespace {

/// Before the mount of every view: the scripts and styles of the page may be those of an earlier release.
live::hook_result tell_of_new_assets(const live::mount_params&, live::view_socket& s) {
  if (s.static_changed())
    s.put_flash("info", "This site has been renewed since you opened the page. Load it anew to see it as it is now.");
  return live::hook_result::cont;
}

}  // namespace

site::site(const site_parts& p)
    : parts_{p},
      live_{p.home,
            p.signer,
            p.sessions,
            {.title = {.suffix = " · Beamline gallery"},
             .layout = make_layout(p.assets.path("app.css"), p.assets.path("app.js")),
             .sessions = p.views,
             .assets = &p.assets,
             .pubsub = std::string{pubsub::default_system},
             .development_build = p.development_build}} {}

void site::add_to(web::router& routes) {
  parts_.assets.mount(routes);
  add_account_routes(routes, {parts_.sessions, origins_, ended_logins_, live_, parts_.home.env().random()});
  add_views(routes);
  live_.connect(routes, "/live/websocket");
}

void site::add_views(web::router& routes) {
  live_.session({.name = "default", .on_mount = {tell_of_new_assets}});
  live_.view<index_page>(routes, "/", "index");
  live_.view<counter>(routes, "/counter", "counter");
  live_.view<form_page>(routes, "/form", "form");
  live_.view<commands_page>(routes, "/js", "js");
  live_.view<hooks_page>(routes, "/hooks", "hooks");

  live_.view<list_page>(routes, "/list", "list");
  live_.view(routes, "/stream", "stream", [this] { return std::make_unique<stream_page>(parts_.stream_rows); });
  live_.view<printout>(routes, "/printout", "printout");
  live_.view<components_page>(routes, "/components", "components");

  live_.view<navigation>(routes, "/navigation", "navigation");
  live_.view<place>(routes, "/navigation/:place", "place");
  live_.view<nested_page>(routes, "/nested", "nested");
  live_.also(routes, "/nested/other", "nested", {.action = "other"});
  live_.nested<inner_view>("inner");
  live_.nested<player>("player");

  live_.view(routes, "/account", "account", [this] { return std::make_unique<account>(ended_logins_); });
  live_.session({.name = "members", .on_mount = {tell_of_new_assets, require_member(ended_logins_)}});
  live_.view<secret_page>(routes, "/account/secret", "secret", {.live_session = "members"});

  live_.view<clock_page>(routes, "/clock", "clock");
  live_.view<presence_page>(routes, "/presence", "presence");
  live_.view<async_page>(routes, "/async", "async");

  live_.view<crash_page>(routes, "/crash", "crash");
  live_.view<recovery>(routes, "/recovery", "recovery");
}

void site::add_messages(message_contract& c) { c.add<clock_tick>(); }

std::vector<supervision::child_spec> site::children() {
  return {supervision::child<ticker>("ticker"), supervision::child<reaper>("reaper").with({.name = reaper_name})};
}

}  // namespace gallery
