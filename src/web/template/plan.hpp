#pragma once

#include "web/template/ast.hpp"
#include "web/template/members.hpp"

#include <string>
#include <variant>
#include <vector>

/// What a render function does, apart from how C++ says it: the constant parts, and how each value between them is
/// made from which members. One `fragment` becomes one template (`live::statics`) and the values for it.
namespace beamline::web::heex {

struct planned_value;

struct fragment {
  std::vector<std::string> parts{""};  // One more than values.
  std::vector<planned_value> values;
  bool is_single_root = false;  // One element and nothing beside it; said of what is all of a view or component.

  /// Markup that goes out as it is.
  void add(std::string_view markup) { parts.back() += markup; }
  void add(planned_value v);
  /// Nothing but one value, so it can take the place of the fragment.
  [[nodiscard]] bool is_bare_value() const;
};

/// {expression}
struct inserted_value {
  code value;
};

/// How a value becomes part of an attribute.
enum class attribute_rule : std::uint8_t {
  plain,       // bool: there or not; nothing: not there
  url,         // as plain, and checked to be a safe URL
  enumerated,  // bool: "true" or "false", as aria-* wants it
  classes,     // a list of names
  style,
};

struct attribute_value {
  std::string name;
  code value;
  attribute_rule rule = attribute_rule::plain;
  bool is_whole = true;  // ` name="value"`, or nothing; else only the value, between quotes that are constant
  bool is_sum = false;   // The value is what was added to a constant text, and more than one summand.
};

/// {attributes}
struct spread_value {
  code value;
};

struct choice {
  struct branch {
    std::optional<code> condition;  // None: else.
    fragment content;
  };
  std::vector<branch> branches;
};

struct repetition {
  generator loop;
  std::optional<code> key;
  std::optional<code> filter;
  bool is_stream = false;
  fragment row;
};

struct argument {
  enum class kind : std::uint8_t { flag, literal, expression, spread };
  kind what;
  std::string name;
  std::string text;  // Of a literal.
  code value;
  span where;  // Of the name.
};

/// One entry of a slot in a call, `inner_block` too.
struct slot_entry {
  std::string slot;
  std::vector<argument> arguments;
  std::optional<pattern> let;
  std::optional<generator> loop;
  std::optional<code> condition;
  fragment content;
  span where;  // Of the slot's name.
};

/// <.name …>: of this file or another, a live component, or a nested view.
struct call {
  enum class kind : std::uint8_t { function, live_component, nested_view };
  kind what = kind::function;
  std::string name;  // With ::
  std::vector<argument> arguments;
  std::vector<slot_entry> slots;
  span where;  // Of the name.
};

struct planned_value {
  std::variant<inserted_value, attribute_value, spread_value, choice, repetition, call> what;
  member_set members;  // All that are read for it, at any depth.

  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return std::get_if<T>(&what);
  }
};

struct planned_unit {
  const unit* of = nullptr;
  fragment content;
  // First use of each member, in the order of their names.
  std::vector<member_use> members;
};

/// Plans a unit whose space is normalised and that has no errors.
[[nodiscard]] planned_unit plan(const unit& u);

}  // namespace beamline::web::heex
