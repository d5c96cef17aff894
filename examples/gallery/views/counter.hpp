#pragma once

#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstdint>

namespace gallery {

namespace live = beamline::web::live;

/// /counter: a number, its buttons, and the arrow keys.
class counter final : public live::view {
public:
  struct assigns {
    live::assign<std::int64_t> count{0};
  };

  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

}  // namespace gallery
