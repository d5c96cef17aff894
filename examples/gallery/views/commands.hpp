#pragma once

#include "web/live/assign.hpp"
#include "web/live/js.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gallery {

namespace live = beamline::web::live;

/// /js: commands that the browser carries out by itself.
class commands_page final : public live::view {
public:
  struct assigns {
    live::assign<std::int64_t> renders{0};  // Patches must leave alone what commands have changed.
    live::assign<std::string> step{"one"};
  };

  void handle_params(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

// What the buttons of the page do.
[[nodiscard]] live::js::commands toggle_menu();
[[nodiscard]] live::js::commands hide_menu();
[[nodiscard]] live::js::commands open_dialog();
[[nodiscard]] live::js::commands close_dialog();
/// Shows the panel of that name and hides the others.
[[nodiscard]] live::js::commands show_panel(std::string_view name);

}  // namespace gallery
