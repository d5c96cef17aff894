#pragma once

#include "gallery/ticker.hpp"
#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <cstdint>
#include <string>

namespace gallery {

namespace live = beamline::web::live;

/// /clock: one number that everybody sees.
class clock_page final : public live::view_of<clock_page, clock_tick> {
public:
  struct assigns {
    live::assign<std::uint64_t> tick{0};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_info(const clock_tick& m, live::view_socket& s);
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

/// The time of day at that tick, in UTC: 07:05:09.
[[nodiscard]] std::string time_text(std::uint64_t tick);

}  // namespace gallery
