#pragma once

#include "base/html.hpp"
#include "web/live/statics.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// The output of a render function: a tree of templates (`statics`) and the values between their parts.
///
///   static const statics row{{"<li id=\"row-", "\">", "</li>"}};
///   static const statics page{{"<h1>", "</h1><ul>", "</ul>", ""}};
///   auto rows = comprehension{row};
///   for (const auto& post : posts)
///     rows.add_keyed(post.id, post.id, post.title);
///   return rendered{page, title, std::move(rows), when(is_admin, [&] { return rendered{footer, name}; })};
///
/// Values are escaped for HTML text and for quoted attribute values unless they are typed `safe_html`. A value must
/// never stand in an unquoted attribute, in a tag or attribute name, or inside `<script>` or `<style>`.
///
/// A tree is a plain value, made by one render and read by one diff. Templates are referred to by address and must
/// outlive the tree. Mistakes of the program (wrong number of values, a list with and without keys) throw
/// `std::logic_error`: the view dies before the browser gets a tree that would leave its page stuck.
namespace beamline::web::live {

class component_place;
class dynamic;
class stream_base;

/// Says of a value that the client has it already, so that it need not even be evaluated. Only legal where the client
/// has the template around it, else the diff throws std::logic_error.
struct unchanged_value {
  friend bool operator==(const unchanged_value&, const unchanged_value&) = default;
};
inline constexpr unchanged_value unchanged{};

/// Templates nested deeper make `to_html` and the diff throw.
inline constexpr std::size_t tree_depth_max = 128;

/// One template with its values.
class rendered {
public:
  template <class... Values>
  explicit rendered(const statics& tpl, Values&&... values);
  /// For values that are computed in a loop. Throws unless there are exactly `tpl.dynamics()` of them.
  rendered(const statics& tpl, std::vector<dynamic> values);
  template <class... Values>
  explicit rendered(const statics&& tpl, Values&&... values) = delete;  // The template would dangle.
  rendered(const rendered&);
  rendered(rendered&&) noexcept;
  rendered& operator=(const rendered&);
  rendered& operator=(rendered&&) noexcept;
  ~rendered();

  [[nodiscard]] const statics& tpl() const noexcept { return *tpl_; }
  [[nodiscard]] const std::vector<dynamic>& values() const noexcept { return values_; }

private:
  const statics* tpl_;
  std::vector<dynamic> values_;
};

/// One template with a list of value rows.
///
/// With keys (unique, else the diff throws) a row is known when it moves; without, its position is the key.
class comprehension {
public:
  struct entry {
    std::string key;
    std::vector<dynamic> values;
  };

  explicit comprehension(const statics& tpl);
  /// The rows of a stream: one for each item that is to be sent, in the stream's order, added without a key. The stream
  /// must be as it is until the tree has been encoded.
  comprehension(const statics& tpl, const stream_base& stream);
  explicit comprehension(const statics&& tpl) = delete;  // The template would dangle.
  comprehension(const statics&& tpl, const stream_base&) = delete;
  comprehension(const comprehension&);
  comprehension(comprehension&&) noexcept;
  comprehension& operator=(const comprehension&);
  comprehension& operator=(comprehension&&) noexcept;
  ~comprehension();

  /// Appends a row that is known by its position.
  template <class... Values>
  comprehension& add(Values&&... values);
  /// Appends a row that is known by `key`: a string or an integer.
  template <class Key, class... Values>
  comprehension& add_keyed(const Key& key, Values&&... values);
  /// For rows that are computed in a loop. Throws unless there are exactly `tpl().dynamics()` values.
  comprehension& add_row(std::optional<std::string> key, std::vector<dynamic> values);

  [[nodiscard]] const statics& tpl() const noexcept { return *tpl_; }
  [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] bool is_keyed() const noexcept { return is_keyed_; }
  /// Null for an ordinary list.
  [[nodiscard]] const stream_base* stream() const noexcept { return stream_; }

private:
  const statics* tpl_;
  const stream_base* stream_ = nullptr;
  bool is_keyed_ = false;
  std::vector<entry> entries_;
};

template <class T>
concept number_value = std::floating_point<T> ||(std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>);

/// One value of a template: text (escaped already), a nested template, a list or stream, the place of a live component,
/// or the word that nothing changed.
class dynamic {
public:
  dynamic(std::string_view text) { html::append_attribute(text_init(), text); }  // NOLINT: implicit on purpose
  dynamic(const char* text) : dynamic{std::string_view{text}} {}                 // NOLINT: implicit on purpose
  dynamic(const std::string& text) : dynamic{std::string_view{text}} {}          // NOLINT: implicit on purpose
  dynamic(safe_html safe) : value_{std::move(safe).str()} {}                     // NOLINT: implicit on purpose
  dynamic(rendered tree) : value_{std::move(tree)} {}                            // NOLINT: implicit on purpose
  dynamic(comprehension list) : value_{std::move(list)} {}                       // NOLINT: implicit on purpose
  dynamic(unchanged_value) : value_{unchanged} {}                                // NOLINT: implicit on purpose
  explicit dynamic(std::shared_ptr<const component_place> place) : value_{std::move(place)} {}
  /// Nothing at all is the empty text.
  dynamic(std::optional<rendered> tree) {  // NOLINT: implicit on purpose
    if (tree)
      value_ = *std::move(tree);
  }
  template <number_value Number>
  dynamic(Number number) : dynamic{of_number(number)} {}  // NOLINT: implicit on purpose
  dynamic(bool) = delete;                                 // What it should look like is the caller's decision.
  dynamic(char) = delete;
  dynamic(std::nullptr_t) = delete;

