#include "web/live/diff_encoder.hpp"

#include "base/json.hpp"
#include "web/live/diff_text.hpp"

#include <algorithm>
#include <stdexcept>

namespace beamline::web::live {

namespace {

[[noreturn]] void throw_unknown(const statics& tpl, std::size_t index) {
  throw std::logic_error{"live diff: value " + std::to_string(index) + " of \"" + tpl.describe()
                         + "\" is said to be unchanged, but the client does not have it; evaluate it when the template "
                           "around it is new"};
}

}  // namespace

diff_encoder::diff_encoder(std::string& out, const tree_memory::words& old, const hash_key& key, component_sink* sink)
    : out_{out}, old_{old}, key_{key}, sink_{sink} {
  new_.reserve(old_.size());
}

// ---- the outermost template ----

void diff_encoder::view_full(const rendered& tree) {
  // The root flag of the outermost node is left out: at this level the client reads `r` as the reply.
  const auto header = open(tree_memory::kind::node, tree.tpl());
  row_full(tree.tpl(), tree.values(), 0);
  use_template(tree.tpl());
  close(header);
}

bool diff_encoder::view_diff(const rendered& tree) {
  if (old_.empty() || !is_old(0, tree_memory::kind::node, tree.tpl())) {
    view_full(tree);
    return true;
  }
  const auto header = open(tree_memory::kind::node, tree.tpl());
  const auto is_changed = row_diff(tree.tpl(), tree.values(), 2, 0);
  close(header);
  return is_changed;
}

void diff_encoder::view_templates() {
  if (!templates_.empty())
    append_table(templates_);
}

void diff_encoder::component_full(const rendered& tree) {
  tables_ = tables::of_lists;
  const auto header = open(tree_memory::kind::node, tree.tpl());
  row_full(tree.tpl(), tree.values(), 0);
  // Without the root flag the client would not find the component's element.
  out_ += "\"r\":1,";
  use_template(tree.tpl());
  close(header);
}

bool diff_encoder::component_diff(const rendered& tree) {
  tables_ = tables::of_lists;
  elements_ = 1;
  const auto header = open(tree_memory::kind::node, tree.tpl());
  const auto is_changed = row_diff(tree.tpl(), tree.values(), 2, 0);
  close(header);
  return is_changed;
}

void diff_encoder::component_shared(const rendered& tree, std::int64_t from) {
  is_shared_ = true;
  (void)component_diff(tree);  // What is equal the client copies.
  out_ += "\"s\":";
  append_integer(out_, from);
  out_ += ',';
}

// ---- values ----

void diff_encoder::value_full(const statics& tpl, std::size_t index, const dynamic& value, std::size_t depth) {
  if (const auto* text = value.text())
    text_full(*text);
  else if (const auto* node = value.tree())
    node_full(*node, depth + 1);
  else if (const auto* list = value.list())
    list_full(*list, depth + 1);
  else if (const auto* place = value.component())
    (void)place_full(*place);
  else
    throw_unknown(tpl, index);
}

bool diff_encoder::value_diff(const statics& tpl, std::size_t index, const dynamic& value, position old,
                              std::size_t depth) {
  if (value.is_unchanged() || value.is_shown_kept()) {
    const auto from = old_.begin() + static_cast<std::ptrdiff_t>(old);
    new_.insert(new_.end(), from, old_.begin() + static_cast<std::ptrdiff_t>(after(old)));
    return false;
  }
  if (const auto* text = value.text())
    return text_diff(*text, old);
  if (const auto* place = value.component())
    return place_diff(*place, old);
  if (const auto* list = value.list())
    return list_or_text_diff(*list, old, depth + 1);
  if (const auto* node = value.tree(); is_old(old, tree_memory::kind::node, node->tpl()))
    return node_diff(*node, old, depth + 1);
  value_full(tpl, index, value, depth);
  return true;
}

void diff_encoder::text_full(std::string_view text) {
  new_.push_back(hash(text));
  append_json_string(out_, text);
}

bool diff_encoder::text_diff(std::string_view text, position old) {
  const auto word = hash(text);
  new_.push_back(word);
  if (word == old_[old])
    return false;
  append_json_string(out_, text);
  return true;
}

/// Writes its number; true if something is said of the component.
bool diff_encoder::place_full(const component_place& place) {
  if (sink_ == nullptr)
    throw std::logic_error{"live diff: a live component outside of a view_tree, which alone knows its content"};
  const auto [number, is_changed] = sink_->place(place, is_in_stream_);
  new_.push_back(number << 2 | static_cast<std::uint64_t>(tree_memory::kind::component));
  append_count(out_, number);
  return is_changed;
}

bool diff_encoder::place_diff(const component_place& place, position old) {
  const auto start = out_.size();
  const auto is_changed = place_full(place);
  if (new_.back() != old_[old] || (is_changed && elements_ > 0))
    return true;
  out_.resize(start);
  return false;
}

void diff_encoder::node_full(const rendered& node, std::size_t depth) {
  check_depth(node.tpl(), depth);
  const auto header = open(tree_memory::kind::node, node.tpl());
  out_ += '{';
  row_full(node.tpl(), node.values(), depth);
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
  const auto is_element = std::size_t{node.tpl().is_single_root() ? 1U : 0U};
  elements_ += is_element;
  const auto is_changed = row_diff(node.tpl(), node.values(), old + 2, depth);
  elements_ -= is_element;
  if (is_changed)
    close_object();
  else
    out_.resize(start);
  close(header);
  return is_changed;
}

// ---- rows: the values of a node or of one entry of a list ----

void diff_encoder::row_full(const statics& tpl, const std::vector<dynamic>& values, std::size_t depth) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    name(i);
    value_full(tpl, i, values[i], depth);
    out_ += ',';
  }
}

