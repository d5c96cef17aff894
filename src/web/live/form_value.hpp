#pragma once

#include "base/json.hpp"

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

/// From what stands in a form field to a C++ value and back.
///
/// A type of your own becomes usable in forms by a specialisation of `form_value` with three static members: `parse`
/// (nothing: it cannot be), `text` (its inverse) and `complaint`, what is said to the visitor when `parse` fails.
/// Text from a form is already valid UTF-8; white space at both ends is not part of numbers, dates and choices.
namespace beamline::web::live {

/// Without white space at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

template <class T>
struct form_value;

template <>
struct form_value<std::string> {
  static constexpr std::string_view complaint = "is not a text";
  static std::optional<std::string> parse(std::string_view text) { return std::string{text}; }
  static std::string text(const std::string& value) { return value; }
};

/// Checkboxes: put `<input type="hidden" name=... value="false">` in front, else the browser sends nothing for "no".
template <>
struct form_value<bool> {
  static constexpr std::string_view complaint = "is neither yes nor no";
  static std::optional<bool> parse(std::string_view text);
  static std::string text(bool value) { return value ? "true" : "false"; }
};

template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>)
struct form_value<T> {
  static constexpr std::string_view complaint = "is not a whole number, or too large";
  static std::optional<T> parse(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+'))
      text.remove_prefix(1);
    auto value = T{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size() || text.empty())
      return std::nullopt;
    return value;
  }
  static std::string text(T value) { return std::to_string(value); }
};

template <>
struct form_value<double> {
  static constexpr std::string_view complaint = "is not a number";
  /// Decimal, as in `-1.5e3`; never infinite.
  static std::optional<double> parse(std::string_view text);
  static std::string text(double value);
};

/// <input type="date">: `2026-02-28`.
template <>
struct form_value<std::chrono::year_month_day> {
  static constexpr std::string_view complaint = "is not a date like 2026-02-28";
  static std::optional<std::chrono::year_month_day> parse(std::string_view text);
  static std::string text(std::chrono::year_month_day value);
};

/// Nothing typed is nothing.
template <class T>
struct form_value<std::optional<T>> {
  static constexpr std::string_view complaint = form_value<T>::complaint;
  static std::optional<std::optional<T>> parse(std::string_view text) {
    if (trimmed(text).empty())
      return std::optional<T>{};
    auto value = form_value<T>::parse(text);
    return value ? std::optional<std::optional<T>>{std::move(value)} : std::nullopt;
  }
  static std::string text(const std::optional<T>& value) { return value ? form_value<T>::text(*value) : std::string{}; }
};

template <class T>
inline constexpr bool is_form_list = false;
template <class T>
inline constexpr bool is_form_list<std::vector<T>> = true;

template <class T>
concept form_scalar = requires(std::string_view text, const T& value) {
  { form_value<T>::parse(text) } -> std::same_as<std::optional<T>>;
  { form_value<T>::text(value) } -> std::convertible_to<std::string>;
  { form_value<T>::complaint } -> std::convertible_to<std::string_view>;
};

/// What came of one field.
template <class T>
struct parsed_field {
  std::optional<T> value;  // Nothing: it could not be read.
  bool is_blank = false;   // Nothing but white space, or no choice.
};

/// Reads what a browser sent for a field: a text, or a list of texts (`u[tags][]`) for a vector; its empty members,
/// which browsers send for "none", do not count.
template <class T>
[[nodiscard]] parsed_field<T> parse_field(const json& sent) {
  if constexpr (is_form_list<T>) {
    auto out = T{};
    if (!sent.is_array())
      return {sent.is_string() && sent.template get_ref<const std::string&>().empty() ? std::optional{out}
                                                                                      : std::nullopt,
              true};
    for (const auto& member : sent) {
      const auto* text = member.template get_ptr<const std::string*>();
      if (text != nullptr && text->empty())
        continue;
      auto value = text != nullptr ? form_value<typename T::value_type>::parse(*text) : std::nullopt;
      if (!value)
        return {std::nullopt, false};
      out.push_back(*std::move(value));
    }
    return {out, out.empty()};
  } else {
    const auto* text = sent.template get_ptr<const std::string*>();
    if (text == nullptr)
      return {std::nullopt, false};
    const auto is_blank = trimmed(*text).empty();
    if (is_blank && !std::same_as<T, std::string>)
      return {T{}, true};
    return {form_value<T>::parse(*text), is_blank};
  }
}

/// What a field should show for a value.
template <class T>
[[nodiscard]] json field_value(const T& value) {
  if constexpr (is_form_list<T>) {
    auto out = json::array();
    for (const auto& member : value)
      out.push_back(form_value<typename T::value_type>::text(member));
    return out;
  } else {
    return form_value<T>::text(value);
  }
}

/// Whether a value of the program counts as nothing.
template <class T>
[[nodiscard]] bool is_blank_value(const T& value) {
  if constexpr (requires { value.has_value(); })
    return !value.has_value();
  else if constexpr (std::same_as<T, std::string>)
    return trimmed(value).empty();
  else if constexpr (is_form_list<T>)
    return value.empty();
  else
    return false;
}

template <class T>
[[nodiscard]] constexpr std::string_view field_complaint() {
  if constexpr (is_form_list<T>)
    return form_value<typename T::value_type>::complaint;
  else
    return form_value<T>::complaint;
}

}  // namespace beamline::web::live
