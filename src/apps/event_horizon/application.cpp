#include "apps/event_horizon/application.hpp"

#include "apps/event_horizon/analytics.hpp"
#include "apps/event_horizon/backlog.hpp"
#include "apps/event_horizon/discussions.hpp"
#include "apps/event_horizon/http.hpp"
#include "apps/event_horizon/layout.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "apps/event_horizon/submissions.hpp"
#include "apps/event_horizon/views/blog_index.hpp"
#include "apps/event_horizon/views/blog_show.hpp"
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
  auto posts = catalogue::load(o.content_dir, {o.posts_max, o.post_size_max.bytes, o.drafts});
  if (!posts)
    return posts.error();
  auto problems = posts->problems();
  home.env().log().info("event_horizon", "posts read", {{"count", posts->posts().size()}});
  if (!problems.empty())
    home.env().log().warn("event_horizon", "posts have problems; beamline check-content lists them",
                          {{"count", problems.count()}, {"problems", describe(problems, o.content_dir)}});
  std::unique_ptr<application> app{new application{home, p, std::move(*posts), o}};
  home.env().provide(app->blog_);
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
       .layout = make_layout(parts_.assets, {title, "/blog"}),
       .sessions = parts_.sessions,
       .tasks = parts_.tasks,
       .assets = &parts_.assets,
       .development_build = parts_.is_development ? std::optional{web::live::running_build()} : std::nullopt}};
  add_routes(routes, {blog_, parts_.assets, parts_.cookies, parts_.origins, &parts_.signer});
  parts_.assets.mount(routes);
  files_.mount(routes);
  live.view<blog_index>(routes, "/blog", "blog_index", {.prepare = prepare_page()});
  routes.group("", [&](web::router& posts_only) {
    posts_only.use(require_post(blog_));
    live.view(posts_only, "/blog/:slug", "blog_show", [] { return std::make_unique<blog_show>(); },
              {.prepare = prepare_page()});
  });
  live.connect(routes, "/live/websocket");
}

}  // namespace beamline::event_horizon
