#pragma once

#include "web/live/component_table.hpp"
#include "web/live/diff.hpp"
#include "web/live/render_context.hpp"

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace beamline::web::live {

class view_message;

/// One view as its client has it: the tree, its live components, and what is to be rendered anew.
///
///   view_process                          view_tree                                          client
///     something changed ---- view_changed() / component_changed(id)
///     socket takes bytes --> diff(render, parts) --> render(context), components' render
///                       <--- JSON text, or empty
///     text is on its way --> sent() --> assigns, streams, tree memories: the client has them
///
/// A text that was not sent is forgotten by the next `full` or `diff`, which says again what it said (except for
/// `parts`, which are the caller's). If a function throws, the view must not go on.
///
/// Owned by one process; not thread-safe.
class view_tree {
public:
  using render_function = std::function<rendered(render_context&)>;

  struct options {
    hash_key key{};
    bool is_connected = true;
    const assign<flash_messages>* flash = nullptr;  // Outlives the tree; null: none.
    component_host* host = nullptr;                 // Outlives the tree; null: no live components.
    nested_view_placer nested{};
  };

  explicit view_tree(options opts);
  ~view_tree();
  view_tree(const view_tree&) = delete;
  view_tree& operator=(const view_tree&) = delete;

  /// The object `rendered` of a join reply, whatever was sent before. All that `encode_full` throws, and
  /// std::logic_error for two places of one component, a component with more or less than one element, `unchanged`
  /// where the client has nothing, a stream whose rows are not its items.
  [[nodiscard]] std::string full(const render_function& render, const message_parts& parts = {});
  /// What brings the client up to date; empty if nothing is to be said. Renders the view if it changed, and the
  /// components that changed. Throws as `full`. One message does not always say everything: if `is_changed()` still
  /// holds after `sent()`, another `diff` must follow soon (a component changed by itself while the page around it
  /// changed as well: the client takes the two only apart).
  [[nodiscard]] std::string diff(const render_function& render, const message_parts& parts = {});
  /// The last text of `full` or `diff` is on its way, ahead of all later ones; also when it was empty. Before
  /// anything else happens to the view.
  void sent();
  /// The page's first HTML, with its components; for a view that is rendered once.
  [[nodiscard]] std::string html(const render_function& render);

  /// The view's render must run again; it also runs in the first `diff`.
  void view_changed() noexcept { is_view_changed_ = true; }
  void component_changed(component_id id);
  /// True if `diff` has something to render, or more to say.
  [[nodiscard]] bool is_changed() const noexcept { return is_view_changed_ || are_components_changed_; }

  /// The component to which an event is addressed; null if it is gone.
  [[nodiscard]] component* find(component_id id) noexcept;
  /// Gives a component new attributes and marks it changed (`send_update`). False if there is no such component.
  bool update(const component_place& place);
  /// The client's `cids_will_destroy` and `cids_destroyed`; the latter's answer are the ids it returns.
  void leaving(std::span<const component_id> ids);
  [[nodiscard]] std::vector<component_id> left(std::span<const component_id> ids);

  /// What its streams, and those of its components, hold until the client has it, about.
  [[nodiscard]] std::size_t stream_octets() const noexcept { return scope_.stream_octets ? *scope_.stream_octets : 0; }
  [[nodiscard]] std::size_t components() const noexcept { return table_.size(); }
  /// Octets on the heap for what the client has, without the components themselves.
  [[nodiscard]] std::size_t octets() const noexcept;

private:
  [[nodiscard]] std::string encode(const render_function& render, const message_parts& parts);
  [[nodiscard]] rendered render_view(const render_function& render);

  render_scope scope_;
  render_context context_;
  tree_memory memory_;
  component_table table_;
  std::unique_ptr<view_message> writing_;  // The text that is being made.
  std::unique_ptr<view_message> pending_;  // The last text, until it is sent.
  std::set<component_id> changed_since_;   // Changed after they were rendered for that text.
  bool is_view_changed_ = true;
  bool are_components_changed_ = false;
  bool are_more_waiting_ = false;  // For the message after the pending one.
};

}  // namespace beamline::web::live
