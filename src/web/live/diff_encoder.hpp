#pragma once

#include "web/live/diff.hpp"
#include "web/live/rendered.hpp"
#include "web/live/tree_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::web::live {

/// Told of each live component that a walk meets.
class component_sink {
public:
  struct placed {
    std::uint64_t number;
    bool is_changed;  // The message says something of it.
  };
  /// The component that has this place. `is_in_stream`: the memory will not know of it.
  virtual placed place(const component_place& p, bool is_in_stream) = 0;

protected:
  ~component_sink() = default;
};

/// One walk over a new tree and the memory of the old one; used for one tree of one message and thrown away.
///
/// Each `*_full` writes a value the client does not have. Each `*_diff` writes the difference and returns whether there
/// is one; if there is none it leaves the output as it found it. Both append what the client has afterwards to the new
/// memory, in step with the output.
///
/// Templates are written in one of two ways. In the view's own tree (`view_*`) each is a number of the message's table.
/// Live components (`component_*`) have no part in that table: there a template stands where it is used, except within
/// lists, whose rows share a table of the list. The reason is how the client merges components: a table of the
/// component itself would be merged with an older one if the component was not shown in between.
///
/// Where a template is one element the client skips it, with all that is in it, if a message says nothing of it. So the
/// place of a component that changed is named again within such a template, and within components, though its number is
/// what it was.
class diff_encoder {
public:
  /// `old` is what the client has of this tree, or of the component whose templates are shared; empty for neither.
  /// `sink` may be null: then a live component throws.
  diff_encoder(std::string& out, const tree_memory::words& old, const hash_key& key, component_sink* sink);

  // Members of the outermost object, without braces, each followed by a comma.

  void view_full(const rendered& tree);
  bool view_diff(const rendered& tree);
  /// The table of templates used so far, followed by a comma; nothing if none was used.
  void view_templates();

  void component_full(const rendered& tree);
  bool component_diff(const rendered& tree);
  /// The tree of a component whose templates are those of component `from`: of this message, or as it was before if
  /// negative. `old` must be that one's memory, with the same outermost template.
  void component_shared(const rendered& tree, std::int64_t from);

  /// What the client has after this message.
  [[nodiscard]] tree_memory::words take_words() noexcept { return std::move(new_); }

private:
  using position = std::size_t;  // Index into old_.
  struct old_row {
    std::uint64_t key;
    position values;
  };
  enum class tables {
    of_message,  // All templates are numbers.
    of_lists,    // A list that is not within another may have a table.
    none,        // All templates are written where they are used.
  };

  void value_full(const statics& tpl, std::size_t index, const dynamic& value, std::size_t depth);
  bool value_diff(const statics& tpl, std::size_t index, const dynamic& value, position old, std::size_t depth);
  void text_full(std::string_view text);
  bool text_diff(std::string_view text, position old);
  bool place_full(const component_place& place);
  bool place_diff(const component_place& place, position old);
  void node_full(const rendered& node, std::size_t depth);
  bool node_diff(const rendered& node, position old, std::size_t depth);
  void list_full(const comprehension& list, std::size_t depth);
  bool list_or_text_diff(const comprehension& list, position old, std::size_t depth);
  bool list_diff(const comprehension& list, position old, std::size_t depth);
  bool row_diffs(const comprehension& list, position old, std::size_t depth);
  void row_full(const statics& tpl, const std::vector<dynamic>& values, std::size_t depth);
  bool row_diff(const statics& tpl, const std::vector<dynamic>& values, position old, std::size_t depth);
  void moved_row(const statics& tpl, const std::vector<dynamic>& values, std::size_t old_index, position old,
                 std::size_t depth);
  void stream_full(const comprehension& list, std::size_t depth);
  bool stream_diff(const comprehension& list, position old, std::size_t depth);
  void stream_rows(const comprehension& list, std::size_t depth);
  void stream_changes(const stream_base& stream);

  void name(std::size_t index);
  void use_template(const statics& tpl);
  void count_rows(std::size_t count);
  [[nodiscard]] bool open_list_table();
  void close_list_table(std::size_t start);
  void append_table(const std::vector<const statics*>& table);
  void close_object();
  [[nodiscard]] std::size_t open(tree_memory::kind kind, const statics& tpl);
  void close(std::size_t header);
  [[nodiscard]] std::uint64_t hash(std::string_view text) const { return sip_hash(key_, text) & ~tag_mask; }
  [[nodiscard]] bool is_old(position at, tree_memory::kind kind, const statics& tpl) const;
  [[nodiscard]] bool is_old_stream(position at, const comprehension& list) const;
  [[nodiscard]] position after(position at) const;
  [[nodiscard]] std::vector<old_row> old_rows(const comprehension& list, position old) const;
  [[nodiscard]] std::vector<std::uint64_t> row_keys(const comprehension& list) const;

  static constexpr std::uint64_t tag_mask = 3;
  static constexpr std::uint64_t keyed_bit = 1;
  static constexpr std::uint64_t stream_bit = 2;

  std::string& out_;
  const tree_memory::words& old_;
  hash_key key_;
  component_sink* sink_;
  tree_memory::words new_;
  tables tables_ = tables::of_message;
  bool is_shared_ = false;  // The old tree is another component's.
  bool is_in_stream_ = false;
  std::size_t elements_ = 0;  // Around the present value, that the client might skip.
  std::vector<std::pair<std::uint64_t, std::size_t>> template_ids_;  // By fingerprint, sorted.
  std::vector<const statics*> templates_;                            // By number in this message.
  struct use {
    std::size_t at;  // Where in the output the template or its number goes.
    const statics* tpl;
  };
  bool is_in_list_table_ = false;
  std::vector<use> uses_;  // Within the list whose table is open.
};

/// Events and reply, each followed by a comma, then the end of the object that `out` is. Nothing but the opening brace
/// gives the empty string: there is no message.
[[nodiscard]] std::string finish_message(std::string out, const message_parts& parts);

/// Throws std::logic_error for parts that a join cannot have.
void check_join_parts(const message_parts& parts);

/// `"t":...,` if the client shows another title than this one; the hash to remember if so.
std::optional<std::uint64_t> append_title(std::string& out, const tree_memory& memory, std::string_view text,
                                          bool is_always_sent);

}  // namespace beamline::web::live
