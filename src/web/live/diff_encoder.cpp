#include "web/live/diff_encoder.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace beamline::web::live {

namespace {

constexpr auto none = static_cast<std::size_t>(-1);

void append_number(std::string& out, std::size_t number) {
  auto digits = std::array<char, 20>{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void check_depth(const statics& tpl, std::size_t depth) {
  if (depth > tree_depth_max)
    throw std::logic_error{"live diff: templates are nested more than " + std::to_string(tree_depth_max) + " deep at \""
                           + tpl.describe() + "\"; flatten the recursion"};
}

/// Two rows with one key would be one row to the client.
void check_unique(const comprehension& list, std::vector<std::uint64_t> hashes) {
  std::ranges::sort(hashes);
  if (std::ranges::adjacent_find(hashes) == hashes.end())
    return;
  auto keys = std::vector<std::string_view>{};
  for (const auto& entry : list.entries())
    keys.emplace_back(entry.key);
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  throw std::logic_error{"live diff: the list \"" + list.tpl().describe() + "\" has two rows with the key \""
                         + (twice == keys.end() ? std::string{} : std::string{*twice})
                         + "\"; keys must be unique within a list"};
}

/// Finds rows of the old list by key. Sorted only when a row is not where it was.
class row_finder {
public:
  template <class Rows>
  explicit row_finder(const Rows& rows) {
    by_key_.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      by_key_.emplace_back(rows[i].key, i);
    std::ranges::sort(by_key_);
  }

  /// Index of the row with that key, or `none`.
  [[nodiscard]] std::size_t find(std::uint64_t key) const {
    const auto at = std::ranges::lower_bound(by_key_, key, {}, &std::pair<std::uint64_t, std::size_t>::first);
    return at != by_key_.end() && at->first == key ? at->second : none;
  }

private:
  std::vector<std::pair<std::uint64_t, std::size_t>> by_key_;
};

}  // namespace

// ---- the whole message ----

void diff_encoder::root_full(const rendered& tree) {
  // The root flag of the outermost node is left out: at this level the client reads `r` as the reply.
  const auto header = open(tree_memory::kind::node, tree.tpl());
  row_full(tree.values(), 0);
  use_template(tree.tpl());
  close(header);
}

bool diff_encoder::root_diff(const rendered& tree) {
  if (old_.empty() || !is_old(0, tree_memory::kind::node, tree.tpl())) {
    root_full(tree);
    return true;
  }
  const auto header = open(tree_memory::kind::node, tree.tpl());
  const auto is_changed = row_diff(tree.values(), 2, 0);
  close(header);
  return is_changed;
}

void diff_encoder::templates() {
  if (templates_.empty())
    return;
  out_ += "\"p\":{";
  for (std::size_t i = 0; i < templates_.size(); ++i) {
    name(i);
    out_ += templates_[i]->json();
    out_ += ',';
  }
  close_object();
  out_ += ',';
}

void diff_encoder::title(tree_memory& memory, std::string_view text, bool is_always_sent) const {
  const auto hash = sip_hash(key_, text);
  if (!is_always_sent && memory.title_ == hash)
    return;
  memory.title_ = hash;
  out_ += "\"t\":";
  append_json_string(out_, text);
  out_ += ',';
}

void diff_encoder::commit(tree_memory& memory) {
  // A copy of exactly the right size: an idle view should not pay for the room to grow.
  if (new_.capacity() == new_.size())
    memory.words_ = std::move(new_);
  else
    memory.words_ = std::vector<std::uint64_t>(new_.begin(), new_.end());
}

// ---- values ----

void diff_encoder::value_full(const dynamic& value, std::size_t depth) {
  if (const auto* text = value.text())
    text_full(*text);
  else if (const auto* node = value.tree())
    node_full(*node, depth + 1);
  else if (const auto* list = value.list())
    list_full(*list, depth + 1);
}

bool diff_encoder::value_diff(const dynamic& value, position old, std::size_t depth) {
  if (const auto* text = value.text())
    return text_diff(*text, old);
  if (const auto* node = value.tree()) {
    if (is_old(old, tree_memory::kind::node, node->tpl()))
      return node_diff(*node, old, depth + 1);
  } else if (const auto* list = value.list()) {
    const auto is_empty = list->entries().empty();
    if (is_old(old, tree_memory::kind::list, list->tpl())) {
      const auto was_empty = old_[old + 2] >> 1 == 0;
      const auto was_keyed = (old_[old + 2] & 1) != 0;
      // An empty list has no say in whether its rows have keys.
      if (is_empty || was_empty || was_keyed == list->is_keyed())
        return list_diff(*list, old, depth + 1);
    }
    if (is_empty)
      return text_diff({}, old);
  }
  value_full(value, depth);
  return true;
}

bool diff_encoder::text_diff(std::string_view text, position old) {
  const auto word = text_word(text);
  new_.push_back(word);
  if (word == old_[old])
    return false;
  append_json_string(out_, text);
  return true;
}

void diff_encoder::text_full(std::string_view text) {
  new_.push_back(text_word(text));
  append_json_string(out_, text);
}

void diff_encoder::node_full(const rendered& node, std::size_t depth) {
  check_depth(node.tpl(), depth);
  const auto header = open(tree_memory::kind::node, node.tpl());
  out_ += '{';
  row_full(node.values(), depth);
  if (node.tpl().is_single_root())
    out_ += "\"r\":1,";
  use_template(node.tpl());
  close_object();
  close(header);
}

bool diff_encoder::node_diff(const rendered& node, position old, std::size_t depth) {
  check_depth(node.tpl(), depth);
  const auto header = open(tree_memory::kind::node, node.tpl());
  const auto start = out_.size();
  out_ += '{';
  const auto is_changed = row_diff(node.values(), old + 2, depth);
  if (is_changed)
    close_object();
  else
    out_.resize(start);
  close(header);
  return is_changed;
}

// ---- rows: the values of a node or of one entry of a list ----

void diff_encoder::row_full(const std::vector<dynamic>& values, std::size_t depth) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    name(i);
    value_full(values[i], depth);
    out_ += ',';
  }
}

