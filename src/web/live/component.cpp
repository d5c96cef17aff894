#include "web/live/component.hpp"

#include <stdexcept>

namespace beamline::web::live {

void component::mount(component_socket&) {}

void component::handle_event(const event& e, component_socket&) {
  throw std::runtime_error{"this component handles no events, but got \"" + e.name.substr(0, 64) + "\""};
}

}  // namespace beamline::web::live
