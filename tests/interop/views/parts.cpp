#include "interop/views/parts.hpp"

#include "interop/views/clock.heex.hpp"
#include "interop/views/player.heex.hpp"

namespace beamline::interop {

void clock_view::mount(const live::mount_params& p, live::view_socket&) {
  assigns_.zone = p.session.at("zone").get<std::string>();
}

void clock_view::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "tick")
    return view::handle_event(e, s);
  assigns_.ticks = *assigns_.ticks + 1;
}

live::rendered clock_view::render(live::render_context& c) const { return render_template(assigns_, c); }

void player::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "play")
    return view::handle_event(e, s);
  assigns_.plays = *assigns_.plays + 1;
}

live::rendered player::render(live::render_context& c) const { return render_template(assigns_, c); }

}  // namespace beamline::interop
