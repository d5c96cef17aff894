#include "apps/event_horizon/http.hpp"

#include "apps/event_horizon/layout.hpp"
#include "apps/event_horizon/views/pages.hpp"
#include "base/json.hpp"

#include <memory>
#include <string>

namespace beamline::event_horizon {

namespace {

constexpr std::string_view retry_after_s = "5";

web::response no_such_post(const web::request& req) {
  return web::response::failure(req, 404, "There is no such post. All of them are listed under /blog.");
}

/// A handler for a page that is the same for everybody until the node restarts.
web::handler plain_page(const http_parts& parts, const std::string& path, std::string_view title,
                        const web::live::rendered& content) {
  auto options = layout_options{parts.of.options().title, path};
  auto html = render_plain_page(make_layout(parts.assets, options), options, title, content);
  return [html = std::move(html)](const web::request&, web::responder answer) {
    answer.send(web::response::html(html).with("cache-control", "no-cache"));
  };
}

/// What a like's form asks for; nothing when it asks for neither.
std::optional<bool> wanted(const web::request& req) {
  auto fields = web::form_fields(req);
  auto liked = web::find_in(fields, "liked").value_or("true");
  if (liked != "true" && liked != "false")
    return std::nullopt;
  return liked == "true";
}

web::response like_outcome(const web::request& req, const std::string& slug, const result<like_answer>& r) {
  if (r)
    return web::response::redirect("/blog/" + slug + "#like-form", 303);
  if (r.error().code == errc::invalid)
    return web::response::failure(req, 400, r.error().message);
  return web::response::failure(req, 503, std::string{like_failed_text} + ".")
      .with("retry-after", std::string{retry_after_s});
}

void handle_like(const http_parts& parts, const web::request& req, web::responder answer) {
  const auto* shown = parts.of.find(req.param("slug"));
  if (shown == nullptr)
    return answer.send(no_such_post(req));
  auto liked = wanted(req);
  if (!liked)
    return answer.send(web::response::failure(req, 400, "The field \"liked\" must be true or false."));
  auto session = parts.sessions.load(req);
  const auto* visitor = session.find("visitor");
  // Completions are copied, the duty to answer is not.
  auto duty = std::make_shared<web::responder>(std::move(answer));
  parts.of.like(
      {shown->slug, visitor == nullptr ? std::string{} : *visitor, *liked},
      [duty, slug = shown->slug](const result<like_answer>& r) { duty->send(like_outcome(duty->req(), slug, r)); });
}

void handle_stats(const blog& of, const web::request& req, web::responder answer) {
  const auto* shown = of.find(req.param("slug"));
  if (shown == nullptr)
    return answer.send(no_such_post(req));
  auto stats = of.stats(shown->slug);
  auto out = json{{"slug", shown->slug}, {"likes", nullptr}, {"version", nullptr}};
  if (stats) {
    out["likes"] = stats->likes;
    out["version"] = stats->version;
  }
  answer.send(web::response::json(dump_json(out)).with("cache-control", "no-store"));
}

}  // namespace

void add_routes(web::router& routes, const http_parts& parts) {
  routes.get("/", plain_page(parts, "/", "", render_home(parts.of.options().title, parts.of.posts())));
  routes.get("/blog", plain_page(parts, "/blog", "Blog", render_blog_index(parts.of.posts())));
  routes.get("/api/blog/:slug/stats", [&of = parts.of](const web::request& req, web::responder answer) {
    handle_stats(of, req, std::move(answer));
  });
  routes.group("", [&](web::router& guarded) {
    guarded.use(web::csrf::guard(parts.sessions, parts.origins));
    guarded.post("/blog/:slug/like", [parts](const web::request& req, web::responder answer) {
      handle_like(parts, req, std::move(answer));
    });
  });
}

web::middleware require_post(const blog& of) {
  return [&of](const web::request& req) -> std::optional<web::response> {
    if (of.find(req.param("slug")) == nullptr)
      return no_such_post(req);
    return std::nullopt;
  };
}

}  // namespace beamline::event_horizon
