#pragma once

#include "web/live/assign.hpp"
#include "web/live/component.hpp"
#include "web/live/component_socket.hpp"

#include <string>

namespace beamline::interop {

namespace live = web::live;

/// A live component which counts by itself.
class leaf final : public live::component {
public:
  struct attrs {
    std::string name;
    std::string label;
  };
  struct assigns {
    live::assign<std::string> name;
    live::assign<std::string> label;
    live::assign<int> count{0};
  };

  void update(const attrs& a, live::component_socket&) {
    assigns_.name = a.name;
    assigns_.label = a.label;
  }
  void handle_event(const live::event& e, live::component_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

}  // namespace beamline::interop
