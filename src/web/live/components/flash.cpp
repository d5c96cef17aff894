#include "web/live/components/flash.hpp"

#include "web/live/js.hpp"

#include <algorithm>
#include <cctype>

namespace beamline::web::live::components {

namespace {

/// A kind as part of an id and a class: what is no letter, digit or dash becomes a dash.
std::string word(std::string_view kind) {
  auto out = std::string{kind};
  std::ranges::replace_if(
      out, [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; }, '-');
  return out;
}

js::commands dismissal(const std::string& kind, const std::string& id, component_id myself) {
  auto push = js::push_options{.value = {{"key", kind}}};
  if (myself != 0)
    push.target = js::push_target{myself};
  return js::push("lv:clear-flash", std::move(push)).hide("#" + id);
}

dynamic notice(const std::string& id, const std::string& text, std::string_view css_class) {
  static const statics tpl{{"<div id=\"", "\" class=\"flash flash-error\" role=\"alert\" hidden phx-disconnected=\"",
                            "\" phx-connected=\"", "\"><p>", "</p></div>"},
                           root_element::single};
  if (text.empty())
    return dynamic{""};
  const auto self = "#" + id;
  // Only one of the two classes is on the view's element, so only one notice is shown.
  const auto show = js::show("." + std::string{css_class} + " " + self)
                        .remove_attr("hidden", {.to = "." + std::string{css_class} + " " + self});
  return dynamic{rendered{tpl, id, show, js::hide(self).set_attr("hidden", "", {.to = self}), text}};
}

}  // namespace

rendered flash_group(const flash_group_attrs& a, render_context& context) {
  static const statics group{{"<div id=\"", "\"", ">", "", "", "</div>"}, root_element::single};
  static const statics message{{"<div id=\"", "\" class=\"flash flash-", "\" role=\"", "\"><p>",
                                "</p><button type=\"button\" aria-label=\"", "\" phx-click=\"", "\">×</button></div>"},
                               root_element::single};
  auto messages = comprehension{message};
  for (const auto& [kind, text] : context.flash()) {
    const auto id = a.id + "-" + word(kind);
    messages.add_keyed(kind, id, word(kind), kind == "error" ? "alert" : "status", text, a.dismiss_label,
                       dismissal(kind, id, context.myself()));
  }
  return rendered{group,
                  a.id,
                  spread(a.rest),
                  std::move(messages),
                  notice(a.id + "-client-error", a.client_error, "phx-client-error"),
                  notice(a.id + "-server-error", a.server_error, "phx-server-error")};
}

}  // namespace beamline::web::live::components
