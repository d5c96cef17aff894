#include "gallery/views/commands.hpp"

#include "gallery/views/commands.heex.hpp"

namespace gallery {

namespace js = live::js;

void commands_page::handle_params(const live::mount_params& p, live::view_socket&) {
  const auto* step = beamline::find_string(p.params, "step");
  assigns_.step = step != nullptr && *step == "two" ? "two" : "one";
}

void commands_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "render")
    return view::handle_event(e, s);
  assigns_.renders = assigns_.renders + 1;
}

live::rendered commands_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string commands_page::title() const { return "Commands"; }

// -- what the buttons do -------------------------------------------------------------------------------

js::commands toggle_menu() {
  return js::toggle("#menu", {.in = {"fading", "is-away", "is-here"}, .out = {"fading", "is-here", "is-away"}})
      .toggle_attr("aria-expanded", "true", "false", {.to = "#menu-toggle"});
}

js::commands hide_menu() {
  return js::hide("#menu", {.transition = {"fading", "is-here", "is-away"}})
      .set_attr("aria-expanded", "false", {.to = "#menu-toggle"});
}

js::commands open_dialog() {
  return js::push_focus()
      .show("#backdrop", {.transition = {"fading", "is-away", "is-here"}})
      .show("#dialog", {.transition = {"fading", "is-away", "is-here"}})
      .focus_first({.to = "#dialog-content"});
}

js::commands close_dialog() {
  return js::hide("#dialog", {.transition = {"fading", "is-here", "is-away"}})
      .hide("#backdrop", {.transition = {"fading", "is-here", "is-away"}})
      .pop_focus();
}

js::commands show_panel(std::string_view name) {
  const auto tab = "#tab-" + std::string{name};
  return js::set_attr("aria-selected", "false", {.to = "#tabs [role=tab]"})
      .set_attr("aria-selected", "true", {.to = tab})
      .hide("#tabs [role=tabpanel]")
      .show("#panel-" + std::string{name});
}

}  // namespace gallery
