#include "apps/event_horizon/application.hpp"

#include "apps/event_horizon/analytics.hpp"
#include "apps/event_horizon/backlog.hpp"
#include "apps/event_horizon/cluster/cluster_watch.hpp"
#include "apps/event_horizon/discussions.hpp"
#include "apps/event_horizon/http.hpp"
#include "apps/event_horizon/layout.hpp"
#include "apps/event_horizon/post_address.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "apps/event_horizon/submissions.hpp"
#include "apps/event_horizon/views/blog_index.hpp"
#include "apps/event_horizon/views/blog_show.hpp"
#include "apps/event_horizon/views/cluster_page.hpp"
#include "apps/event_horizon/views/frame.hpp"
#include "apps/event_horizon/views/home.hpp"
#include "apps/event_horizon/views/not_found.hpp"
#include "apps/event_horizon/views/site_footer.hpp"
#include "base/log.hpp"
#include "net/rpc/server.hpp"
#include "supervision/supervisor.hpp"
#include "web/live/endpoint.hpp"
#include "web/live/running_build.hpp"

namespace beamline::event_horizon {

application::application(node& home, parts p, catalogue posts, const event_horizon_options& o)
    : home_{home},
      parts_{std::move(p)},
      owners_{parts_.remote_prefix},
      blog_{home, std::move(posts), o},
      files_{blog_.posts(), parts_.disk} {}

result<std::unique_ptr<application>> application::make(node& home, const parts& p, const event_horizon_options& o) {
  auto posts = catalogue::load(o.content_dir, limits_of(o));
  if (!posts)
    return posts.error();
  auto problems = posts->problems();
  home.env().log().info("event_horizon", "posts read", {{"count", posts->posts().size()}});
  if (!problems.empty())
    home.env().log().warn("event_horizon", "posts have problems; beamline check-content lists them",
                          {{"count", problems.count()}, {"problems", describe(problems, o.content_dir)}});
  std::unique_ptr<application> app{new application{home, p, std::move(*posts), o}};
  home.env().provide(app->blog_);
  home.env().provide(app->cluster_);
  home.env().provide(app->owners_);
  return app;
}

supervision::child_spec application::analytics_child() {
  auto rpc = net::rpc::rpc_on(home_.env());
  return supervision::child_supervisor(
      "analytics",
      supervision::supervisor_spec{
          .flags = {.strategy = supervision::strategy::one_for_one},
          .children = {supervision::child<analytics>("numbers", analytics::parts{.of = blog_, .rpc = rpc}),
                       supervision::child<discussions>("discussions", discussions::parts{.of = blog_, .rpc = rpc}),
                       supervision::child<submissions>("submissions", submissions::parts{blog_}),
                       supervision::child<backlog>("backlog", backlog::parts{blog_})}});
}

supervision::child_spec application::posts_child() {
  return supervision::child<posts_watch>("posts", posts_watch::parts{blog_, parts_.disk});
}

supervision::child_spec application::cluster_child(std::string role, std::string version) {
  return supervision::child<cluster_watch>("cluster",
                                           cluster_watch::parts{&cluster_, std::move(role), std::move(version)});
}

web::live::page_preparation application::prepare_page() const {
  return [&of = blog_](const web::request& req, std::function<void()> go_on) {
    of.prepare(req.param("slug"), first_render_wait, std::move(go_on));
  };
}

void application::add_pages(web::router& routes) {
  const auto& title = blog_.options().title;
  web::live::endpoint live{
      home_,
      parts_.signer,
      parts_.cookies,
      {.title = title_within(title, ""),
       .layout = make_layout(parts_.assets, blog_.options().language),
       .sessions = parts_.sessions,
       .tasks = parts_.tasks,
       .assets = &parts_.assets,
       .development_build = parts_.is_development ? std::optional{web::live::running_build()} : std::nullopt}};
  const auto prepared = web::live::view_options{.prepare = prepare_page()};
  add_routes(routes, {blog_, parts_.assets, parts_.cookies, parts_.origins, &parts_.signer});
  parts_.assets.mount(routes);
  files_.mount(routes);
  // All pages are of one live session: a reader goes from one to the next without loading a page.
  live.nested<site_footer>("site_footer", site_footer_element());
  live.view(routes, "/", "home", in_frame<home>("/"), prepared);
  live.view(routes, "/blog", "blog_index", in_frame<blog_index>("/blog"), prepared);
  routes.group("", [&](web::router& posts_only) {
    posts_only.use(require_post_or_page(blog_, parts_.assets));
    posts_only.use(one_address(blog_));
    live.view(posts_only, "/blog/:slug", "blog_show", in_frame<blog_show>("/blog"), prepared);
  });
  live.view(routes, "/cluster", "cluster", in_frame<cluster_page>("/cluster"), prepared);
  routes.group("", [&](web::router& only_led_there) {
    only_led_there.use(always_missing(blog_, parts_.assets));
    live.view(only_led_there, not_found_path, "not_found", in_frame<not_found>(""));
  });
  routes.any("/*path", missing_page(blog_, parts_.assets));
  live.connect(routes, "/live/websocket");
}

}  // namespace beamline::event_horizon
