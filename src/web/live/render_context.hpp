#pragma once

#include "web/live/assign.hpp"
#include "web/live/component.hpp"
#include "web/live/flash.hpp"
#include "web/live/nested.hpp"
#include "web/live/rendered.hpp"
#include "web/live/stream.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::web::live {

/// What a view and its components share between their contexts. Owned by the `view_tree`.
struct render_scope {
  bool is_connected = true;
  nested_view_placer nested{};  // Where `nested_view` gets its elements; none: it throws.
  std::uint32_t versions = 0;   // Given to members so far.
  std::uint32_t streams = 0;    // Numbers given to streams so far.
  // What all streams hold for the client, about. Shared with them: some go before the view, some after. Null: no
  // streams.
  std::shared_ptr<std::size_t> stream_octets{};
  assign<flash_messages> no_flash{};  // Of contexts without messages.
};

/// What a render function may ask; one per view and one per component, belonging to its process.
///
///   rendered render_template(const blog_show::assigns& a, render_context& c) {
///     const auto ch = c.begin({a.shown, a.viewers, c.flash_assign()});
///     return rendered{page, ch.has(1) ? dynamic{a.shown->title} : unchanged, ch.has(2) ? dynamic{*a.viewers} :
///     unchanged};
///   }
///
/// Its life for one render: `start`, the render function with at most one `begin`, and `sent` when the client has been
/// given the result. Without `sent` the next `begin` says again what this one said.
class render_context {
public:
  /// `flash` may be null (none) and must otherwise outlive the context, as must `scope`.
  render_context(render_scope& scope, component_id myself, const assign<flash_messages>* flash) noexcept;
  render_context(const render_context&) = delete;
  render_context& operator=(const render_context&) = delete;

  /// What changed since the last render that was sent. `members` must be the same ones, in the same order, in each
  /// call from the same template. Throws std::logic_error when called twice in one render.
  changes begin(std::initializer_list<tracked> members);

  [[nodiscard]] const flash_messages& flash() const noexcept { return flash_->get(); }
  /// The same as a member for `begin`.
  [[nodiscard]] const assign<flash_messages>& flash_assign() const noexcept { return *flash_; }
  /// The component's number; 0 in a view.
  [[nodiscard]] component_id myself() const noexcept { return myself_; }
  /// False while the page's first HTML is made.
  [[nodiscard]] bool connected() const noexcept { return scope_.is_connected; }

  /// The place of a live component.
  template <class C>
  [[nodiscard]] dynamic component(std::string_view id, typename C::attrs a = {}) {
    return dynamic{place_of<C>(id, std::move(a))};
  }
  /// The place of a nested or sticky view. Throws as the process's `nested_view_placer` does.
  [[nodiscard]] dynamic nested_view(const nested_view_spec& spec);

  // For the view_tree.

  /// A render begins; `is_full`: everything must be evaluated, whatever the client has.
  void start(bool is_full) noexcept;
  /// True if the render said `unchanged` of anything, or might have.
  [[nodiscard]] bool was_partial() const noexcept { return was_partial_; }
  /// The client has been given what this render made: its changes are no news any more, its consumables are emptied.
  void sent();

private:
  [[nodiscard]] std::uint32_t version_of(const tracked_cell& cell);

  render_scope& scope_;
  component_id myself_;
  const assign<flash_messages>* flash_;
  std::vector<std::uint32_t> sent_;     // The members' versions in the last render that was sent; 0: a plain member.
  std::vector<std::uint32_t> pending_;  // In this one.
  std::vector<std::pair<const consumable_cell*, std::uint32_t>> consumables_;  // With their versions, in this one.
  bool has_sent_ = false;
  bool is_full_ = true;
  bool has_begun_ = false;
  bool was_partial_ = false;
};

}  // namespace beamline::web::live
