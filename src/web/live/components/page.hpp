#pragma once

#include "web/live/template.hpp"

#include <concepts>
#include <cstddef>
#include <ranges>
#include <string>

/// Small components for layouts and lists.
namespace beamline::web::live::components {

/// The document's title, for layouts written as templates; see page.hpp for what the client does with it:
///
///   <.live_title default="Blog" suffix=" · Beamline">{@page_title}</.live_title>
struct live_title_attrs {
  std::string default_{};  // Shown when the content is blank.
  std::string prefix{};
  std::string suffix{};
  slot<> inner_block{};
};
[[nodiscard]] rendered live_title(const live_title_attrs& a, render_context& context);

/// Keeps the tab key within its content, as a dialog must:
///
///   <.focus_wrap id="dialog" role="dialog" aria-modal="true" phx-mounted={js::focus_first()}>…</.focus_wrap>
struct focus_wrap_attrs {
  std::string id{};
  attributes rest{};
  slot<> inner_block{};
};
/// Throws std::invalid_argument without an id.
[[nodiscard]] rendered focus_wrap(const focus_wrap_attrs& a, render_context& context);

/// How many items there are; made from a number or from any list that knows its size.
class item_count {
public:
  item_count() = default;
  template <std::integral Number>
  item_count(Number count) : count_{static_cast<std::size_t>(count)} {}  // NOLINT: implicit on purpose
  template <std::ranges::sized_range List>
  item_count(const List& list) : count_{std::ranges::size(list)} {}  // NOLINT: implicit on purpose
  [[nodiscard]] std::size_t get() const noexcept { return count_; }

private:
  std::size_t count_ = 0;
};

/// Something between the items of a list:
///
///   <.intersperse :let={i} enum={@tags}><:separator>, </:separator>{@tags[i]}</.intersperse>
struct intersperse_attrs {
  item_count enum_{};
  slot<> separator{};
  slot<no_attrs, std::size_t> inner_block{};  // Given the item's index.
};
[[nodiscard]] rendered intersperse(const intersperse_attrs& a, render_context& context);

}  // namespace beamline::web::live::components
