#include "web/template/ast.hpp"

#include <algorithm>

namespace beamline::web::heex {

const parameter* unit::find_parameter(std::string_view wanted) const {
  const auto found = std::ranges::find(parameters, wanted, &parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

const slot_parameter* unit::find_slot(std::string_view wanted) const {
  const auto found = std::ranges::find(slots, wanted, &slot_parameter::name);
  return found == slots.end() ? nullptr : &*found;
}

const unit* template_file::find_component(std::string_view wanted) const {
  const auto found =
      std::ranges::find_if(units, [&](const unit& u) { return u.what == unit::kind::component && u.name == wanted; });
  return found == units.end() ? nullptr : &*found;
}

}  // namespace beamline::web::heex
