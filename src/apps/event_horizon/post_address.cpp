#include "apps/event_horizon/post_address.hpp"

#include "apps/event_horizon/views/paths.hpp"

#include <optional>
#include <string>
#include <utility>

namespace beamline::event_horizon {

web::middleware one_address(const blog& of) {
  return [&of](const web::request& req) -> std::optional<web::response> {
    auto slug = req.param("slug");
    const auto shown = of.posts().get(slug);
    if (shown == nullptr || shown->slug == slug)
      return std::nullopt;
    auto to = post_path(shown->slug);
    if (!req.query_text.empty())
      to += "?" + req.query_text;
    return web::response::redirect(std::move(to), 301).with("cache-control", "public, max-age=300");
  };
}

}  // namespace beamline::event_horizon
