#pragma once

#include "web/live/assign.hpp"
#include "web/live/form.hpp"
#include "web/live/view.hpp"

#include <string>

namespace gallery {

namespace live = beamline::web::live;

/// /recovery: what stays as the visitor left it when the connection or the server was away.
class recovery final : public live::view {
public:
  struct assigns {
    live::assign<live::form> form;
    live::assign<std::string> process;  // Which one serves this page: another after every reconnect.
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  void show(const beamline::json& fields);

  assigns assigns_;
};

}  // namespace gallery
