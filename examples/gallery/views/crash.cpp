#include "gallery/views/crash.hpp"

#include "gallery/reaper.hpp"
#include "gallery/views/crash.heex.hpp"
#include "gallery/views/fragile.heex.hpp"

#include <stdexcept>

namespace gallery {

namespace {

[[noreturn]] void fail(const char* where) { throw std::runtime_error{std::string{"broken on purpose, in "} + where}; }

}  // namespace

void fragile::handle_event(const live::event& e, live::component_socket& s) {
  if (e.name == "crash")
    fail("a component's handle_event");
  component::handle_event(e, s);
}

live::rendered fragile::render(live::render_context& c) const { return render_template(assigns_, c); }

void crash_page::mount(const live::mount_params& p, live::view_socket& s) {
  if (const auto* where = beamline::find_string(p.params, "crash"); where != nullptr && *where == "mount")
    fail("mount");
  else if (where != nullptr && *where == "render")
    assigns_.is_render_broken = true;
  assigns_.process = s.connected() ? to_string(s.self()) : "none yet";
}

void crash_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "inc")
    assigns_.count = assigns_.count + 1;
  else if (e.name == "crash-event")
    fail("handle_event");
  else if (e.name == "crash-info")
    s.cast(s.self(), poison{});
  else if (e.name == "kill")
    s.cast(beamline::pid{s.self().node_ptr(), reaper_name}, kill_order{s.self()});
  else if (e.name == "crash-render")
    assigns_.is_render_broken = true;
  else if (e.name == "crash-async") {
    assigns_.work = "running";
    s.start_async(
        "work", []() -> int { fail("asynchronous work"); },
        [this](live::async_outcome<int>& r) { assigns_.work = r ? "done" : "crashed, and only the work"; });
  } else
    view::handle_event(e, s);
}

void crash_page::handle_info(const poison&, live::view_socket&) { fail("handle_info"); }

live::rendered crash_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string crash_page::title() const { return "Crash"; }

std::string breakable(bool is_broken) {
  if (is_broken)
    fail("render");
  return "in order";
}

}  // namespace gallery
