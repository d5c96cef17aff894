#pragma once

#include "web/live/js_options.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

/// Commands that the browser carries out by itself, without asking the server: the `JS` of Phoenix LiveView.
///
///   js::push("like", {.value = {{"id", post.id}}}).add_class("is-busy", {.to = "#like"})
///   js::show("#menu", {.transition = {"fade-in duration-200", "opacity-0", "opacity-100"}}).focus_first({.to =
///   "#menu"})
///
/// Every function stands alone and as the next step of a chain. The result is a value that becomes the JSON text of the
/// attribute (`phx-click={js::hide("#menu")}`); make constant ones once, as `static const js::commands`.
///
/// A command that no client could carry out (an empty selector, a `value` that is no object, a transition of negative
/// length) throws `std::invalid_argument` where it is made. What the client adds with these commands (classes,
/// attributes, hidden and shown elements) survives later patches of the page.
namespace beamline::web::live::js {

/// A list of commands, in the order in which they are carried out.
class commands {
public:
  /// Sends an event to the view, as a plain `phx-click="event"` does.
  commands push(std::string_view event, push_options o = {}) const;
  /// A DOM event for other scripts.
  commands dispatch(std::string_view event, dispatch_options o = {}) const;

  commands show(selector to = {}, show_options o = {}) const;
  commands hide(selector to = {}, hide_options o = {}) const;
  /// Shows what is hidden and hides what is shown.
  commands toggle(selector to = {}, toggle_options o = {}) const;

  /// `names` are separated by spaces.
  commands add_class(std::string_view names, class_options o = {}) const;
  commands remove_class(std::string_view names, class_options o = {}) const;
  commands toggle_class(std::string_view names, class_options o = {}) const;
  commands transition(const transition_classes& classes, transition_options o = {}) const;

  commands set_attr(std::string_view name, std::string_view value, element_options o = {}) const;
  commands remove_attr(std::string_view name, element_options o = {}) const;
  /// There or not.
  commands toggle_attr(std::string_view name, std::string_view value, element_options o = {}) const;
  /// One value or the other.
  commands toggle_attr(std::string_view name, std::string_view one, std::string_view other,
                       element_options o = {}) const;
  /// Later patches leave these attributes alone; `data-*` stands for all that begin so. For `phx-mounted`.
  commands ignore_attrs(std::initializer_list<std::string_view> names, element_options o = {}) const;

  commands focus(element_options o = {}) const;
  /// The first thing inside that can have the focus.
  commands focus_first(element_options o = {}) const;
  /// Remembers what `pop_focus` gives the focus back to.
  commands push_focus(element_options o = {}) const;
  commands pop_focus() const;

  /// Another view of the live session; `href` is a path of this site or a whole http(s) URL of it.
  commands navigate(std::string_view href, link_options o = {}) const;
  /// Another URL of the same view.
  commands patch(std::string_view href, link_options o = {}) const;
  /// The commands in an attribute of other elements.
  commands exec(std::string_view attribute, element_options o = {}) const;

  /// These, then `more`.
  commands then(const commands& more) const;

  /// The value of the attribute, not yet escaped for HTML: `[["hide",{"to":"#menu"}]]`.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  operator std::string_view() const noexcept { return text_; }  // NOLINT: an attribute value, on purpose
  [[nodiscard]] bool is_empty() const noexcept { return text_.size() == 2; }

  friend bool operator==(const commands&, const commands&) = default;

private:
  class arguments;
  [[nodiscard]] commands with(const arguments& a) const;
  [[nodiscard]] commands with_classes(std::string_view command, std::string_view names, const class_options& o) const;
  [[nodiscard]] commands with_element(std::string_view command, const element_options& o) const;
  [[nodiscard]] commands with_link(std::string_view command, std::string_view href, const link_options& o) const;
  [[nodiscard]] commands with_display(std::string_view command, const selector& to, const show_options& o) const;

  std::string text_ = "[]";
};

// Each command as the first of a chain.
[[nodiscard]] inline commands push(std::string_view event, push_options o = {}) {
  return commands{}.push(event, std::move(o));
}
[[nodiscard]] inline commands dispatch(std::string_view event, dispatch_options o = {}) {
  return commands{}.dispatch(event, std::move(o));
}
[[nodiscard]] inline commands show(selector to = {}, show_options o = {}) {
  return commands{}.show(std::move(to), std::move(o));
}
[[nodiscard]] inline commands hide(selector to = {}, hide_options o = {}) {
  return commands{}.hide(std::move(to), std::move(o));
}
[[nodiscard]] inline commands toggle(selector to = {}, toggle_options o = {}) {
  return commands{}.toggle(std::move(to), std::move(o));
}
[[nodiscard]] inline commands add_class(std::string_view names, class_options o = {}) {
  return commands{}.add_class(names, std::move(o));
}
[[nodiscard]] inline commands remove_class(std::string_view names, class_options o = {}) {
  return commands{}.remove_class(names, std::move(o));
}
[[nodiscard]] inline commands toggle_class(std::string_view names, class_options o = {}) {
  return commands{}.toggle_class(names, std::move(o));
}
[[nodiscard]] inline commands transition(const transition_classes& classes, transition_options o = {}) {
  return commands{}.transition(classes, std::move(o));
}
[[nodiscard]] inline commands set_attr(std::string_view name, std::string_view value, element_options o = {}) {
  return commands{}.set_attr(name, value, std::move(o));
}
[[nodiscard]] inline commands remove_attr(std::string_view name, element_options o = {}) {
  return commands{}.remove_attr(name, std::move(o));
}
[[nodiscard]] inline commands toggle_attr(std::string_view name, std::string_view value, element_options o = {}) {
  return commands{}.toggle_attr(name, value, std::move(o));
}
[[nodiscard]] inline commands toggle_attr(std::string_view name, std::string_view one, std::string_view other,
                                          element_options o = {}) {
  return commands{}.toggle_attr(name, one, other, std::move(o));
}
[[nodiscard]] inline commands ignore_attrs(std::initializer_list<std::string_view> names, element_options o = {}) {
  return commands{}.ignore_attrs(names, std::move(o));
}
[[nodiscard]] inline commands focus(element_options o = {}) { return commands{}.focus(std::move(o)); }
[[nodiscard]] inline commands focus_first(element_options o = {}) { return commands{}.focus_first(std::move(o)); }
[[nodiscard]] inline commands push_focus(element_options o = {}) { return commands{}.push_focus(std::move(o)); }
[[nodiscard]] inline commands pop_focus() { return commands{}.pop_focus(); }
[[nodiscard]] inline commands navigate(std::string_view href, link_options o = {}) {
  return commands{}.navigate(href, o);
}
[[nodiscard]] inline commands patch(std::string_view href, link_options o = {}) { return commands{}.patch(href, o); }
[[nodiscard]] inline commands exec(std::string_view attribute, element_options o = {}) {
  return commands{}.exec(attribute, std::move(o));
}

/// The event that our client script (assets/app.js) answers by carrying out the commands in an attribute.
inline constexpr std::string_view exec_event = "js-exec";
/// What it carries: `{"to":"#card","attr":"data-highlight"}`.
[[nodiscard]] json exec_detail(std::string_view to, std::string_view attribute);

/// From a view: carries out the commands that stand in `attribute` of the elements `to`, after the next patch.
template <class Socket>
void push_exec(Socket& s, std::string_view to, std::string_view attribute) {
  s.push_event(std::string{exec_event}, exec_detail(to, attribute));
}

}  // namespace beamline::web::live::js