  [[nodiscard]] const std::string* text() const noexcept { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const rendered* tree() const noexcept { return std::get_if<rendered>(&value_); }
  [[nodiscard]] const comprehension* list() const noexcept { return std::get_if<comprehension>(&value_); }
  [[nodiscard]] const component_place* component() const noexcept {
    const auto* place = std::get_if<std::shared_ptr<const component_place>>(&value_);
    return place == nullptr ? nullptr : place->get();
  }
  [[nodiscard]] bool is_unchanged() const noexcept { return std::holds_alternative<unchanged_value>(value_); }

  /// Where the client has a value at this place, it keeps that; this one is for clients that have none. For values made
  /// of something that was forgotten once it was sent.
  void keep_shown() noexcept { is_shown_kept_ = true; }
  [[nodiscard]] bool is_shown_kept() const noexcept { return is_shown_kept_; }

private:
  struct plain {
    std::string text;
  };
  explicit dynamic(plain p) : value_{std::move(p.text)} {}
  template <class Number>
  static plain of_number(Number number) {
    if constexpr (std::floating_point<Number>)
      return format(static_cast<double>(number));
    else if constexpr (std::is_signed_v<Number>)
      return format(std::int64_t{number});
    else
      return format(std::uint64_t{number});
  }
  static plain format(double number);
  static plain format(std::int64_t number);
  static plain format(std::uint64_t number);
  std::string& text_init() { return std::get<std::string>(value_); }

  std::variant<std::string, rendered, comprehension, std::shared_ptr<const component_place>, unchanged_value> value_;
  bool is_shown_kept_ = false;
};

/// `make()` if `condition` holds, else nothing. `make` returns a `rendered` and is called only when needed.
template <class Make>
[[nodiscard]] std::optional<rendered> when(bool condition, Make&& make) {
  return condition ? std::optional<rendered>{std::forward<Make>(make)()} : std::nullopt;
}

/// The HTML of a tree: what the client's page shows after a diff. Throws std::logic_error for `unchanged`, and for live
/// components, whose content only a `view_tree` knows.
[[nodiscard]] std::string to_html(const rendered& tree);
/// The same; `content` gives the tree of each live component.
[[nodiscard]] std::string to_html(const rendered& tree, const std::function<rendered(const component_place&)>& content);

namespace detail {
void check_values(const statics& tpl, std::size_t given);

template <class... Values>
std::vector<dynamic> row(const statics& tpl, Values&&... values) {
  check_values(tpl, sizeof...(values));
  auto out = std::vector<dynamic>{};
  out.reserve(sizeof...(values));
  (out.emplace_back(std::forward<Values>(values)), ...);
  return out;
}
}  // namespace detail

// Defined here because a `dynamic` holds them and they hold `dynamic`s.
inline rendered::rendered(const rendered&) = default;
inline rendered::rendered(rendered&&) noexcept = default;
inline rendered& rendered::operator=(const rendered&) = default;
inline rendered& rendered::operator=(rendered&&) noexcept = default;
inline rendered::~rendered() = default;
inline comprehension::comprehension(const statics& tpl) : tpl_{&tpl} {}
inline comprehension::comprehension(const statics& tpl, const stream_base& stream) : tpl_{&tpl}, stream_{&stream} {}
inline comprehension::comprehension(const comprehension&) = default;
inline comprehension::comprehension(comprehension&&) noexcept = default;
inline comprehension& comprehension::operator=(const comprehension&) = default;
inline comprehension& comprehension::operator=(comprehension&&) noexcept = default;
inline comprehension::~comprehension() = default;

template <class... Values>
rendered::rendered(const statics& tpl, Values&&... values)
    : tpl_{&tpl}, values_{detail::row(tpl, std::forward<Values>(values)...)} {}

template <class... Values>
comprehension& comprehension::add(Values&&... values) {
  return add_row(std::nullopt, detail::row(*tpl_, std::forward<Values>(values)...));
}

template <class Key, class... Values>
comprehension& comprehension::add_keyed(const Key& key, Values&&... values) {
  auto text = std::string{};
  if constexpr (std::integral<Key>)
    text = std::to_string(key);
  else
    text = std::string_view{key};
  return add_row(std::move(text), detail::row(*tpl_, std::forward<Values>(values)...));
}

}  // namespace beamline::web::live
