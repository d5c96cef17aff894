#include "apps/event_horizon/layout.hpp"

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

// Always the same text, and a place where no value may stand.
const char* current_page(const layout_options& o, std::string_view path) {
  return o.current == path ? " aria-current=\"page\"" : "";
}

live::rendered document(const layout_options& o, const std::string& style, const std::string& script,
                        const live::page_parts& parts) {
  static const live::statics html{{
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n",
      "\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"",
      "\" phx-track-static>\n<script type=\"module\" src=\"",
      "\" phx-track-static></script>\n</head>\n<body>\n"
      "<a class=\"skip-link\" href=\"#main\">Skip to content</a>\n"
      "<header><a class=\"brand\" href=\"/\"",
      ">",
      "</a>\n<nav aria-label=\"Main\"><a href=\"/blog\"",
      ">Blog</a></nav></header>\n<main id=\"main\" tabindex=\"-1\">\n",
      "\n</main>\n<footer>",
      ", served live by Beamline.</footer>\n</body>\n</html>\n",
  }};
  return live::rendered{html,
                        parts.head,
                        style,
                        script,
                        safe_html::trusted(current_page(o, "/")),
                        o.site_title,
                        safe_html::trusted(current_page(o, "/blog")),
                        parts.body,
                        o.site_title};
}

}  // namespace

live::page_layout make_layout(const web::asset_store& assets, layout_options o) {
  return [o = std::move(o), style = assets.path("app.css"), script = assets.path("app.js")](
             const live::page_parts& parts) { return live::to_html(document(o, style, script, parts)); };
}

std::string render_plain_page(const live::page_layout& around, const layout_options& o, std::string_view title,
                              const live::rendered& content, const safe_html& head) {
  // Without a title of its own a page has the site's alone.
  auto whole = title.empty() ? live::page_title{.text = o.site_title} : title_within(o.site_title, title);
  return around({live::render_title(whole) + head, safe_html::trusted(live::to_html(content))});
}

live::page_title title_within(const std::string& site_title, std::string_view title) {
  return {.text = std::string{title}, .suffix = " · " + site_title};
}

}  // namespace beamline::event_horizon
