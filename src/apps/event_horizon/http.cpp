#include "apps/event_horizon/http.hpp"

#include "apps/event_horizon/content/feeds.hpp"
#include "apps/event_horizon/http_forms.hpp"
#include "apps/event_horizon/site.hpp"
#include "base/json.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace beamline::event_horizon {

namespace {

/// Where the site is: as configured, else as this request has found it, if that can stand in a URL.
site_facts facts_for(const blog& of, const web::request& req) {
  auto site = facts_of(of);
  auto host = req.header("host");
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
  if (site.url.empty() && !host.empty() && host.find_first_not_of(allowed) == std::string_view::npos)
    site.url = (req.is_secure ? "https://" : "http://") + std::string{host};
  return site;
}

/// A text for programs, made of the posts there are now.
web::handler made_of_posts(const blog& of, std::string type,
                           std::function<std::string(const site_facts&, const library&)> make) {
  return [&of, type = std::move(type), make = std::move(make)](const web::request& req, web::responder answer) {
    answer.send(web::response::text(make(facts_for(of, req), *of.posts().now()))
                    .with("content-type", type)
                    .with("cache-control", "public, max-age=300")
                    .with("vary", "host"));
  };
}

void add_feeds(web::router& routes, const blog& of) {
  routes.get("/feed.xml", made_of_posts(of, "application/atom+xml; charset=utf-8", atom_feed));
  routes.get("/rss.xml", made_of_posts(of, "application/rss+xml; charset=utf-8", rss_feed));
  routes.get("/sitemap.xml", made_of_posts(of, "application/xml; charset=utf-8", sitemap));
  routes.get("/robots.txt", made_of_posts(of, "text/plain; charset=utf-8",
                                          [](const site_facts& site, const library&) { return robots_txt(site); }));
}

void handle_stats(const blog& of, const web::request& req, web::responder answer) {
  const auto shown = of.posts().get(req.param("slug"));
  if (shown == nullptr)
    return answer.send(no_such_post(req));
  auto stats = of.stats(shown->slug);
  auto number = [&](std::int64_t post_stats::*member) { return stats ? json(*stats.*member) : json(nullptr); };
  auto out = json{{"slug", shown->slug},
                  {"likes", number(&post_stats::likes)},
                  {"visits", number(&post_stats::visits)},
                  {"comments", number(&post_stats::comments)},
                  {"version", number(&post_stats::version)}};
  answer.send(web::response::json(dump_json(out)).with("cache-control", "no-store"));
}

}  // namespace

void add_routes(web::router& routes, const http_parts& parts) {
  add_feeds(routes, parts.of);
  routes.get("/api/blog/:slug/stats", [&of = parts.of](const web::request& req, web::responder answer) {
    handle_stats(of, req, std::move(answer));
  });
  add_forms(routes, parts);
}

web::response no_such_post(const web::request& req) {
  return web::response::failure(req, 404, "There is no such post. All of them are listed under /blog.");
}

}  // namespace beamline::event_horizon
