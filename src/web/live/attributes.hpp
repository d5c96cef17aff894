#pragma once

#include "base/html.hpp"
#include "web/live/rendered.hpp"

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Attributes whose values are only known when the page is made: what `name={value}` and `{attributes}` mean in a
/// template.
///
///   a text or number      name="value", escaped
///   true, false           name, or nothing; for aria-* and its like name="true", name="false"
///   nullptr, nullopt      nothing
///   anything with .dump() its JSON text
///
/// URLs (href, src, action, ...) that are not safe become `html::blocked_url`, see base/html.hpp, styles
/// `blocked_style`.
namespace beamline::web::live {

template <class T>
inline constexpr bool is_optional_value = false;
template <class T>
inline constexpr bool is_optional_value<std::optional<T>> = true;

/// What an attribute's value is: its text, not escaped, or nothing.
template <class T>
[[nodiscard]] std::optional<std::string> attribute_string(const T& value) {
  if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::nullopt_t>)
    return std::nullopt;
  else if constexpr (is_optional_value<T>)
    return value ? attribute_string(*value) : std::nullopt;
  else if constexpr (requires {
                       { value.dump() } -> std::convertible_to<std::string>;
                     })
    return value.dump();
  else if constexpr (std::convertible_to<const T&, const char*>) {
    const char* text = value;
    return text == nullptr ? std::nullopt : std::optional<std::string>{text};
  } else if constexpr (std::convertible_to<const T&, std::string_view>)
    return std::string{static_cast<std::string_view>(value)};
  else {
    static_assert(number_value<T>,
                  "an attribute takes a text, a number, a bool, nullopt or JSON; convert other values, "
                  "as in name={to_string(x)}");
    return *dynamic{value}.text();
  }
}

/// Any attributes, by name: what a component is given and does not know, or `{attributes}` in a tag. Keeps their order;
/// bounded by what the program sets.
class attributes {
public:
  attributes() = default;
  attributes(std::initializer_list<std::pair<std::string_view, std::string_view>> list);

  /// Sets or replaces one; the value is as in a template. Throws std::invalid_argument for a name that is none, and for
  /// names whose values are scripts (`onclick`, `srcdoc`).
  template <class T>
  attributes& set(std::string_view name, const T& value) {
    if constexpr (std::same_as<T, bool>)
      return put_flag(name, value);
    else
      return put(name, attribute_string(value));
  }
  /// Takes over all of `other`, which win.
  attributes& merge(const attributes& other);

  [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
  /// The text of that attribute; nothing if it is not there. A flag has the empty text.
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  /// ` name="value" flag`, escaped.
  [[nodiscard]] safe_html html() const;

private:
  attributes& put(std::string_view name, std::optional<std::string> value);
  attributes& put_flag(std::string_view name, bool is_there);

  struct item {
    std::string name;
    std::string value;
    bool is_flag = false;
  };
  std::vector<item> list_;
};

/// One name of a class list: a text, nothing, or a name with a condition: `{"is-active", active}`.
class class_name {
public:
  template <class T>
    requires(!std::same_as<T, bool>)
  class_name(const T& name) : text_{attribute_string(name).value_or("")} {}  // NOLINT: implicit on purpose
  template <class T>
  class_name(const T& name, bool is_there) : text_{is_there ? attribute_string(name).value_or("") : std::string{}} {}

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::string text_;
};

/// The value of `class={…}`: one text, or a list `{{"a", {"b", is_b}, c ? "c" : nullptr}}`.
class class_list {
public:
  class_list() = default;
  class_list(std::initializer_list<class_name> names);
  template <class T>
    requires(!std::same_as<T, bool> && !std::same_as<T, class_list>)
  class_list(const T& names) : text_{attribute_string(names).value_or("")} {}  // NOLINT: implicit on purpose

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  operator std::string_view() const noexcept { return text_; }  // NOLINT: an attribute value, on purpose

private:
  std::string text_;
};

/// A value of a style attribute that could leave it, or load something (`url(`, `expression(`, `@`, `\`, `<`), becomes
/// this. Values that are safe: lengths, numbers, colours, lists of them.
inline constexpr std::string_view blocked_style = "/* blocked */";

namespace detail {
[[nodiscard]] dynamic attribute_of(std::string_view name, const std::optional<std::string>& value);
[[nodiscard]] dynamic url_of(std::string_view name, const std::optional<std::string>& value);
[[nodiscard]] dynamic flag_of(std::string_view name, bool is_there);
[[nodiscard]] dynamic text_of(const std::optional<std::string>& value);
[[nodiscard]] dynamic url_text_of(const std::optional<std::string>& value);
[[nodiscard]] dynamic style_of(const std::optional<std::string>& value);
}  // namespace detail

// What templates are compiled to. With a name: the whole attribute, or nothing; without: the value between quotes.

template <class T>
[[nodiscard]] dynamic attribute(std::string_view name, const T& value) {
  if constexpr (std::same_as<T, bool>)
    return detail::flag_of(name, value);
  else
    return detail::attribute_of(name, attribute_string(value));
}

template <class T>
[[nodiscard]] dynamic url_attribute(std::string_view name, const T& value) {
  return detail::url_of(name, attribute_string(value));
}

template <class T>
[[nodiscard]] dynamic enumerated_attribute(std::string_view name, const T& value) {
  if constexpr (std::same_as<T, bool>)
    return detail::attribute_of(name, value ? "true" : "false");
  else
    return detail::attribute_of(name, attribute_string(value));
}

template <class T>
[[nodiscard]] dynamic attribute_text(const T& value) {
  return detail::text_of(attribute_string(value));
}

template <class T>
[[nodiscard]] dynamic url_text(const T& value) {
  return detail::url_text_of(attribute_string(value));
}

template <class T>
[[nodiscard]] dynamic style_text(const T& value) {
  return detail::style_of(attribute_string(value));
}

[[nodiscard]] inline dynamic class_text(const class_list& names) { return dynamic{names.text()}; }

[[nodiscard]] inline dynamic spread(const attributes& all) { return dynamic{all.html()}; }

/// The id of a live component or nested view.
template <class T>
[[nodiscard]] std::string id_text(const T& id) {
  return attribute_string(id).value_or("");
}

}  // namespace beamline::web::live
