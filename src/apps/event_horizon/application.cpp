#include "apps/event_horizon/application.hpp"

#include "apps/event_horizon/analytics.hpp"
#include "apps/event_horizon/http.hpp"
#include "apps/event_horizon/layout.hpp"
#include "apps/event_horizon/posts_watch.hpp"
#include "apps/event_horizon/views/blog_index.hpp"
#include "apps/event_horizon/views/blog_show.hpp"
#include "base/log.hpp"
#include "net/rpc/server.hpp"
#include "web/live/endpoint.hpp"
#include "web/live/running_build.hpp"

namespace beamline::event_horizon {

application::application(node& home, parts p, catalogue posts, const event_horizon_options& o)
    : home_{home}, parts_{std::move(p)}, blog_{home, std::move(posts), o}, files_{blog_.posts(), parts_.disk} {}

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
  return app;
}

supervision::child_spec application::analytics_child() {
  analytics::parts p{.of = blog_, .rpc = net::rpc::rpc_on(home_.env()), .has_outbox = true};
  return supervision::child<analytics>("analytics", p);
}

supervision::child_spec application::posts_child() {
  return supervision::child<posts_watch>("posts", posts_watch::parts{blog_, parts_.disk});
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
       .assets = &parts_.assets,
       .development_build = parts_.is_development ? std::optional{web::live::running_build()} : std::nullopt}};
  add_routes(routes, {blog_, parts_.assets, parts_.cookies, parts_.origins});
  parts_.assets.mount(routes);
  files_.mount(routes);
  live.view<blog_index>(routes, "/blog", "blog_index");
  routes.group("", [&](web::router& posts_only) {
    posts_only.use(require_post(blog_));
    live.view(posts_only, "/blog/:slug", "blog_show", [] { return std::make_unique<blog_show>(); });
  });
  live.connect(routes, "/live/websocket");
}

}  // namespace beamline::event_horizon
