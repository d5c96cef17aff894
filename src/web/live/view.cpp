#include "web/live/view.hpp"

#include "web/live/component_socket.hpp"

#include <stdexcept>

namespace beamline::web::live {

void view::mount(const mount_params&, view_socket&) {}

void view::handle_params(const mount_params&, view_socket&) {}

void view::handle_event(const event& e, view_socket&) {
  throw std::runtime_error{"this view handles no events, but got \"" + e.name.substr(0, 64) + "\""};
}

bool view::handle_message(const caf::type_erased_tuple&, view_socket&) { return false; }

std::string view::title() const { return {}; }

safe_html view::head() const { return {}; }

void view::terminate(const reason&) {}

// -- its socket --------------------------------------------------------------------------------

pubsub::subscription_ptr view_socket::do_subscribe(const std::string& topic, pubsub::delivery how,
                                                   std::string_view system) {
  if (!connected())
    return nullptr;
  const auto when_full = how == pubsub::delivery::each ? pubsub::overflow::disconnect : pubsub::overflow::drop;
  auto s = pubsub::system_of(env(), system).subscribe(self(), topic, {.how = how, .when_full = when_full});
  if (!s)
    throw std::runtime_error{"subscribe to \"" + topic + "\": " + s.error().message};
  return *std::move(s);
}

void view_socket::attach_hook(std::string name, stage::handle_params_stage, params_hook fn) {
  hooks().params.attach(std::move(name), std::move(fn));
}
void view_socket::attach_hook(std::string name, stage::handle_event_stage, event_hook fn) {
  hooks().events.attach(std::move(name), std::move(fn));
}
void view_socket::attach_hook(std::string name, stage::handle_info_stage, info_hook fn) {
  hooks().infos.attach(std::move(name), std::move(fn));
}
void view_socket::attach_hook(std::string name, stage::after_render_stage, render_hook fn) {
  hooks().renders.attach(std::move(name), std::move(fn));
}

}  // namespace beamline::web::live
