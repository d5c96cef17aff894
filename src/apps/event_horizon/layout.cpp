#include "apps/event_horizon/layout.hpp"

#include <utility>

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

live::rendered document(const std::string& language, const std::string& style, const std::string& script,
                        const live::page_parts& parts) {
  static const live::statics html{{
      "<!DOCTYPE html>\n<html lang=\"",
      "\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"theme-color\" media=\"(prefers-color-scheme: light)\" content=\"#fdfdfb\">\n"
      "<meta name=\"theme-color\" media=\"(prefers-color-scheme: dark)\" content=\"#14171b\">\n",
      // A ring around the dark: small enough to be no request of its own.
      "\n<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
      "%3Ccircle cx='16' cy='16' r='11' fill='%2314171b' stroke='%230a6fd0' stroke-width='5'/%3E%3C/svg%3E\">"
      "\n<link rel=\"stylesheet\" href=\"",
      "\" phx-track-static>\n<script type=\"module\" src=\"",
      "\" phx-track-static></script>\n</head>\n<body>\n"
      "<a class=\"skip-link\" href=\"#main\">Skip to content</a>\n",
      "\n</body>\n</html>\n",
  }};
  return live::rendered{html, language, parts.head, style, script, parts.body};
}

}  // namespace

live::page_layout make_layout(const web::asset_store& assets, std::string language) {
  return [language = std::move(language), style = assets.path("app.css"), script = assets.path("app.js")](
             const live::page_parts& parts) { return live::to_html(document(language, style, script, parts)); };
}

std::string render_plain_page(const live::page_layout& around, const std::string& site_title, std::string_view title,
                              const live::rendered& content, const safe_html& head) {
  // Without a title of its own a page has the site's alone.
  auto whole = title.empty() ? live::page_title{.text = site_title} : title_within(site_title, title);
  return around({live::render_title(whole) + head, safe_html::trusted(live::to_html(content))});
}

live::page_title title_within(const std::string& site_title, std::string_view title) {
  return {.text = std::string{title}, .suffix = " · " + site_title};
}

}  // namespace beamline::event_horizon
