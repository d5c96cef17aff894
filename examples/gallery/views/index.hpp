#pragma once

#include "web/live/view.hpp"

#include <string>

namespace gallery {

namespace live = beamline::web::live;

/// /: all pages, grouped, with one sentence each.
class index_page final : public live::view {
public:
  struct assigns {};

  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
};

}  // namespace gallery
