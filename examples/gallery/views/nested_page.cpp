#include "gallery/views/nested_page.hpp"

#include "gallery/views/inner_view.heex.hpp"
#include "gallery/views/nested_page.heex.hpp"
#include "gallery/views/player.heex.hpp"

#include <stdexcept>

namespace gallery {

void nested_page::mount(const live::mount_params& p, live::view_socket& s) {
  assigns_.is_other = p.action == "other";
  assigns_.process = s.connected() ? to_string(s.self()) : "none yet";
}

live::rendered nested_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string nested_page::title() const { return assigns_.is_other ? "Nested views, the other page" : "Nested views"; }

// -- inner views ---------------------------------------------------------------------------------

void inner_view::mount(const live::mount_params& p, live::view_socket& s) {
  const auto* name = beamline::find_string(p.session, "name");
  assigns_.name = name != nullptr ? *name : "child";
  assigns_.process = s.connected() ? to_string(s.self()) : "none yet";
}

void inner_view::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "inc")
    assigns_.count = assigns_.count + 1;
  else if (e.name == "crash")
    throw std::runtime_error{"broken on purpose, in the nested view " + *assigns_.name};
  else
    view::handle_event(e, s);
}

live::rendered inner_view::render(live::render_context& c) const { return render_template(assigns_, c); }

// -- the player ----------------------------------------------------------------------------------

void player::mount(const live::mount_params&, live::view_socket& s) {
  if (s.connected())
    s.run_after(std::chrono::seconds{1}, [this, &s] { tick(s); });
}

void player::tick(live::view_socket& s) {
  if (assigns_.is_playing)
    assigns_.seconds = assigns_.seconds + 1;
  s.run_after(std::chrono::seconds{1}, [this, &s] { tick(s); });
}

void player::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "toggle")
    return view::handle_event(e, s);
  assigns_.is_playing = !assigns_.is_playing;
}

live::rendered player::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string minutes_text(std::int64_t seconds) {
  const auto rest = std::to_string(seconds % 60);
  return std::to_string(seconds / 60) + (rest.size() < 2 ? ":0" : ":") + rest;
}

}  // namespace gallery
