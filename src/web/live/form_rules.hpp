#pragma once

#include "base/utf8.hpp"
#include "web/live/form_value.hpp"

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Rules for one field of a form: small values that say what is wrong with it, or nothing. Any function that takes the
/// field's value and returns an optional message is a rule, too:
///
///   .field("name", &signup::name, required(), length({.max = 40}), [](const std::string& n) ->
///   std::optional<std::string> {
///     if (n == "admin") return "is taken";
///     return std::nullopt;
///   })
///
/// Only `required` and `accepted` look at fields that were left blank; an optional field is checked when it has a
/// value. Every rule takes another message as its last argument. Rules are values without state: safe on any thread.
namespace beamline::web::live {

using complaint = std::optional<std::string>;

/// There must be something beside white space; of a list, one member.
struct required {
  explicit required(std::string m = "can't be blank") : message{std::move(m)} {}
  std::string message;
};

/// A checkbox that must be ticked: terms of use.
struct accepted {
  explicit accepted(std::string m = "must be accepted") : message{std::move(m)} {}
  std::string message;
};

/// Of a text in characters (code points), of a list in members.
class length {
public:
  struct bounds {
    std::size_t min = 0;
    std::size_t max = static_cast<std::size_t>(-1);
  };
  explicit length(bounds b, std::string message = {}) : bounds_{b}, message_{std::move(message)} {}

  complaint operator()(const std::string& text) const { return check(count_characters(text), "character(s)"); }
  template <class T>
  complaint operator()(const std::vector<T>& list) const {
    return check(list.size(), "item(s)");
  }

private:
  [[nodiscard]] static std::size_t count_characters(std::string_view text);
  [[nodiscard]] complaint check(std::size_t size, std::string_view unit) const;

  bounds bounds_;
  std::string message_;
};

/// The whole text must match. The text comes from outside: use patterns without nested repetitions, and give `length`
/// first for long ones; more than `octets_max` octets never match.
class format {
public:
  static constexpr std::size_t octets_max = 1024;
  explicit format(std::string_view pattern, std::string message = "has invalid format");
  complaint operator()(const std::string& text) const;

private:
  std::regex pattern_;
  std::string message_;
};

/// Numbers and dates from `min` to `max`, both included.
template <class T>
class in_range {
public:
  in_range(T min, T max, std::string message = {}) : min_{min}, max_{max}, message_{std::move(message)} {}

  template <class V>
  complaint operator()(const V& value) const {
    if (!(value < min_) && !(max_ < value))
      return std::nullopt;
    if (!message_.empty())
      return message_;
    return "must be from " + form_value<T>::text(min_) + " to " + form_value<T>::text(max_);
  }

private:
  T min_;
  T max_;
  std::string message_;
};

/// One of these; of a list, each member.
template <class T>
class one_of_rule {
public:
  one_of_rule(std::vector<T> choices, std::string message)
      : choices_{std::move(choices)}, message_{std::move(message)} {}

  complaint operator()(const T& value) const {
    for (const auto& choice : choices_)
      if (choice == value)
        return std::nullopt;
    return message_;
  }
  complaint operator()(const std::vector<T>& values) const {
    for (const auto& value : values)
      if (auto wrong = (*this)(value))
        return wrong;
    return std::nullopt;
  }

private:
  std::vector<T> choices_;
  std::string message_;
};
template <class T>
[[nodiscard]] one_of_rule<T> one_of(std::vector<T> choices, std::string message = "is invalid") {
  return {std::move(choices), std::move(message)};
}
[[nodiscard]] inline one_of_rule<std::string> one_of(std::initializer_list<const char*> choices,
                                                     std::string message = "is invalid") {
  return {std::vector<std::string>(choices.begin(), choices.end()), std::move(message)};
}

/// Two fields must be the same: `.field("password", &user::password, confirmed())` compares with what was typed in
/// `password_confirmation`, and complains there. Forms without that field pass.
struct confirmed {
  explicit confirmed(std::string m = "does not match") : message{std::move(m)} {}
  std::string message;
};

/// What a rule says of a field: `is_blank` is whether anything was typed or chosen.
template <class T, class Rule>
[[nodiscard]] complaint apply_rule(const Rule& rule, const T& value, bool is_blank) {
  if constexpr (std::same_as<Rule, required>) {
    return is_blank ? complaint{rule.message} : std::nullopt;
  } else if constexpr (std::same_as<Rule, accepted>) {
    static_assert(std::same_as<T, bool>, "accepted() is for fields of type bool");
    return value ? std::nullopt : complaint{rule.message};
  } else if constexpr (std::same_as<Rule, confirmed>) {
    return std::nullopt;  // Looks at two fields: form_schema does it.
  } else {
    if (is_blank)
      return std::nullopt;
    if constexpr (requires { value.has_value(); }) {
      static_assert(std::is_invocable_v<const Rule&, decltype(*value)>, "this rule is not for fields of this type");
      return value ? complaint{rule(*value)} : std::nullopt;
    } else {
      static_assert(std::is_invocable_v<const Rule&, const T&>, "this rule is not for fields of this type");
      return complaint{rule(value)};
    }
  }
}

}  // namespace beamline::web::live