bool diff_encoder::row_diff(const statics& tpl, const std::vector<dynamic>& values, position old, std::size_t depth) {
  auto is_changed = false;
  for (std::size_t i = 0; i < values.size(); ++i, old = after(old)) {
    const auto start = out_.size();
    name(i);
    if (value_diff(tpl, i, values[i], old, depth)) {
      out_ += ',';
      is_changed = true;
    } else {
      out_.resize(start);
    }
  }
  return is_changed;
}

// ---- pieces ----

void diff_encoder::name(std::size_t index) {
  out_ += '"';
  append_count(out_, index);
  out_ += "\":";
}

/// `"s":...,`; numbers are given in the order of first use.
void diff_encoder::use_template(const statics& tpl) {
  out_ += "\"s\":";
  if (is_in_list_table_) {
    uses_.push_back({out_.size(), &tpl});
  } else if (tables_ != tables::of_message) {
    out_ += tpl.json();
  } else {
    const auto entry = std::pair{tpl.fingerprint(), templates_.size()};
    auto at = std::ranges::lower_bound(template_ids_, entry.first, {}, &std::pair<std::uint64_t, std::size_t>::first);
    if (at == template_ids_.end() || at->first != entry.first) {
      at = template_ids_.insert(at, entry);
      templates_.push_back(&tpl);
    }
    append_count(out_, at->second);
  }
  out_ += ',';
}

void diff_encoder::append_table(const std::vector<const statics*>& table) {
  out_ += "\"p\":{";
  for (std::size_t i = 0; i < table.size(); ++i) {
    name(i);
    out_ += table[i]->json();
    out_ += ',';
  }
  close_object();
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
  const auto kind = static_cast<tree_memory::kind>(old_[at] & tag_mask);
  const auto is_word = kind == tree_memory::kind::text || kind == tree_memory::kind::component;
  return is_word ? at + 1 : at + (old_[at] >> 2);
}

}  // namespace beamline::web::live
