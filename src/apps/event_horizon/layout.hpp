#pragma once

#include "web/assets.hpp"
#include "web/live/page.hpp"
#include "web/live/rendered.hpp"

#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// The document around every page: head, the link past the navigation, body. What all pages have in common within the
/// body is in views/frame.hpp. Complete without scripts, and without anything inline that the content security policy
/// would refuse. Asset paths are looked up here and now, once. `language` is that of the posts; the words of the site
/// itself are English in any case.
[[nodiscard]] web::live::page_layout make_layout(const web::asset_store& assets, std::string language = "en");

/// A page that is no live view, as a whole document. `title` is its own, without the site's; may be empty.
[[nodiscard]] std::string render_plain_page(const web::live::page_layout& around, const std::string& site_title,
                                            std::string_view title, const web::live::rendered& content,
                                            const safe_html& head = {});

/// The title of a page within this site: `Hello · Event Horizon`. With an empty `title`, what surrounds those of live
/// views.
[[nodiscard]] web::live::page_title title_within(const std::string& site_title, std::string_view title);

}  // namespace beamline::event_horizon
