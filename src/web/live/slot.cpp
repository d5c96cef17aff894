#include "web/live/slot.hpp"

#include <memory>
#include <stdexcept>

namespace beamline::web::live {

rendered detail::joined(std::vector<dynamic> values) {
  // One template for each number of entries, with nothing around them.
  static const auto templates = [] {
    auto all = std::vector<std::unique_ptr<const statics>>{};
    for (std::size_t n = 0; n <= slot_entries_max; ++n)
      all.push_back(std::make_unique<const statics>(std::vector<std::string>(n + 1)));
    return all;
  }();
  if (values.size() > slot_entries_max)
    throw std::logic_error{"live::render_slot: " + std::to_string(values.size()) + " entries in one slot; at most "
                           + std::to_string(slot_entries_max) + " can be rendered together, use :for in the component"};
  const auto& tpl = *templates[values.size()];
  return rendered{tpl, std::move(values)};
}

}  // namespace beamline::web::live
