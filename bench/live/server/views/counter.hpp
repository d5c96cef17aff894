#pragma once

#include "live/server/topics.hpp"
#include "web/live/view.hpp"

#include <cstdint>

namespace beamline::bench {

/// A small page: a number that all visitors share, and one of each visitor's own.
class counter final : public web::live::view_of<counter, likes_changed> {
public:
  struct assigns {
    web::live::assign<std::int64_t> likes{0};
    web::live::assign<std::int64_t> own{0};
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  /// `like` tells everybody, `bump` nobody else.
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  void handle_info(const likes_changed& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;

private:
  assigns assigns_;
};

}  // namespace beamline::bench
