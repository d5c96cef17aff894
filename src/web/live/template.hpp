#pragma once

#include "web/live/assign.hpp"
#include "web/live/attributes.hpp"
#include "web/live/render_context.hpp"
#include "web/live/rendered.hpp"
#include "web/live/slot.hpp"
#include "web/live/template_error.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// The built-in function components, found by templates without a prefix: <.link>, <.form>, ...
namespace beamline::web::live::components {}

/// What the C++ that `beamline_heex` makes of templates is written against, beside the public types included here.
namespace beamline::web::live {

/// A reference that a component is given (`rows: const std::vector<row>&`). Refers to the caller's value, which lives
/// as long as the call.
template <class T>
class borrowed {
public:
  borrowed() = default;
  borrowed(T& value) noexcept : value_{&value} {}  // NOLINT: implicit on purpose
  [[nodiscard]] T& get() const noexcept { return *value_; }
  operator T&() const noexcept { return *value_; }  // NOLINT: implicit on purpose

private:
  T* value_ = nullptr;
};

template <class T>
[[nodiscard]] T& value_of(const borrowed<T>& member) noexcept {
  return member.get();
}

/// For the last value, made of these members where all values are evaluated: a temporary that the client was given is
/// empty by now, so what was made of it stays until one of the members changes.
template <class... Members>
void keep_shown([[maybe_unused]] std::vector<dynamic>& values, [[maybe_unused]] const changes& since_sent,
                [[maybe_unused]] std::uint64_t mask, const Members&...) {
  if constexpr ((is_temporary<Members> || ...))
    if (!since_sent.has(mask))
      values.back().keep_shown();
}

/// What `{value}` inserts between tags.
template <class T>
[[nodiscard]] dynamic insert(T&& value) {
  using plain = std::remove_cvref_t<T>;
  static_assert(!std::same_as<plain, bool>, "a bool has no text; write {x ? \"yes\" : \"no\"}, or use :if");
  static_assert(!std::same_as<plain, char>, "a char is inserted as a text; write {std::string(1, c)}");
  static_assert(!std::same_as<plain, std::nullptr_t>, "nullptr has no text; use :if to leave something out");
  if constexpr (std::same_as<plain, std::nullopt_t>)
    return dynamic{""};
  else if constexpr (is_optional_value<plain> && !std::convertible_to<T&&, dynamic>)
    return value ? insert(*std::forward<T>(value)) : dynamic{""};
  else if constexpr (std::convertible_to<T&&, dynamic>)
    return dynamic{std::forward<T>(value)};
  else {
    static_assert(std::convertible_to<T&&, std::string_view>,
                  "this value has no text; write an expression that gives a text, a number, safe_html or a tree");
    return dynamic{static_cast<std::string_view>(value)};
  }
}

/// What `:let={{a, b}}` takes apart: the parts of one value, or several values.
template <class T>
[[nodiscard]] const T& packed(const T& one) noexcept {
  return one;
}
template <class... T>
  requires(sizeof...(T) > 1)
[[nodiscard]] std::tuple<const T&...> packed(const T&... all) noexcept { return {all...}; }

/// What the entries of a slot refer to until their component is rendered, when the turn of the loop that made it is
/// over.
class kept_values {
public:
  /// A reference to what lives elsewhere, or to a value that lives here from now on.
  template <class T>
  [[nodiscard]] T&& keep(T&& value) {
    if constexpr (std::is_lvalue_reference_v<T>)
      return value;
    else {
      auto kept = std::make_shared<T>(std::forward<T>(value));
      auto& here = *kept;
      values_.push_back(std::move(kept));
      return static_cast<T&&>(here);
    }
  }

private:
  std::vector<std::shared_ptr<const void>> values_;
};

/// The list that a loop over `range` makes: a stream brings its own positions.
template <class Range>
[[nodiscard]] comprehension list_of(const statics& tpl, const Range& range) {
  if constexpr (std::derived_from<Range, stream_base>)
    return comprehension{tpl, range};
  else
    return comprehension{tpl};
}

/// What `:key={value}` makes the row known by.
template <class T>
[[nodiscard]] std::optional<std::string> row_key(const T& value) {
  static_assert(!std::same_as<T, bool>, "a bool is no key: keys are unique within a list");
  return attribute_string(value).value_or("");
}

/// A name as a template argument.
template <std::size_t N>
struct fixed_name {
  char text[N]{};
  constexpr fixed_name(const char (&literal)[N]) { std::copy_n(literal, N, text); }  // NOLINT: implicit on purpose
  [[nodiscard]] constexpr std::string_view view() const { return {text, N - 1}; }
};

/// What a call of a component gives it.
template <fixed_name... Names>
struct names {
  [[nodiscard]] static constexpr bool has(std::string_view name) { return ((Names.view() == name) || ...); }
};

/// False once the type is known: what is not to compile with any.
template <class T>
inline constexpr bool is_no_type = false;

/// Does not compile unless all is given that `Attrs` declares as needed; attributes written by hand need nothing.
template <class Attrs, class Given>
[[nodiscard]] constexpr bool check_given() {
  if constexpr (requires { Attrs::template check<Given>; })
    return Attrs::template check<Given>();
  else
    return true;
}

}  // namespace beamline::web::live
