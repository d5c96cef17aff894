#include "base/json.hpp"
#include "web/live/diff_encoder.hpp"
#include "web/live/diff_text.hpp"
#include "web/live/stream.hpp"

#include <algorithm>
#include <stdexcept>

// Lists and streams. See diff_encoder.hpp.

namespace beamline::web::live {

namespace {

constexpr auto none = static_cast<std::size_t>(-1);

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

void check_stream(const comprehension& list) {
  const auto& stream = *list.stream();
  if (stream.number() == 0)
    throw std::logic_error{"live diff: the stream \"" + stream.name()
                           + "\" is rendered but unknown; give it to render_context::begin"};
  if (list.is_keyed() || list.entries().size() != stream.placements().size())
    throw std::logic_error{"live diff: the stream \"" + stream.name() + "\" has "
                           + std::to_string(stream.placements().size()) + " items to send, but "
                           + std::to_string(list.entries().size())
                           + " rows; render one row without a key for each, in the same turn"};
}

}  // namespace

// ---- lists ----

void diff_encoder::list_full(const comprehension& list, std::size_t depth) {
  check_depth(list.tpl(), depth);
  if (list.stream() != nullptr)
    return stream_full(list, depth);
  if (list.entries().empty())
    return text_full({});
  const auto keys = row_keys(list);
  check_unique(list, keys);
  const auto header = open(tree_memory::kind::list, list.tpl());
  new_.push_back(list.entries().size() << 2 | (list.is_keyed() ? keyed_bit : 0));
  const auto has_table = open_list_table();
  out_ += "{\"k\":{";
  const auto start = out_.size();
  for (std::size_t i = 0; i < list.entries().size(); ++i) {
    if (list.is_keyed())
      new_.push_back(keys[i]);
    name(i);
    out_ += '{';
    row_full(list.tpl(), list.entries()[i].values, depth);
    close_object();
    out_ += ',';
  }
  count_rows(list.entries().size());
  if (has_table)
    close_list_table(start);
  use_template(list.tpl());
  close_object();
  close(header);
}

bool diff_encoder::list_or_text_diff(const comprehension& list, position old, std::size_t depth) {
  const auto is_known = is_old(old, tree_memory::kind::list, list.tpl());
  if (list.stream() != nullptr) {
    if (is_known && is_old_stream(old, list))
      return stream_diff(list, old, depth);
    stream_full(list, depth);
    return true;
  }
  const auto is_empty = list.entries().empty();
  if (is_known && (old_[old + 2] & stream_bit) == 0) {
    const auto was_empty = old_[old + 2] >> 2 == 0;
    const auto was_keyed = (old_[old + 2] & keyed_bit) != 0;
    // An empty list has no say in whether its rows have keys.
    if (is_empty || was_empty || was_keyed == list.is_keyed())
      return list_diff(list, old, depth);
  }
  if (is_empty)
    return text_diff({}, old);
  list_full(list, depth);
  return true;
}

bool diff_encoder::list_diff(const comprehension& list, position old, std::size_t depth) {
  check_depth(list.tpl(), depth);
  const auto was_keyed = (old_[old + 2] & keyed_bit) != 0;
  const auto header = open(tree_memory::kind::list, list.tpl());
  const auto is_keyed = list.entries().empty() ? was_keyed : list.is_keyed();
  new_.push_back(list.entries().size() << 2 | (is_keyed ? keyed_bit : 0));
  // The rows of another component's list may still refer to a table of their own.
  const auto outer_tables = std::exchange(tables_, is_shared_ ? tables::none : tables_);
  const auto has_table = open_list_table();
  const auto start = out_.size();
  out_ += "{\"k\":{";
  const auto is_changed = row_diffs(list, old, depth);
  if (is_changed)
    count_rows(list.entries().size());
  else
    out_.resize(start);
  if (has_table)
    close_list_table(start);
  if (is_changed)
    close_object();
  tables_ = outer_tables;
  close(header);
  return is_changed;
}

/// The rows that changed or moved, and whether any did.
bool diff_encoder::row_diffs(const comprehension& list, position old, std::size_t depth) {
  const auto rows = old_rows(list, old);
  const auto keys = row_keys(list);
  if (!std::ranges::equal(keys, rows, {}, {}, &old_row::key))
    check_unique(list, keys);
  const auto& entries = list.entries();
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
      moved_row(list.tpl(), entries[i].values, from, rows[from].values, depth);
      has_moved = true;
    } else {
      out_ += '{';
      if (from == none) {
        row_full(list.tpl(), entries[i].values, depth);
      } else if (!row_diff(list.tpl(), entries[i].values, rows[i].values, depth)) {
        out_.resize(entry_start);
        continue;
      }
      close_object();
    }
    out_ += ',';
    is_changed = true;
  }
  if (has_moved)
    out_ += "\"km\":true,";
  return is_changed;
}

/// `4` or `[4,{"1":"x"}]`: the row that was at 4, unchanged or with changes.
void diff_encoder::moved_row(const statics& tpl, const std::vector<dynamic>& values, std::size_t old_index,
                             position old, std::size_t depth) {
  const auto start = out_.size();
  out_ += '[';
  append_count(out_, old_index);
  out_ += ",{";
  if (row_diff(tpl, values, old, depth)) {
    close_object();
    out_ += ']';
  } else {
    out_.resize(start);
    append_count(out_, old_index);
  }
}

