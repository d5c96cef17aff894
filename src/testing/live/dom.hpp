#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::testing {

/// One node of a page: an element, a text or a comment. Owned by its parent; the tree has one owner. Names of elements
/// and attributes are lower case, texts and values are decoded.
class dom_node {
public:
  enum class kind { element, text, comment };

  /// What the visitor did to a field, beside what the server rendered.
  struct field_state {
    std::optional<std::string> value;  // Typed.
    std::optional<bool> is_checked;    // Of checkboxes, radio buttons and options.
    bool has_focused = false;          // Was there, and left or changed it: not `_unused_` any more.
  };

  explicit dom_node(kind k, std::string text_or_name = {}) : kind_{k}, text_{std::move(text_or_name)} {}
  dom_node(const dom_node&) = delete;
  dom_node& operator=(const dom_node&) = delete;

  [[nodiscard]] bool is_element() const noexcept { return kind_ == kind::element; }
  [[nodiscard]] bool is_text() const noexcept { return kind_ == kind::text; }
  /// Of an element; empty for others.
  [[nodiscard]] std::string_view name() const noexcept { return is_element() ? std::string_view{text_} : ""; }
  [[nodiscard]] const std::string& raw_text() const noexcept { return text_; }

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& attributes() const noexcept {
    return attributes_;
  }
  /// Null: it has none of that name.
  [[nodiscard]] const std::string* find_attribute(std::string_view name) const noexcept;
  [[nodiscard]] bool has_attribute(std::string_view name) const noexcept { return find_attribute(name) != nullptr; }
  /// Empty if there is none.
  [[nodiscard]] std::string_view attribute(std::string_view name) const noexcept;
  [[nodiscard]] std::string_view id() const noexcept { return attribute("id"); }
  [[nodiscard]] bool has_class(std::string_view name) const;
  void set_attribute(std::string_view name, std::string value);
  void remove_attribute(std::string_view name);

  [[nodiscard]] dom_node* parent() const noexcept { return parent_; }
  [[nodiscard]] const std::vector<std::unique_ptr<dom_node>>& children() const noexcept { return children_; }
  [[nodiscard]] std::vector<dom_node*> child_elements() const;
  dom_node& append(std::unique_ptr<dom_node> child) { return insert(children_.size(), std::move(child)); }
  dom_node& insert(std::size_t at, std::unique_ptr<dom_node> child);
  std::unique_ptr<dom_node> take(const dom_node& child);
  std::vector<std::unique_ptr<dom_node>> take_children();
  void set_children(std::vector<std::unique_ptr<dom_node>> children);
  [[nodiscard]] std::unique_ptr<dom_node> clone() const;

  [[nodiscard]] field_state& state() noexcept { return state_; }
  [[nodiscard]] const field_state& state() const noexcept { return state_; }

  /// Calls `fn` for each element below, in the order in which they stand; not for this one.
  void each_element(const std::function<void(dom_node&)>& fn);
  void each_element(const std::function<void(const dom_node&)>& fn) const;
  /// The first below, or this one, with that id.
  [[nodiscard]] dom_node* find_id(std::string_view id);
  /// The nearest around it, itself included, for which `matches` is true.
  [[nodiscard]] dom_node* closest(const std::function<bool(const dom_node&)>& matches);

  /// All text below, white space at the ends removed and runs of it made one space, as a person reads it.
  [[nodiscard]] std::string text() const;
  /// As HTML, what is typed in fields left out.
  [[nodiscard]] std::string inner_html() const;
  [[nodiscard]] std::string outer_html() const;
  /// The same for a person, an element a line; cut after `lines_max` lines.
  [[nodiscard]] std::string pretty(std::size_t lines_max = 60) const;
  /// `main > ul#list > li:nth-child(2)`, for messages.
  [[nodiscard]] std::string path() const;

private:
  kind kind_;
  std::string text_;
  std::vector<std::pair<std::string, std::string>> attributes_;
  std::vector<std::unique_ptr<dom_node>> children_;
  dom_node* parent_ = nullptr;
  field_state state_;
};

/// A whole document as a browser reads it, mistakes mended as browsers do. The result is the root: its one element is
/// <html>.
[[nodiscard]] std::unique_ptr<dom_node> parse_document(std::string_view html);

/// What is inside an element called `container`, as browsers read it. The result is a node that has it as children.
[[nodiscard]] std::unique_ptr<dom_node> parse_fragment(std::string_view html, std::string_view container = "div");

/// Throws `page_stuck` (client_model.hpp) if a browser would make something else of it than it says: unbalanced or
/// misnested tags, an attribute twice, elements that may not stand there and are moved elsewhere. Templates must not
/// depend on a browser's repairs: the next patch would be applied to another tree.
void check_strict(std::string_view html, std::string_view container = "div");

/// Throws `page_stuck` if two elements have one id.
void check_unique_ids(const dom_node& root);

}  // namespace beamline::testing
