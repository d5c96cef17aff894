#include "testing/live/html_facts.hpp"

#include <algorithm>
#include <array>

namespace beamline::testing {

bool is_void_element(std::string_view name) noexcept {
  static constexpr auto names = std::array<std::string_view, 14>{
      "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"};
  return std::ranges::find(names, name) != names.end();
}

bool is_raw_text_element(std::string_view name) noexcept {
  return name == "script" || name == "style" || name == "xmp" || name == "iframe" || name == "noembed"
      || name == "noframes";
}

bool is_text_element(std::string_view name) noexcept { return name == "textarea" || name == "title"; }

}  // namespace beamline::testing
