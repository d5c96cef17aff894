#include "gallery/layout.hpp"

#include "web/live/rendered.hpp"

#include <utility>

namespace gallery {

namespace live = beamline::web::live;

live::page_layout make_layout(std::string style, std::string script) {
  return [style = std::move(style), script = std::move(script)](const live::page_parts& parts) {
    static const live::statics html{{
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"description\" content=\"Live pages, one feature each\">\n",
        "\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"",
        "\" phx-track-static>\n<script type=\"module\" src=\"",
        "\" phx-track-static></script>\n</head>\n<body>\n"
        "<a class=\"skip-link\" href=\"#main\">Skip to content</a>\n",
        "\n</body>\n</html>\n",
    }};
    return live::to_html(live::rendered{html, parts.head, style, script, parts.body});
  };
}

}  // namespace gallery
