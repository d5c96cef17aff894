#pragma once

#include "web/live/rendered.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// What a function component is given beside attributes: pieces of the caller's template.
///
///   <%@ component table(rows: const std::vector<row>&, slot col(const row&) with (label: std::string_view)) %>
///     <tr><th :for={c <- @col}>{c.label}</th></tr>
///     <tr :for={r <- @rows}><td :for={c <- @col}>{render_slot(c, r)}</td></tr>
///
/// A slot belongs to the call of the component: its entries refer to the caller's variables, so neither it nor a copy
/// may be kept after the component's function has returned.
namespace beamline::web::live {

/// The attributes of a slot whose entries have none.
struct no_attrs {};

/// One entry of a slot: `<:col label="Name" :let={r}>…</:col>`. Its attributes are its members.
template <class Attrs, class... Args>
struct slot_entry : Attrs {
  std::function<rendered(Args...)> content{};
};

/// The entries that a caller gave for one name, in their order. `inner_block` is a slot with at most one.
template <class Attrs = no_attrs, class... Args>
class slot {
public:
  using entry = slot_entry<Attrs, Args...>;

  template <class Content>
  entry& add(Content content) {
    static_assert(std::is_invocable_r_v<rendered, Content&, Args...>,
                  "the slot hands over other values than :let names; see its declaration");
    entries_.emplace_back();
    entries_.back().content = std::move(content);
    return entries_.back();
  }

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] explicit operator bool() const noexcept { return !empty(); }
  [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }
  [[nodiscard]] auto end() const noexcept { return entries_.end(); }

private:
  std::vector<entry> entries_;
};

/// More entries than this in one slot throw std::logic_error when they are rendered together.
inline constexpr std::size_t slot_entries_max = 64;

namespace detail {
/// Nothing but `values`, one after the other.
[[nodiscard]] rendered joined(std::vector<dynamic> values);
}  // namespace detail

/// What one entry shows for these values.
template <class Attrs, class... Args, class... Given>
[[nodiscard]] rendered render_slot(const slot_entry<Attrs, Args...>& one, Given&&... values) {
  return one.content(std::forward<Given>(values)...);
}

/// What all entries show, one after the other; nothing if there is none.
template <class Attrs, class... Args, class... Given>
[[nodiscard]] dynamic render_slot(const slot<Attrs, Args...>& all, const Given&... values) {
  if (all.size() == 1)
    return dynamic{all.begin()->content(values...)};
  if (all.empty())
    return dynamic{""};
  auto parts = std::vector<dynamic>{};
  for (const auto& one : all)
    parts.emplace_back(one.content(values...));
  return dynamic{detail::joined(std::move(parts))};
}

}  // namespace beamline::web::live
