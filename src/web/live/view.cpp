#include "web/live/view.hpp"

#include <stdexcept>

namespace beamline::web::live {

void view::handle_params(const mount_params&, view_socket&) {}

void view::handle_event(const event& e, view_socket&) {
  throw std::runtime_error{"this view handles no events, but got \"" + e.name.substr(0, 64) + "\""};
}

bool view::handle_message(const caf::type_erased_tuple&, view_socket&) { return false; }

std::string view::title() const { return {}; }

}  // namespace beamline::web::live
