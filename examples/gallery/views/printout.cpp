#include "gallery/views/printout.hpp"

#include "gallery/views/printout.heex.hpp"

#include <utility>

namespace gallery {

void printout::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "print") {
    assigns_.printed = assigns_.printed + 1;
    std::vector<std::string> lines;
    for (std::int64_t n = 1; n <= printout_lines; ++n)
      lines.push_back("Printout " + std::to_string(assigns_.printed) + ", line " + std::to_string(n));
    assigns_.lines = std::move(lines);
  } else if (e.name == "ask") {
    assigns_.asked = assigns_.asked + 1;
    assigns_.held = std::ssize(*assigns_.lines);
  } else {
    view::handle_event(e, s);
  }
}

live::rendered printout::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string printout::title() const { return "Temporary values"; }

}  // namespace gallery
