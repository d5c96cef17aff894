#pragma once

#include "web/live/template.hpp"

namespace golden {

/// A component written in C++.
struct by_hand_attrs {
  std::string text = "none";
  beamline::web::live::slot<> inner_block;
};
[[nodiscard]] beamline::web::live::rendered by_hand(const by_hand_attrs& a, beamline::web::live::render_context& c);

}  // namespace golden
