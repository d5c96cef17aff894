#include "web/live/components/page.hpp"

#include "web/live/form_value.hpp"

#include <stdexcept>

namespace beamline::web::live::components {

rendered live_title(const live_title_attrs& a, render_context&) {
  static const statics tpl{{"<title", " data-prefix=\"", "\" data-suffix=\"", "\">", "", "", "</title>"},
                           root_element::single};
  auto text = std::string{};
  for (const auto& entry : a.inner_block)
    text += to_html(render_slot(entry));
  auto shown = trimmed(text).empty() ? dynamic{a.default_} : dynamic{safe_html::trusted(std::string{trimmed(text)})};
  return rendered{tpl,      a.default_.empty() ? dynamic{""} : attribute("data-default", a.default_),
                  a.prefix, a.suffix,
                  a.prefix, std::move(shown),
                  a.suffix};
}

rendered focus_wrap(const focus_wrap_attrs& a, render_context&) {
  static const statics tpl{{"<div id=\"", "\" phx-hook=\"Phoenix.FocusWrap\"", "><div id=\"",
                            "-start\" tabindex=\"0\" aria-hidden=\"true\"></div>", "<div id=\"",
                            "-end\" tabindex=\"0\" aria-hidden=\"true\"></div></div>"},
                           root_element::single};
  if (a.id.empty())
    throw std::invalid_argument{"<.focus_wrap> needs the attribute id: its hook is found by it"};
  return rendered{tpl, a.id, spread(a.rest), a.id, render_slot(a.inner_block), a.id};
}

rendered intersperse(const intersperse_attrs& a, render_context&) {
  static const statics list{{"", ""}};
  static const statics item{{"", "", ""}};
  auto items = comprehension{item};
  for (std::size_t i = 0; i < a.enum_.get(); ++i)
    items.add(i == 0 ? dynamic{""} : render_slot(a.separator), render_slot(a.inner_block, i));
  return rendered{list, std::move(items)};
}

}  // namespace beamline::web::live::components
