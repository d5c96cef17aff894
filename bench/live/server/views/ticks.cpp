#include "live/server/views/ticks.hpp"

#include "bench/live/server/views/ticks.heex.hpp"

namespace beamline::bench {

void ticks::mount(const web::live::mount_params&, web::live::view_socket& s) { subscribe(s, tick_topic()); }

void ticks::handle_info(const tick& m, web::live::view_socket&) {
  assigns_.number = m.number;
  assigns_.made_at_us = m.made_at_us;
}

web::live::rendered ticks::render(web::live::render_context& c) const { return render_template(assigns_, c); }

}  // namespace beamline::bench
