#include "live/server/views/counter.hpp"

#include "bench/live/server/views/counter.heex.hpp"
#include "live/server/sources.hpp"

namespace beamline::bench {

void counter::mount(const web::live::mount_params&, web::live::view_socket& s) { subscribe(s, likes_topic()); }

void counter::handle_event(const web::live::event& e, web::live::view_socket& s) {
  if (e.name == "like")
    s.cast(s.env().get<sources>().scoreboard, like{});
  else if (e.name == "bump")
    assigns_.own = assigns_.own + 1;
  else
    view::handle_event(e, s);
}

void counter::handle_info(const likes_changed& m, web::live::view_socket&) { assigns_.likes = m.likes; }

web::live::rendered counter::render(web::live::render_context& c) const { return render_template(assigns_, c); }

}  // namespace beamline::bench
