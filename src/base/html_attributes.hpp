#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What HTML fixes about the names of attributes, for everybody who writes or checks markup.
namespace beamline::html {

/// Attributes whose value is a URL that the browser follows or loads.
inline constexpr std::string_view url_attributes[] = {"action",     "background", "cite",     "data",
                                                      "formaction", "href",       "longdesc", "manifest",
                                                      "ping",       "poster",     "src",      "xlink:href"};

/// Attributes that say "true" and "false", beside all of `aria-*`.
inline constexpr std::string_view enumerated_attributes[] = {"contenteditable", "draggable", "spellcheck"};

[[nodiscard]] constexpr char lower_letter(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// A name of HTML as the browser knows it: capital letters are small ones.
[[nodiscard]] inline std::string lower_name(std::string_view name) {
  auto out = std::string{name};
  for (auto& c : out)
    c = lower_letter(c);
  return out;
}

/// Whether the browser takes two names for one.
[[nodiscard]] constexpr bool is_same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower_letter(a[i]) != lower_letter(b[i]))
      return false;
  return true;
}

/// Whether `name` is one of `url_attributes`, in capital letters or not.
[[nodiscard]] constexpr bool is_url_attribute(std::string_view name) noexcept {
  for (const auto known : url_attributes)
    if (is_same_name(name, known))
      return true;
  return false;
}

/// Whether a bool is written out: false means something else than that there is no such attribute.
[[nodiscard]] constexpr bool is_enumerated_attribute(std::string_view name) noexcept {
  for (const auto known : enumerated_attributes)
    if (is_same_name(name, known))
      return true;
  return is_same_name(name.substr(0, 5), "aria-");
}

/// Whether its value is a script: `onclick` and its like.
[[nodiscard]] constexpr bool is_script_attribute(std::string_view name) noexcept {
  return name.size() > 2 && is_same_name(name.substr(0, 2), "on");
}
/// Whether it is a script, or a page of its own (`srcdoc`), in which nothing escapes what is inserted.
[[nodiscard]] constexpr bool takes_no_values(std::string_view name) noexcept {
  return is_script_attribute(name) || is_same_name(name, "srcdoc");
}

}  // namespace beamline::html