bool diff_encoder::row_diff(const std::vector<dynamic>& values, position old, std::size_t depth) {
  auto is_changed = false;
  for (std::size_t i = 0; i < values.size(); ++i, old = after(old)) {
    const auto start = out_.size();
    name(i);
    if (value_diff(values[i], old, depth)) {
      out_ += ',';
      is_changed = true;
    } else {
      out_.resize(start);
    }
  }
  return is_changed;
}

// ---- lists ----

void diff_encoder::list_full(const comprehension& list, std::size_t depth) {
  check_depth(list.tpl(), depth);
  if (list.entries().empty())
    return text_full({});
  const auto keys = row_keys(list);
  check_unique(list, keys);
  const auto header = open(tree_memory::kind::list, list.tpl());
  new_.push_back(list.entries().size() << 1 | (list.is_keyed() ? 1 : 0));
  out_ += "{\"k\":{";
  for (std::size_t i = 0; i < list.entries().size(); ++i) {
    if (list.is_keyed())
      new_.push_back(keys[i]);
    name(i);
    out_ += '{';
    row_full(list.entries()[i].values, depth);
    close_object();
    out_ += ',';
  }
  out_ += "\"kc\":";
  append_number(out_, list.entries().size());
  out_ += "},";
  use_template(list.tpl());
  close_object();
  close(header);
}

bool diff_encoder::list_diff(const comprehension& list, position old, std::size_t depth) {
  check_depth(list.tpl(), depth);
  const auto rows = old_rows(list, old);
  const auto keys = row_keys(list);
  if (!std::ranges::equal(keys, rows, {}, {}, &old_row::key))
    check_unique(list, keys);
  const auto& entries = list.entries();
  const auto was_keyed = (old_[old + 2] & 1) != 0;
  const auto header = open(tree_memory::kind::list, list.tpl());
  new_.push_back(entries.size() << 1 | ((entries.empty() ? was_keyed : list.is_keyed()) ? 1 : 0));
  const auto start = out_.size();
  out_ += "{\"k\":{";
  auto is_changed = entries.size() != rows.size();
  auto has_moved = false;
  auto finder = std::optional<row_finder>{};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (list.is_keyed())
      new_.push_back(keys[i]);
    auto from = i < rows.size() ? i : none;
    if (list.is_keyed() && (from == none || rows[i].key != keys[i])) {
      if (!finder)
        finder.emplace(rows);
      from = finder->find(keys[i]);
    }
    const auto entry_start = out_.size();
    name(i);
    if (from != i && from != none) {
      has_moved = moved_row(entries[i].values, from, rows[from].values, depth);
    } else {
      out_ += '{';
      if (from == none) {
        row_full(entries[i].values, depth);
      } else if (!row_diff(entries[i].values, rows[i].values, depth)) {
        out_.resize(entry_start);
        continue;
      }
      close_object();
    }
    out_ += ',';
    is_changed = true;
  }
  close(header);
  if (!is_changed) {
    out_.resize(start);
    return false;
  }
  if (has_moved)
    out_ += "\"km\":true,";
  out_ += "\"kc\":";
  append_number(out_, entries.size());
  out_ += "}}";
  return true;
}

