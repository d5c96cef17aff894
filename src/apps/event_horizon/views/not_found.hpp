#pragma once

#include "apps/event_horizon/facade.hpp"
#include "web/assets.hpp"
#include "web/live/view.hpp"
#include "web/router.hpp"

#include <string>

namespace beamline::event_horizon {

/// Where a page leads that was navigated to and is not there.
inline constexpr std::string_view not_found_path = "/not-found";

/// What stands at addresses where nothing is.
///
///   the first request    status 404 and the page as a document without a view: `missing_page`
///   live navigation      this view, at `not_found_path`
class not_found final : public web::live::view {
public:
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
};

/// Answers 404 to whatever is asked: with the page for browsers, else as `response::not_found`.
[[nodiscard]] web::handler missing_page(const blog& of, const web::asset_store& assets);

/// For the route of posts: 404 and the page when there is no post `:slug`, so that the view need not.
[[nodiscard]] web::middleware require_post_or_page(const blog& of, const web::asset_store& assets);
/// For the route of the view itself: whoever asks for its address has not been led there.
[[nodiscard]] web::middleware always_missing(const blog& of, const web::asset_store& assets);

}  // namespace beamline::event_horizon
