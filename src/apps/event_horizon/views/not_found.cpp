#include "apps/event_horizon/views/not_found.hpp"

#include "apps/event_horizon/layout.hpp"
#include "apps/event_horizon/views/frame.hpp"
#include "apps/event_horizon/views/not_found.heex.hpp"
#include "apps/event_horizon/views/render_alone.hpp"

#include <functional>
#include <utility>

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

constexpr const char* page_title = "Not found";

using answer_maker = std::function<web::response(const web::request&)>;

answer_maker make_answers(const blog& of, const web::asset_store& assets) {
  return [&of, around = make_layout(assets, of.options().language)](const web::request& req) {
    auto plain = web::response::not_found(req);
    if (!req.wants_html())
      return plain;
    const auto content = frame_around(of, {}, render_alone(missing, missing_attrs{}));
    auto page = web::response::html(render_plain_page(around, of.options().title, page_title, content), 404);
    page.headers.set("cache-control", "no-store");
    page.headers.set("vary", "accept");
    return page;
  };
}

}  // namespace

live::rendered not_found::render(live::render_context& c) const { return missing({}, c); }

std::string not_found::title() const { return page_title; }

web::handler missing_page(const blog& of, const web::asset_store& assets) {
  return [make = make_answers(of, assets)](const web::request& req, web::responder answer) { answer.send(make(req)); };
}

web::middleware require_post_or_page(const blog& of, const web::asset_store& assets) {
  return [&of, make = make_answers(of, assets)](const web::request& req) -> std::optional<web::response> {
    if (of.posts().get(req.param("slug")) == nullptr)
      return make(req);
    return std::nullopt;
  };
}

web::middleware always_missing(const blog& of, const web::asset_store& assets) {
  return [make = make_answers(of, assets)](const web::request& req) { return std::optional{make(req)}; };
}

}  // namespace beamline::event_horizon
