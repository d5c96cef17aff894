#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

/// What goes into a statement and what comes out, the same for every back end.
namespace beamline::store {

/// Octets as opposed to text; borrowed.
struct blob_view {
  std::string_view octets;
  friend bool operator==(const blob_view&, const blob_view&) = default;
};

/// A value in a database: null, integer, real, text (UTF-8) or octets. Text and octets are borrowed.
using value_view = std::variant<std::monostate, std::int64_t, double, std::string_view, blob_view>;

/// A value given to a statement. Converts from what programs have; text and octets stay the caller's and must
/// live until the statement ran. `nullptr` and an empty optional are null, booleans are 0 and 1, a `wall_time`
/// is its microseconds since 1970. Unsigned 64 bit numbers do not convert: databases have no such type.
class parameter {
public:
  parameter(std::nullptr_t) {}                                                    // NOLINT: implicit on purpose
  parameter(std::string_view v) : value_{v} {}                                    // NOLINT: implicit on purpose
  parameter(const std::string& v) : value_{std::string_view{v}} {}                // NOLINT: implicit on purpose
  parameter(const char* v) : value_{std::string_view{v}} {}                       // NOLINT: implicit on purpose
  parameter(blob_view v) : value_{v} {}                                           // NOLINT: implicit on purpose
  parameter(wall_time v) : value_{std::int64_t{v.time_since_epoch().count()}} {}  // NOLINT: implicit on purpose
  template <std::integral T>
    requires(sizeof(T) < sizeof(std::int64_t) || std::is_signed_v<T>)
  parameter(T v) : value_{static_cast<std::int64_t>(v)} {}  // NOLINT: implicit on purpose
  template <std::floating_point T>
  parameter(T v) : value_{static_cast<double>(v)} {}  // NOLINT: implicit on purpose
  template <class T>
    requires std::constructible_from<parameter, const T&> parameter(const std::optional<T>& v)
        : parameter{v ? parameter{*v} : parameter{nullptr}} {}  // NOLINT: as above

    [[nodiscard]] const value_view& view() const { return value_; }

  private:
    value_view value_;
};

/// The values of a statement's placeholders `$1`, `$2`, …: written `{slug, 5, nullptr}` at the call, or a
/// span. Borrowed for the length of the call.
class parameters {
public:
  parameters() = default;
  parameters(std::initializer_list<parameter> list) : items_{list.begin(), list.size()} {}
  parameters(std::span<const parameter> list) : items_{list} {}  // NOLINT: implicit on purpose

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] const parameter& operator[](std::size_t i) const { return items_[i]; }

private:
  std::span<const parameter> items_;
};

/// One row of an answer; valid only during the call that hands it out, like the text it gives.
///
/// Reading a column as a type it does not hold throws `std::runtime_error` that names the column: a statement
/// and the code around it disagree. Inside of a transaction function that becomes an `invalid` error.
class row {
public:
  virtual ~row() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  [[nodiscard]] virtual std::string_view name(std::size_t column) const = 0;
  /// `column` must be less than `size()`.
  [[nodiscard]] virtual value_view at(std::size_t column) const = 0;

  /// `T` is an integer (range checked), bool, double (also from integers), std::string_view (text only),
  /// std::string (text or octets), blob_view, wall_time, or std::optional of one of these (empty for null).
  template <class T>
  [[nodiscard]] T get(std::size_t column) const;
  template <class T>
  [[nodiscard]] T get(std::string_view column) const {
    return get<T>(index_of(column));
  }

  /// All columns at once: `auto [slug, likes] = r.as<std::string, std::int64_t>();`
  template <class... T>
  [[nodiscard]] std::tuple<T...> as() const {
    check_size(sizeof...(T));
    return as_tuple<T...>(std::index_sequence_for<T...>{});
  }

private:
  template <class... T, std::size_t... I>
  [[nodiscard]] std::tuple<T...> as_tuple(std::index_sequence<I...>) const {
    return std::tuple<T...>{get<T>(I)...};
  }
  [[nodiscard]] std::size_t index_of(std::string_view column) const;
  void check_size(std::size_t expected) const;
  void check_column(std::size_t column) const;
  [[noreturn]] void refuse(std::size_t column, std::string_view expected) const;
};

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace detail

template <class T>
T row::get(std::size_t column) const {
  check_column(column);
  const value_view v = at(column);
  if constexpr (detail::is_optional<T>) {
    if (std::holds_alternative<std::monostate>(v))
      return std::nullopt;
    return get<typename T::value_type>(column);
  } else if constexpr (std::same_as<T, bool>) {
    if (auto* i = std::get_if<std::int64_t>(&v); i && (*i == 0 || *i == 1))
      return *i == 1;
    refuse(column, "0 or 1");
  } else if constexpr (std::integral<T>) {
    if (auto* i = std::get_if<std::int64_t>(&v)) {
      if (std::in_range<T>(*i))
        return static_cast<T>(*i);
      refuse(column, "a smaller integer");
    }
    refuse(column, "an integer");
  } else if constexpr (std::same_as<T, double>) {
    if (auto* d = std::get_if<double>(&v))
      return *d;
    if (auto* i = std::get_if<std::int64_t>(&v))
      return static_cast<double>(*i);
    refuse(column, "a number");
  } else if constexpr (std::same_as<T, std::string_view> || std::same_as<T, std::string>) {
    if (auto* s = std::get_if<std::string_view>(&v))
      return T{*s};
    if constexpr (std::same_as<T, std::string>)
      if (auto* b = std::get_if<blob_view>(&v))
        return T{b->octets};
    refuse(column, "text");
  } else if constexpr (std::same_as<T, blob_view>) {
    if (auto* b = std::get_if<blob_view>(&v))
      return *b;
    refuse(column, "octets");
  } else {
    static_assert(std::same_as<T, wall_time>, "a column cannot be read as this type");
    return wall_time{std::chrono::microseconds{get<std::int64_t>(column)}};
  }
}

}  // namespace beamline::store
