#include "web/live/components/link.hpp"

#include <stdexcept>

namespace beamline::web::live::components {

namespace {

dynamic others(const link_attrs& a) {
  return spread(passed_on({{"download", a.download},
                           {"hreflang", a.hreflang},
                           {"referrerpolicy", a.referrerpolicy},
                           {"rel", a.rel},
                           {"target", a.target},
                           {"type", a.type}},
                          a.rest));
}

}  // namespace

rendered link(const link_attrs& a, render_context&) {
  static const statics live_link{{"<a href=\"", "\" data-phx-link=\"", "\" data-phx-link-state=\"", "\"", ">", "</a>"},
                                 root_element::single};
  static const statics plain_link{{"<a href=\"", "\"", ">", "</a>"}, root_element::single};
  const auto given = (a.navigate.empty() ? 0 : 1) + (a.patch.empty() ? 0 : 1) + (a.href.empty() ? 0 : 1);
  if (given > 1)
    throw std::invalid_argument{"<.link> leads to one place: give one of navigate=\"" + a.navigate + "\", patch=\""
                                + a.patch + "\" and href=\"" + a.href + "\""};
  if (a.navigate.empty() && a.patch.empty())
    return rendered{plain_link, url_text(a.href.empty() ? std::string{"#"} : a.href), others(a),
                    render_slot(a.inner_block)};
  const auto is_patch = !a.patch.empty();
  return rendered{live_link,
                  url_text(is_patch ? a.patch : a.navigate),
                  is_patch ? "patch" : "redirect",
                  a.replace ? "replace" : "push",
                  others(a),
                  render_slot(a.inner_block)};
}

}  // namespace beamline::web::live::components
