#pragma once

#include "web/live/live_socket.hpp"

namespace beamline::web::live {

/// A component's side of its view. Lives as long as the component does.
class component_socket : public live_socket {
public:
  /// The component's number, for `phx-target`.
  [[nodiscard]] virtual component_id myself() const = 0;
};

/// From any process: gives a component of a connected view new attributes. A cast: it is lost when the view has gone,
/// or has no such component.
///
///   cast(view, live::component_update{live::place_of<counter>("likes", {.start = 7})});
struct component_update {
  std::shared_ptr<const component_place> place;
};

}  // namespace beamline::web::live
