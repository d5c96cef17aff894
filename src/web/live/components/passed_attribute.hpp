#pragma once

#include "web/live/attributes.hpp"

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace beamline::web::live::components {

/// An attribute that a component passes on to the element it makes, with the value as in a template: `true` is the name
/// alone; `false`, `nullptr` and an empty optional leave it out.
class passed_attribute {
public:
  passed_attribute() = default;
  template <class T>
    requires(!std::same_as<std::remove_cvref_t<T>, passed_attribute>)
  passed_attribute(const T& value) {  // NOLINT: implicit on purpose
    if constexpr (std::same_as<T, bool>)
      value_ = value;
    else if (auto text = attribute_string(value))
      value_ = *std::move(text);
  }

  void add_to(attributes& to, std::string_view name) const {
    if (const auto* flag = std::get_if<bool>(&value_))
      to.set(name, *flag);
    else if (const auto* text = std::get_if<std::string>(&value_))
      to.set(name, *text);
  }

private:
  std::variant<std::monostate, bool, std::string> value_;
};

/// The attributes of those names that were given, and then `rest`, which wins.
[[nodiscard]] inline attributes passed_on(std::initializer_list<std::pair<std::string_view, passed_attribute>> given,
                                          const attributes& rest) {
  auto all = attributes{};
  for (const auto& [name, value] : given)
    value.add_to(all, name);
  return all.merge(rest);
}

}  // namespace beamline::web::live::components
