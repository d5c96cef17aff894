#pragma once

#include "web/live/assign.hpp"
#include "web/live/component.hpp"
#include "web/live/component_socket.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>

namespace gallery {

namespace live = beamline::web::live;

/// A component with a button that breaks it.
class fragile final : public live::component {
public:
  struct attrs {};
  struct assigns {};

  void handle_event(const live::event& e, live::component_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

private:
  assigns assigns_;
};

/// A message that the page does not survive.
struct poison {};

/// /crash: every way to break a view.
class crash_page final : public live::view_of<crash_page, poison> {
public:
  struct assigns {
    live::assign<std::int64_t> count{0};  // Gone after a crash: the next process begins anew.
    live::assign<std::string> process;
    live::assign<std::string> work{"not started"};
    live::assign<bool> is_render_broken{false};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  void handle_info(const poison& m, live::view_socket& s);
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

/// For the template: a text that cannot be made when it is broken.
[[nodiscard]] std::string breakable(bool is_broken);

}  // namespace gallery
