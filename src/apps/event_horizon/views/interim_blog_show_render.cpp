#include "apps/event_horizon/views/blog_show.hpp"

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

live::comprehension flash_list(const live::flash_messages& flash) {
  static const live::statics message{{"<p class=\"", "\">",
                                      " <button type=\"button\" phx-click=\"lv:clear-flash\" phx-value-key=\"",
                                      "\" aria-label=\"Dismiss\">×</button></p>"}};
  auto out = live::comprehension{message};
  for (const auto& [kind, text] : flash)
    out.add_keyed(kind, kind, text, kind);
  return out;
}

live::comprehension tag_list(const std::vector<std::string>& tags) {
  static const live::statics tag{{"<span>", "</span>"}};
  auto out = live::comprehension{tag};
  for (const auto& name : tags)
    out.add(name);
  return out;
}

live::rendered csrf_field(const std::string& token) {
  static const live::statics field{{"<input type=\"hidden\" name=\"_csrf_token\" value=\"", "\">"}};
  return live::rendered{field, token};
}

}  // namespace

live::rendered render_blog_show(const blog_show::assigns& a, const live::flash_messages& flash) {
  // The token is set by the first render; the client keeps what it finds there, whatever later renders say.
  static const live::statics page{{
      "<div id=\"flash\" role=\"status\" aria-live=\"polite\">",
      "</div>\n<article>\n<h1>",
      "</h1>\n<p class=\"meta\"><time datetime=\"",
      "\">",
      "</time>",
      "</p>\n",
      "</article>\n<section class=\"likes\" aria-label=\"Likes\">\n"
      "<form id=\"like-form\" method=\"post\" action=\"/blog/",
      "/like\" phx-submit=\"like\">"
      "<span id=\"like-token\" phx-update=\"ignore\" hidden>",
      "</span>"
      "<button id=\"like\" type=\"submit\" name=\"liked\" value=\"",
      "\" aria-pressed=\"",
      "\">Like</button></form>\n<span>Likes: <span id=\"like-count\">",
      "</span></span>\n</section>\n",
  }};
  static const live::statics nothing{{""}};
  if (a.shown == nullptr)
    return live::rendered{nothing};
  const auto& p = *a.shown;
  return live::rendered{page,
                        flash_list(flash),
                        p.title,
                        iso_date(p.date),
                        long_date(p.date),
                        tag_list(p.tags),
                        p.body,
                        p.slug,
                        live::when(!a.csrf.empty(), [&] { return csrf_field(a.csrf); }),
                        a.liked ? "false" : "true",
                        a.liked ? "true" : "false",
                        a.stats ? std::to_string(a.stats->likes) : std::string{"–"}};
}

}  // namespace beamline::event_horizon
