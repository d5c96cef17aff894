#pragma once

#include "web/live/component_table.hpp"
#include "web/live/diff_encoder.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace beamline::web::live {

/// One message about a view and its live components: rendered, encoded, and kept until it is sent.
///
///   view's tree --(encoder meets a place)--> component updated, rendered, encoded --(meets places)--> ...
///   then those that changed by themselves, if the client can show them
///
/// The client patches either the whole page, without the components that the message does not name, or, if it names
/// nothing but components, the outermost of these. So a component that changed by itself waits for a message of its own
/// when this one names the view or a component around it.
///
/// Used by `view_tree`; nothing of the tree memories changes before `commit`.
class view_message final : public component_sink {
public:
  view_message(component_table& table, const tree_memory& root) : table_{table}, root_{root} {}

  /// The view's own tree; it has been rendered in full if the client does not have its template.
  void add_view(const rendered& tree);
  /// Components that changed and are shown, unless they were rendered with their place. True if some must wait for the
  /// next message.
  [[nodiscard]] bool add_changed();
  /// The JSON text, or empty. `is_full`: the client has nothing.
  [[nodiscard]] std::string encode(bool is_full, const message_parts& parts);

  /// The client has been given the text.
  void commit(tree_memory& root);
  [[nodiscard]] bool has_view() const noexcept { return has_view_; }
  /// Whether the component has been rendered for this message.
  [[nodiscard]] bool has(component_id id) const { return pieces_.contains(id); }

private:
  using entry = component_table::entry;
  struct piece {
    std::string text;  // Empty: no change.
    tree_memory::words tree;
    std::set<component_id> shown;  // Places of live components in the tree.
    std::set<component_id> shown_in_streams;
    std::uint64_t fingerprint = 0;
  };
  /// The tree that is being encoded.
  struct position {
    component_id owner = 0;
    piece* into = nullptr;
    bool is_reset = false;  // The client forgets what it tracked of this component.
    std::size_t depth = 0;
  };

  placed place(const component_place& p, bool is_in_stream) override;
  [[nodiscard]] bool must_reset(const entry& e) const;
  void render_one(entry& e, bool is_reset);
  [[nodiscard]] rendered render_full_or_diff(entry& e, bool& is_full);
  void encode_full_piece(entry& e, const rendered& tree, piece& out);
  [[nodiscard]] std::optional<std::int64_t> source_of(const entry& e, std::uint64_t fingerprint);
  [[nodiscard]] const tree_memory::words& words_of(std::int64_t source) const;
  [[nodiscard]] bool is_named(component_id id) const;
  [[nodiscard]] bool is_within_named(const entry& e) const;
  [[nodiscard]] bool is_shown(const entry& e) const;
  [[nodiscard]] std::size_t depth_of(const entry& e) const;
  void move_places(component_id owner, const tree_memory::words& before, const piece& now);

  component_table& table_;
  const tree_memory& root_;
  bool has_view_ = false;
  piece view_;
  std::map<component_id, piece> pieces_;
  std::optional<std::uint64_t> title_;
  std::set<component_id> visited_;
  position at_;
  std::map<std::uint64_t, component_id> new_sources_;                 // Full in this message, by fingerprint.
  std::optional<std::map<std::uint64_t, component_id>> old_sources_;  // The client has them; made when first needed.
};

}  // namespace beamline::web::live
