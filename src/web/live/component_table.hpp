#pragma once

#include "web/live/component.hpp"
#include "web/live/render_context.hpp"
#include "web/live/tree_memory.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace beamline::web::live {

/// A view with more live components than this throws in its render: a long list should be a stream of rows.
inline constexpr std::size_t components_max = 10'000;

/// The process around the components of a view. Outlives the table.
class component_host {
public:
  virtual ~component_host() = default;

  /// The side of the view that component `id` sees; made when it is first asked for, kept until `component_removed`.
  virtual component_socket& socket_of(component_id id) = 0;
  /// The component's own flash messages; null: none.
  virtual const assign<flash_messages>* flash_of(component_id /*id*/) { return nullptr; }
  /// The component is gone: what it waits for is no longer of interest. Runs after its destructor.
  virtual void component_removed(component_id /*id*/) {}
};

/// The live components of one view: which there are, and what the client has of each.
///
///        first rendered                    cids_will_destroy                 cids_destroyed
///   (none) --------------> known to the client ------------> marked for removal --------------> gone
///                                ^                                   |
///                                +------- rendered again: in full <--+
///
/// Owned by a `view_tree`; not thread-safe. Numbers are never used again within a view.
class component_table {
public:
  struct entry {
    entry(render_scope& scope, component_id number, const assign<flash_messages>* flash)
        : id{number}, context{scope, number, flash} {}

    component_id id;
    const component_key* key = nullptr;
    std::unique_ptr<component> what{};
    render_context context;
    tree_memory memory{};                 // Empty: the client does not have it.
    std::optional<component_id> owner{};  // In whose tree its place is, as sent; 0: the view's. None: nowhere.
    bool is_in_stream = false;            // In a row of a stream: nothing remembers the place.
    bool is_marked = false;               // The client has said that it is about to forget it.
  };

  /// Both outlive the table; without a host every place throws.
  component_table(render_scope& scope, component_host* host) noexcept;
  ~component_table();
  component_table(const component_table&) = delete;
  component_table& operator=(const component_table&) = delete;

  /// Null if there is none (any more).
  [[nodiscard]] entry* find(component_id id) noexcept;
  [[nodiscard]] entry* find(const component_key& key) noexcept;
  /// The component of that place, updated with the place's attributes; made and mounted first if there is none.
  entry& visit(const component_place& place);
  /// `visit` for a component that must exist. Null if it does not.
  entry* update(const component_place& place);

  /// The first part of the removal: they are rendered in full if they are rendered again. Unknown ids are ignored.
  void mark(std::span<const component_id> ids);
  /// The second part: removes those still marked and says which.
  std::vector<component_id> remove_marked(std::span<const component_id> ids);
  void remove(component_id id);
  /// The view shows something else altogether: all components are gone.
  void clear();

  [[nodiscard]] std::map<component_id, entry>& entries() noexcept { return entries_; }
  [[nodiscard]] const std::map<component_id, entry>& entries() const noexcept { return entries_; }
  /// Those that must be rendered though their places may not be.
  [[nodiscard]] std::set<component_id>& changed() noexcept { return changed_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  entry& make(const component_place& place);

  render_scope& scope_;
  component_host* host_;
  component_id last_ = 0;
  std::map<component_key, component_id> ids_;
  std::map<component_id, entry> entries_;
  std::set<component_id> changed_;
};

/// The type and id for messages: `counter "c1"`.
[[nodiscard]] std::string describe(const component_key& key);

}  // namespace beamline::web::live
