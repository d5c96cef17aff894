#pragma once

#include "web/template/source.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a template says, as a tree. Everything in it is as the user wrote it; places are where he wrote it.
namespace beamline::web::heex {

/// A piece of C++, without white space at its ends.
struct code {
  std::string text;
  span where;
};

struct attribute {
  enum class kind : std::uint8_t {
    flag,        // hidden
    literal,     // class="a"; the text is markup and stays as it is
    expression,  // class={a}
    spread,      // {attrs}
  };
  kind what = kind::flag;
  std::string name;  // Empty for a spread.
  std::string text;  // Of a literal.
  code value;        // Of an expression or a spread.
  span where;
  span name_where;
};

/// What a row, or the value of a slot, is called: `x` or `{id, x}`.
struct pattern {
  std::vector<code> names;
  bool is_tuple = false;
  span where;
};

/// `x <- xs`
struct generator {
  pattern each;
  code of;
};

struct node;
using nodes = std::vector<node>;

/// Text and entities, as they stand in the markup.
struct text_node {
  std::string text;
};

/// <!-- sent to the browser -->, or <!DOCTYPE html>: markup that is passed on.
struct markup_node {
  std::string text;
};

/// <%!-- for readers of the template --%>
struct comment_node {
  std::string text;
};

/// {expression}, or <%= expression %>
struct value_node {
  code value;
};

/// An element, a component <.name> or <ns.name>, or an entry of a slot <:name>.
struct element_node {
  enum class kind : std::uint8_t { html, component, slot };
  kind what = kind::html;
  std::string name;                   // Without the dot or colon that begins it.
  std::vector<attribute> attributes;  // But for those that begin with a colon.
  std::optional<code> condition;      // :if
  std::optional<generator> loop;      // :for
  std::optional<code> key;            // :key
  std::optional<pattern> let;         // :let
  bool is_self_closing = false;       // <br>, <.icon />
  nodes children;
  span name_where;
};

/// <%= if a do %> … <% else if b do %> … <% else %> … <% end %>
struct if_node {
  struct branch {
    std::optional<code> condition;  // None: else.
    nodes children;
  };
  std::vector<branch> branches;
};

/// <%= for x <- xs do %> … <% end %>
struct for_node {
  generator loop;
  std::optional<code> key;  // for x <- xs, key: x.id do
  nodes children;
};

struct node {
  std::variant<text_node, markup_node, comment_node, value_node, element_node, if_node, for_node> what;
  span where;  // Of an element: its opening tag.

  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return std::get_if<T>(&what);
  }
  template <class T>
  [[nodiscard]] T* as() noexcept {
    return std::get_if<T>(&what);
  }
};

/// What a component may be given: `title: std::string_view = "none"`.
struct parameter {
  std::string name;
  code type;
  std::optional<code> initial;  // None: must be given.
  span where;
};

/// `slot col(const row&) required with (label: std::string_view)`
struct slot_parameter {
  std::string name;
  std::vector<code> arguments;        // Types of what render_slot hands over.
  std::vector<parameter> attributes;  // Of each entry.
  bool is_required = false;
  span where;
};

/// One render function: of a view (or live component), or of a function component.
struct unit {
  enum class kind : std::uint8_t { view, component };
  kind what = kind::view;
  std::string name;  // Of the component; of the view's class, which may be qualified.
  std::vector<parameter> parameters;
  std::vector<slot_parameter> slots;
  nodes children;
  span where;
  span name_where;

  [[nodiscard]] const parameter* find_parameter(std::string_view wanted) const;
  [[nodiscard]] const slot_parameter* find_slot(std::string_view wanted) const;
};

// What stands before the first unit, in its order.

/// `<%@ include "a.hpp" %>`
struct include_item {
  std::string path;  // With its quotes or angle brackets.
  span where;
};
struct comment_item {
  std::string text;
  span where;
};
struct namespace_item {
  std::string name;
  span where;
};

struct template_file {
  std::vector<std::variant<include_item, namespace_item, comment_item>> head;
  std::string name_space;
  std::vector<unit> units;                                     // One view, or any number of components.
  std::vector<std::pair<std::size_t, comment_item>> comments;  // Behind that many units.

  [[nodiscard]] const unit* find_component(std::string_view name) const;
};

/// The tree in a form for tests: one line per node, without places. Two templates with equal dumps render alike.
[[nodiscard]] std::string dump(const template_file& file);

}  // namespace beamline::web::heex
