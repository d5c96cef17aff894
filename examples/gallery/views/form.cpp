#include "gallery/views/form.hpp"

#include "gallery/views/form.heex.hpp"

namespace gallery {

void form_page::mount(const live::mount_params&, live::view_socket&) { show(signup_schema().cast({})); }

void form_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "validate" && e.name != "save")
    return view::handle_event(e, s);
  const auto checked = signup_schema().cast({}, live::form_params(e, "signup"));
  if (e.name == "validate" || !checked.is_valid())
    return show(checked);
  assigns_.saved = checked.value();
  s.put_flash("info", "Saved. Welcome, " + checked.value().name + ".");
  show(signup_schema().cast({}));
}

live::rendered form_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string form_page::title() const { return "Form"; }

}  // namespace gallery
