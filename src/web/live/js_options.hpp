#pragma once

#include "base/json.hpp"
#include "base/time.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// What the commands of js.hpp are told.
namespace beamline::web::live::js {

class commands;

/// Which elements a command is about: a CSS selector over the whole page, `inner` or `closest`; none: the element that
/// has the attribute.
class selector {
public:
  selector() = default;
  selector(std::string_view css) : css_{css}, scope_{scope::page} {}     // NOLINT: implicit on purpose
  selector(const char* css) : selector{std::string_view{css}} {}         // NOLINT: implicit on purpose
  selector(const std::string& css) : selector{std::string_view{css}} {}  // NOLINT: implicit on purpose

  /// Inside of the element that has the attribute.
  [[nodiscard]] static selector inner(std::string_view css) { return {css, scope::inner}; }
  /// The nearest around it, itself included.
  [[nodiscard]] static selector closest(std::string_view css) { return {css, scope::closest}; }

private:
  friend class commands;
  enum class scope : std::uint8_t { self, page, inner, closest };
  selector(std::string_view css, scope s) : css_{css}, scope_{s} {}

  std::string css_;
  scope scope_ = scope::self;
};
[[nodiscard]] inline selector inner(std::string_view css) { return selector::inner(css); }
[[nodiscard]] inline selector closest(std::string_view css) { return selector::closest(css); }

/// Class names, separated by spaces: those that animate, those at the start, those at the end.
struct transition_classes {
  transition_classes() = default;
  transition_classes(std::string_view during_, std::string_view from_ = {}, std::string_view to_ = {})  // NOLINT
      : during{during_}, from{from_}, to{to_} {}
  transition_classes(const char* during_, std::string_view from_ = {}, std::string_view to_ = {})  // NOLINT
      : transition_classes{std::string_view{during_}, from_, to_} {}

  std::string during;  // Empty: no transition.
  std::string from;
  std::string to;
};

/// Who handles a pushed event: a component by its number (`@myself`), or all views and components that match a
/// selector; none: the view or component that the element is in, or its `phx-target`.
class push_target {
public:
  push_target() = default;
  push_target(std::string_view css) : where_{std::string{css}} {}  // NOLINT: implicit on purpose
  push_target(const char* css) : where_{std::string{css}} {}       // NOLINT: implicit on purpose
  push_target(const std::string& css) : where_{css} {}             // NOLINT: implicit on purpose
  template <std::integral Number>
  push_target(Number component) : where_{static_cast<std::int64_t>(component)} {}  // NOLINT: implicit on purpose

private:
  friend class commands;
  std::variant<std::monostate, std::int64_t, std::string> where_;
};

struct push_options {
  json value = nullptr;  // An object, merged over the element's own `phx-value-*`.
  push_target target = {};
  std::string loading = {};   // These elements get the loading classes as well.
  bool page_loading = false;  // Shows the page's own loading bar (`phx:page-loading-start`).
};

struct dispatch_options {
  selector to = {};
  json detail = nullptr;  // An object.
  bool bubbles = true;
  bool is_blocking = false;  // Patches of the page wait until the listener calls `event.detail.done()`.
};

/// Of `show` and `hide`; their elements are the first argument.
struct show_options {
  std::string display = {};  // As in CSS; empty: what the element's kind has.
  transition_classes transition = {};
  std::optional<duration> time = {};  // Of the transition; the client's default is 200 ms.
  bool is_blocking = true;            // Patches of the page wait for the transition.
};
using hide_options = show_options;

struct toggle_options {
  std::string display = {};
  transition_classes in = {};
  transition_classes out = {};
  std::optional<duration> time = {};
  bool is_blocking = true;
};

struct class_options {
  selector to = {};
  transition_classes transition = {};
  std::optional<duration> time = {};
  bool is_blocking = true;
};

struct transition_options {
  selector to = {};
  std::optional<duration> time = {};
  bool is_blocking = true;
};

struct element_options {
  selector to = {};
};

struct link_options {
  bool replace = false;  // The page takes the place of the present one in the browser's history.
};

}  // namespace beamline::web::live::js