/// `4` or `[4,{"1":"x"}]`: the row that was at 4, unchanged or with changes. Always true: a row has moved.
bool diff_encoder::moved_row(const std::vector<dynamic>& values, std::size_t old_index, position old,
                             std::size_t depth) {
  const auto start = out_.size();
  out_ += '[';
  append_number(out_, old_index);
  out_ += ",{";
  if (row_diff(values, old, depth)) {
    close_object();
    out_ += ']';
  } else {
    out_.resize(start);
    append_number(out_, old_index);
  }
  return true;
}

// ---- pieces ----

void diff_encoder::name(std::size_t index) {
  out_ += '"';
  append_number(out_, index);
  out_ += "\":";
}

/// `"s":<number>,`; numbers are given in the order of first use.
void diff_encoder::use_template(const statics& tpl) {
  const auto entry = std::pair{tpl.fingerprint(), templates_.size()};
  auto at = std::ranges::lower_bound(template_ids_, entry.first, {}, &std::pair<std::uint64_t, std::size_t>::first);
  if (at == template_ids_.end() || at->first != entry.first) {
    at = template_ids_.insert(at, entry);
    templates_.push_back(&tpl);
  }
  out_ += "\"s\":";
  append_number(out_, at->second);
  out_ += ',';
}

/// Members are written with a comma behind each; the last one becomes the brace.
void diff_encoder::close_object() {
  if (out_.back() == ',')
    out_.back() = '}';
  else
    out_ += '}';
}

/// Begins a node or list in the new memory; its length is filled in by `close`.
std::size_t diff_encoder::open(tree_memory::kind kind, const statics& tpl) {
  new_.push_back(static_cast<std::uint64_t>(kind));
  new_.push_back(tpl.fingerprint());
  return new_.size() - 2;
}

void diff_encoder::close(std::size_t header) { new_[header] |= (new_.size() - header) << 2; }

bool diff_encoder::is_old(position at, tree_memory::kind kind, const statics& tpl) const {
  return (old_[at] & tag_mask) == static_cast<std::uint64_t>(kind) && old_[at + 1] == tpl.fingerprint();
}

diff_encoder::position diff_encoder::after(position at) const {
  const auto is_text = (old_[at] & tag_mask) == static_cast<std::uint64_t>(tree_memory::kind::text);
  return is_text ? at + 1 : at + (old_[at] >> 2);
}

/// Where each row of the old list keeps its values. The templates are the same, so a row has as many values now as
/// then.
std::vector<diff_encoder::old_row> diff_encoder::old_rows(const comprehension& list, position old) const {
  const auto count = old_[old + 2] >> 1;
  const auto was_keyed = (old_[old + 2] & 1) != 0;
  auto rows = std::vector<old_row>{};
  rows.reserve(count);
  auto at = old + 3;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto key = was_keyed ? old_[at++] : i;
    rows.push_back({key, at});
    for (std::size_t value = 0; value < list.tpl().dynamics(); ++value)
      at = after(at);
  }
  return rows;
}

/// The hash of each row's key; nothing for a list without keys.
std::vector<std::uint64_t> diff_encoder::row_keys(const comprehension& list) const {
  auto keys = std::vector<std::uint64_t>{};
  if (!list.is_keyed())
    return keys;
  keys.reserve(list.entries().size());
  for (const auto& entry : list.entries())
    keys.push_back(sip_hash(key_, entry.key));
  return keys;
}

}  // namespace beamline::web::live
