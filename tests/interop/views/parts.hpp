#pragma once

#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <string>

namespace beamline::interop {

namespace live = web::live;

/// A nested view: counts its ticks, and crashes by itself. Its zone comes from the parent's session for it.
class clock_view final : public live::view {
public:
  struct assigns {
    live::assign<std::string> zone;
    live::assign<int> ticks{0};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

/// A sticky view: stays while the page navigates.
class player final : public live::view {
public:
  struct assigns {
    live::assign<int> plays{0};
  };

  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

}  // namespace beamline::interop
