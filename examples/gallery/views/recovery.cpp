#include "gallery/views/recovery.hpp"

#include "gallery/views/recovery.heex.hpp"

namespace gallery {

void recovery::mount(const live::mount_params&, live::view_socket& s) {
  show(beamline::json::object());
  assigns_.process = s.connected() ? to_string(s.self()) : "none yet";
}

void recovery::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "change")
    return view::handle_event(e, s);
  show(live::form_params(e, "notes"));
}

void recovery::show(const beamline::json& fields) {
  assigns_.form = live::to_form(fields, {.as = "notes", .data = {{"colour", "blue"}, {"size", "medium"}}});
}

live::rendered recovery::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string recovery::title() const { return "Recovery"; }

}  // namespace gallery
