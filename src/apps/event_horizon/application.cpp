#include "apps/event_horizon/application.hpp"

#include "apps/event_horizon/analytics.hpp"
#include "apps/event_horizon/http.hpp"
#include "apps/event_horizon/layout.hpp"
#include "apps/event_horizon/views/blog_show.hpp"
#include "base/log.hpp"

namespace beamline::event_horizon {

application::application(node& home, const parts& p, catalogue posts, const event_horizon_options& o)
    : blog_{home, std::move(posts), o},
      live_{home,
            p.signer,
            p.sessions,
            {.title = title_within(o.title, ""), .layout = make_layout(p.assets, {o.title, "/blog"})}} {}

result<std::unique_ptr<application>> application::start(node& home, const parts& p, const event_horizon_options& o,
                                                        web::router& routes) {
  auto posts = catalogue::load(o.content_dir, {o.posts_max, o.post_size_max.bytes});
  if (!posts)
    return posts.error();
  home.env().log().info("event_horizon", "posts read", {{"count", posts->posts().size()}});

  std::unique_ptr<application> app{new application{home, p, std::move(*posts), o}};
  home.env().provide(app->blog_);
  home.spawn<analytics>(analytics::parts{app->blog_, p.rpc, p.broadcast});

  add_routes(routes, {app->blog_, p.assets, p.sessions, p.origins});
  p.assets.mount(routes);
  routes.group("", [&](web::router& posts_only) {
    posts_only.use(require_post(app->blog_));
    app->live_.view(posts_only, "/blog/:slug", "blog_show", [] { return std::make_unique<blog_show>(); });
  });
  app->live_.connect(routes, "/live/websocket");
  return app;
}

}  // namespace beamline::event_horizon
