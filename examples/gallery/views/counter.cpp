#include "gallery/views/counter.hpp"

#include "gallery/views/counter.heex.hpp"

namespace gallery {

namespace {

// The value of the button, or what a key stands for; 0 for keys that mean nothing here.
std::int64_t step_of(const live::event& e) {
  if (e.name == "inc")
    return 1;
  if (e.name == "dec")
    return -1;
  const auto* key = beamline::find_string(e.value, "key");
  if (key == nullptr)
    return 0;
  return *key == "ArrowUp" ? 1 : *key == "ArrowDown" ? -1 : 0;
}

}  // namespace

void counter::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "reset") {
    // What a script sends is as much the visitor's as what is typed.
    const auto to = e.value.find("to");
    if (to != e.value.end() && to->is_number_integer() && to->get<std::int64_t>() == 0)
      assigns_.count = 0;
    return;
  }
  if (e.name != "inc" && e.name != "dec" && e.name != "key")
    return view::handle_event(e, s);
  assigns_.count = assigns_.count + step_of(e);
}

live::rendered counter::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string counter::title() const { return "Counter"; }

}  // namespace gallery
