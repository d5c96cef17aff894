#pragma once

#include "web/live/rendered.hpp"
#include "web/live/tree_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::web::live {

/// One walk over a new tree and the memory of the old one; used by `diff.cpp` for one message and thrown away.
///
/// Each `*_full` writes a value the client does not have. Each `*_diff` writes the difference and returns whether there
/// is one; if there is none it leaves the output as it found it. Both append what the client has afterwards to the new
/// memory, in step with the output.
class diff_encoder {
public:
  diff_encoder(std::string& out, const tree_memory& memory) : out_{out}, old_{memory.words_}, key_{memory.key_} {
    new_.reserve(old_.size());
  }

  /// Members of the outermost object, without braces, each followed by a comma.
  void root_full(const rendered& tree);
  bool root_diff(const rendered& tree);
  /// The table of templates used so far, followed by a comma; nothing if none was used.
  void templates();
  /// `"t":...,` if the client shows another title than this one.
  void title(tree_memory& memory, std::string_view text, bool is_always_sent) const;
  /// Makes `memory` say what the client has after this message.
  void commit(tree_memory& memory);

private:
  using position = std::size_t;  // Index into old_.
  struct old_row {
    std::uint64_t key;
    position values;
  };

  void value_full(const dynamic& value, std::size_t depth);
  bool value_diff(const dynamic& value, position old, std::size_t depth);
  void text_full(std::string_view text);
  bool text_diff(std::string_view text, position old);
  void node_full(const rendered& node, std::size_t depth);
  bool node_diff(const rendered& node, position old, std::size_t depth);
  void list_full(const comprehension& list, std::size_t depth);
  bool list_diff(const comprehension& list, position old, std::size_t depth);
  void row_full(const std::vector<dynamic>& values, std::size_t depth);
  bool row_diff(const std::vector<dynamic>& values, position old, std::size_t depth);
  bool moved_row(const std::vector<dynamic>& values, std::size_t old_index, position old, std::size_t depth);

  void name(std::size_t index);
  void use_template(const statics& tpl);
  void close_object();
  [[nodiscard]] std::size_t open(tree_memory::kind kind, const statics& tpl);
  void close(std::size_t header);
  [[nodiscard]] std::uint64_t text_word(std::string_view text) const { return sip_hash(key_, text) & ~tag_mask; }
  [[nodiscard]] bool is_old(position at, tree_memory::kind kind, const statics& tpl) const;
  [[nodiscard]] position after(position at) const;
  [[nodiscard]] std::vector<old_row> old_rows(const comprehension& list, position old) const;
  [[nodiscard]] std::vector<std::uint64_t> row_keys(const comprehension& list) const;

  static constexpr std::uint64_t tag_mask = 3;

  std::string& out_;
  const std::vector<std::uint64_t>& old_;
  hash_key key_;
  std::vector<std::uint64_t> new_;
  std::vector<std::pair<std::uint64_t, std::size_t>> template_ids_;  // By fingerprint, sorted.
  std::vector<const statics*> templates_;                            // By number in this message.
};

}  // namespace beamline::web::live
