#pragma once

#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstdint>

namespace gallery {

namespace live = beamline::web::live;

/// /hooks: the page's own code, and what it and the view tell each other.
class hooks_page final : public live::view {
public:
  struct assigns {
    live::assign<std::int64_t> rings{0};
    live::assign<std::int64_t> points{0};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  void push_point(live::view_socket& s);

  assigns assigns_;
};

}  // namespace gallery
