#include "interop/views/entry.hpp"

#include "interop/views/entry.heex.hpp"

namespace beamline::interop {

namespace {

const live::form_schema<guest>& schema() {
  static const auto made = live::form_schema<guest>{}
                               .field("name", &guest::name, live::required(), live::length({.min = 2, .max = 20}))
                               .field("age", &guest::age, live::required(), live::in_range(18, 130));
  return made;
}

}  // namespace

void entry::mount(const live::mount_params&, live::view_socket&) { show(schema().cast({})); }

void entry::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "check" && e.name != "save")
    return view::handle_event(e, s);
  const auto checked = schema().cast({}, live::form_params(e, "guest"));
  if (e.name == "check" || !checked.is_valid())
    return show(checked);
  assigns_.saved = checked.value().name;
  s.put_flash("info", "Saved " + checked.value().name);
  show(schema().cast({}));
}

live::rendered entry::render(live::render_context& c) const { return render_template(assigns_, c); }

}  // namespace beamline::interop
