#pragma once

#include <cstddef>
#include <string_view>

/// What HTML fixes about the names of attributes, for everybody who writes or checks markup.
namespace beamline::html {

/// Attributes whose value is a URL that the browser follows or loads.
inline constexpr std::string_view url_attributes[] = {"action",     "background", "cite",     "data",
                                                      "formaction", "href",       "longdesc", "manifest",
                                                      "ping",       "poster",     "src",      "xlink:href"};

/// Whether `name` is one of `url_attributes`, in capital letters or not.
[[nodiscard]] constexpr bool is_url_attribute(std::string_view name) noexcept {
  const auto is_same = [](std::string_view a, std::string_view b) {
    if (a.size() != b.size())
      return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if ((a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i]) != b[i])
        return false;
    return true;
  };
  for (const auto known : url_attributes)
    if (is_same(name, known))
      return true;
  return false;
}

}  // namespace beamline::html
