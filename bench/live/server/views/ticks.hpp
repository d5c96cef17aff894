#pragma once

#include "live/server/topics.hpp"
#include "web/live/view.hpp"

namespace beamline::bench {

/// Shows the newest value of a topic that changes all the time.
class ticks final : public web::live::view_of<ticks, tick> {
public:
  struct assigns {
    web::live::assign<std::int64_t> number{0};
    web::live::assign<std::int64_t> made_at_us{0};
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_info(const tick& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;

private:
  assigns assigns_;
};

}  // namespace beamline::bench
