#include "interop/views/leaf.hpp"

#include "interop/views/leaf.heex.hpp"

namespace beamline::interop {

void leaf::handle_event(const live::event& e, live::component_socket& s) {
  if (e.name != "bump")
    return component::handle_event(e, s);
  assigns_.count = *assigns_.count + 1;
  s.push_event("bumped", {{"leaf", *assigns_.name}, {"count", *assigns_.count}});
}

live::rendered leaf::render(live::render_context& c) const { return render_template(assigns_, c); }

}  // namespace beamline::interop