// ---- streams: rows are written in full and forgotten ----

void diff_encoder::stream_full(const comprehension& list, std::size_t depth) {
  const auto has_table = open_list_table();
  const auto start = out_.size();
  stream_rows(list, depth);
  if (has_table)
    close_list_table(start);
  use_template(list.tpl());
  close_object();
}

bool diff_encoder::stream_diff(const comprehension& list, position old, std::size_t depth) {
  if (list.stream()->is_idle()) {
    check_stream(list);
    const auto from = old_.begin() + static_cast<std::ptrdiff_t>(old);
    new_.insert(new_.end(), from, old_.begin() + static_cast<std::ptrdiff_t>(after(old)));
    return false;
  }
  const auto has_table = open_list_table();
  const auto start = out_.size();
  stream_rows(list, depth);
  if (has_table)
    close_list_table(start);
  close_object();
  return true;
}

/// `{"k":{...},"stream":[...],` and what the client has then: a list of which nothing is remembered but the stream.
void diff_encoder::stream_rows(const comprehension& list, std::size_t depth) {
  check_depth(list.tpl(), depth);
  check_stream(list);
  const auto header = open(tree_memory::kind::list, list.tpl());
  new_.push_back(stream_bit);
  new_.push_back(list.stream()->number());
  close(header);
  const auto size = new_.size();
  const auto was_in_stream = std::exchange(is_in_stream_, true);
  out_ += "{\"k\":{";
  for (std::size_t i = 0; i < list.entries().size(); ++i) {
    name(i);
    out_ += '{';
    row_full(list.tpl(), list.entries()[i].values, depth);
    close_object();
    out_ += ',';
    new_.resize(size);
  }
  is_in_stream_ = was_in_stream;
  count_rows(list.entries().size());
  stream_changes(*list.stream());
}

/// `"stream":[ref,[[id,at,limit,update_only],...],[removed ids],true],`
void diff_encoder::stream_changes(const stream_base& stream) {
  out_ += "\"stream\":[\"";
  append_count(out_, stream.number());
  out_ += "\",[";
  for (const auto& [at, placement] : stream.placements()) {
    out_ += '[';
    append_json_string(out_, placement.dom_id);
    out_ += ',';
    append_integer(out_, placement.options.at);
    out_ += ',';
    if (placement.options.limit)
      append_integer(out_, *placement.options.limit);
    else
      out_ += "null";
    out_ += placement.options.is_update_only ? ",true]," : ",null],";
  }
  if (out_.back() == ',')
    out_.pop_back();
  out_ += "],[";
  for (const auto& id : stream.removed()) {
    append_json_string(out_, id);
    out_ += ',';
  }
  if (out_.back() == ',')
    out_.pop_back();
  out_ += stream.is_reset() ? "],true]," : "]],";
}

// ---- pieces ----

void diff_encoder::count_rows(std::size_t count) {
  out_ += "\"kc\":";
  append_count(out_, count);
  out_ += "},";
}

bool diff_encoder::open_list_table() {
  if (tables_ != tables::of_lists || is_in_list_table_)
    return false;
  uses_.clear();
  return is_in_list_table_ = true;
}

/// Fills in the templates left out since `start`: those used more than once go into a table.
void diff_encoder::close_list_table(std::size_t start) {
  is_in_list_table_ = false;
  if (uses_.empty())
    return;
  auto counts = std::vector<std::pair<const statics*, std::size_t>>{};  // In the order of first use.
  const auto count_of = [&](const statics& tpl) {
    return std::ranges::find(counts, tpl.fingerprint(), [](const auto& c) { return c.first->fingerprint(); });
  };
  for (const auto& u : uses_) {
    if (const auto known = count_of(*u.tpl); known != counts.end())
      ++known->second;
    else
      counts.emplace_back(u.tpl, 1);
  }
  auto table = std::vector<const statics*>{};
  for (auto& [tpl, count] : counts) {
    const auto is_shared = count > 1;
    count = is_shared ? table.size() : none;  // From now on its number.
    if (is_shared)
      table.push_back(tpl);
  }
  const auto text = out_.substr(start);
  out_.resize(start);
  auto done = std::size_t{0};
  for (const auto& u : uses_) {
    out_.append(text, done, u.at - start - done);
    done = u.at - start;
    if (const auto number = count_of(*u.tpl)->second; number == none)
      out_ += u.tpl->json();
    else
      append_count(out_, number);
  }
  out_.append(text, done);
  if (!table.empty())
    append_table(table);
}

bool diff_encoder::is_old_stream(position at, const comprehension& list) const {
  return (old_[at + 2] & stream_bit) != 0 && old_[at + 3] == list.stream()->number();
}

/// Where each row of the old list keeps its values. The templates are the same, so a row has as many values now as
/// then.
std::vector<diff_encoder::old_row> diff_encoder::old_rows(const comprehension& list, position old) const {
  const auto count = old_[old + 2] >> 2;
  const auto was_keyed = (old_[old + 2] & keyed_bit) != 0;
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
    keys.push_back(hash(entry.key));
  return keys;
}

}  // namespace beamline::web::live
