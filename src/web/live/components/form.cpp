#include "web/live/components/form.hpp"

#include <stdexcept>

namespace beamline::web::live::components {

namespace {

/// What the slot shows for one form.
dynamic content(const slot<no_attrs, const live::form&>& inner, const live::form& f) { return render_slot(inner, f); }

dynamic hidden_input(const char* name, const std::string& value) {
  static const statics tpl{{"<input type=\"hidden\" name=\"", "\" value=\"", "\">"}, root_element::single};
  return value.empty() ? dynamic{""} : dynamic{rendered{tpl, name, value}};
}

dynamic others(const form_attrs& a) {
  return spread(passed_on({{"autocomplete", a.autocomplete},
                           {"enctype", a.enctype},
                           {"name", a.name},
                           {"novalidate", a.novalidate},
                           {"rel", a.rel},
                           {"target", a.target}},
                          a.rest));
}

}  // namespace

rendered form(const form_attrs& a, render_context&) {
  static const statics live_form{{"<form", "", ">", "</form>"}, root_element::single};
  static const statics native_form{{"<form", " action=\"", "\" method=\"", "\"", ">", "", "", "</form>"},
                                   root_element::single};
  if (!a.for_.is_set())
    throw std::invalid_argument{"<.form> needs the attribute for: a live::form, as made by to_form"};
  const auto& shown = a.for_.get();
  const auto& id = a.id.empty() ? shown.id() : a.id;
  auto name = id.empty() ? dynamic{""} : attribute("id", id);
  if (a.action.empty())
    return rendered{live_form, std::move(name), others(a), content(a.inner_block, shown)};
  const auto is_get = a.method == "get";
  const auto is_plain = is_get || a.method == "post";
  if (!is_get && a.csrf.empty())
    throw std::invalid_argument{"<.form action=\"" + a.action
                                + "\"> needs the attribute csrf: the value `csrf` of the view's session"};
  return rendered{native_form,
                  std::move(name),
                  url_text(a.action),
                  is_get ? "get" : "post",
                  others(a),
                  is_get ? dynamic{""} : hidden_input("_csrf_token", a.csrf),
                  hidden_input("_method", is_plain ? std::string{} : a.method),
                  content(a.inner_block, shown)};
}

rendered inputs_for(const inputs_for_attrs& a, render_context&) {
  static const statics list{{"", ""}};
  static const statics row{{"", "", ""}};
  static const statics hidden{{"<input type=\"hidden\" name=\"", "[_persistent_id]\" value=\"", "\">"},
                              root_element::single};
  if (!a.form.is_set() || a.field.empty())
    throw std::invalid_argument{"<.inputs_for> needs the attributes form (a live::form) and field (a list in it)"};
  auto rows = comprehension{row};
  for (const auto& one : a.form.get().rows(a.field))
    rows.add_keyed(one.persistent_id(),
                   a.skip_hidden ? dynamic{""} : dynamic{rendered{hidden, one.name(), one.persistent_id()}},
                   content(a.inner_block, one));
  return rendered{list, std::move(rows)};
}

}  // namespace beamline::web::live::components
