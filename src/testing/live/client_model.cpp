#include "testing/live/client_model.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

namespace beamline::testing {

namespace {

[[noreturn]] void stuck(const std::string& why, const json& where) { throw page_stuck{why + " in " + where.dump()}; }

std::optional<std::size_t> index_of(std::string_view key) {
  if (key.empty() || key.size() > 6 || !std::ranges::all_of(key, [](unsigned char c) { return std::isdigit(c) != 0; }))
    return std::nullopt;
  return std::stoul(std::string{key});
}

void merge_into(json& target, const json& source, bool is_root);

void merge_keyed(json& target, const json& source) {
  if (!target.contains("k"))
    stuck("a keyed diff for a node that is no comprehension", source);
  if (target.contains("was_stream") && !source.contains("stream"))
    stuck("rows for a stream without saying what to do with them", source);
  const auto& changes = source.at("k");
  if (!changes.contains("kc") || !changes.at("kc").is_number_unsigned())
    stuck("a keyed diff without kc", source);
  const auto has_moves = changes.contains("km");
  const auto before = target.at("k");
  auto& rows = target.at("k");
  const auto old_count = before.at("kc").get<std::size_t>();
  const auto new_count = changes.at("kc").get<std::size_t>();
  auto moves = 0;
  const auto take = [&](const std::string& to, const json& from) {
    if (!has_moves)
      stuck("a row moved, but km is missing", source);
    if (!from.is_number_unsigned() || from.get<std::size_t>() >= old_count)
      stuck("a row moved from where no row was", source);
    rows[to] = before.at(std::to_string(from.get<std::size_t>()));
    ++moves;
  };
  for (const auto& [key, entry] : changes.items()) {
    if (key == "kc" || key == "km")
      continue;
    const auto index = index_of(key);
    if (!index || *index >= new_count)
      stuck("position " + key + " is not below kc", source);
    if (entry.is_array()) {
      if (entry.size() != 2 || !entry[1].is_object() || entry[1].empty())
        stuck("a moved row must be [position, changes]", source);
      take(key, entry[0]);
      merge_into(rows[key], entry[1], false);
    } else if (entry.is_number()) {
      take(key, entry);
    } else if (entry.is_object()) {
      if (!rows.contains(key))
        rows[key] = json::object();
      merge_into(rows[key], entry, false);
    } else {
      stuck("position " + key + " is neither a row nor a position", source);
    }
  }
  if (has_moves != (moves > 0))
    stuck("km without a move", source);
  for (auto i = new_count; i < old_count; ++i)
    rows.erase(std::to_string(i));
  rows["kc"] = new_count;
  for (const auto* name : {"stream", "p"})
    if (source.contains(name))
      target[name] = source.at(name);
}

void merge_into(json& target, const json& source, bool is_root) {
  if (source.contains("k"))
    return merge_keyed(target, source);
  if (target.contains("k"))
    stuck("values for a node that is a comprehension", source);
  for (const auto& [key, value] : source.items()) {
    if (is_root && key == "p") {
      target["p"] = value;
      continue;
    }
    const auto index = index_of(key);
    if (!index)
      stuck("the unknown key " + key, source);
    if (target.contains("s") && *index + 1 >= target.at("s").size())
      stuck("value " + key + " has no place in the template", source);
    if (value.is_object() && !value.contains("s")) {
      if (!target.contains(key) || !target.at(key).is_object())
        stuck("value " + key + " is a change of a node that does not exist", source);
      merge_into(target.at(key), value, false);
    } else {
      target[key] = value;
    }
  }
}

/// Template numbers are valid in one message only: they are replaced by the templates when they are first seen.
void resolve_statics(json& node, const json* templates) {
  if (!node.contains("s"))
    stuck("a node without s", node);
  auto& statics = node.at("s");
  if (!statics.is_array()) {
    const auto key = statics.dump();
    if (templates == nullptr || !templates->contains(key))
      stuck("template " + key + " is not in p", node);
    statics = json(templates->at(key));
  }
  if (statics.empty())
    stuck("a template without parts", node);
}

/// `<b class="x">` -> `<b data-phx-component="3" class="x">`, for the element that begins at `at`.
void mark_component(std::string& out, std::size_t at, const std::string& cid) {
  auto end = at + 1;
  while (end < out.size() && (std::isalnum(static_cast<unsigned char>(out[end])) != 0 || out[end] == '-'))
    ++end;
  out.insert(end, " data-phx-component=\"" + cid + "\"");
}

}  // namespace

/// Turns the merged tree into HTML once.
class client_model::writer {
public:
  explicit writer(client_model& model) : model_{model} {}

  void node(json& node, const json* templates) {
    const auto guard = deeper(node);
    auto own = json{};
    if (node.contains("p")) {
      own = node.at("p");
      node.erase("p");
    }
    if (node.contains("k")) {
      // A list's table is for its rows, and only where no other is in force.
      resolve_statics(node, templates);
      return rows(node, templates == nullptr && !own.is_null() ? &own : templates);
    }
    if (!own.is_null())
      templates = &own;
    resolve_statics(node, templates);
    const auto start = out.size();
    values(node, node.at("s"), templates);
    if (node.contains("r") && (out.size() == start || out[start] != '<' || out.back() != '>'))
      stuck("the root flag on something that is not one element", node);
  }

  void component(const std::string& cid, const json& where) {
    if (!model_.components_.contains(cid))
      stuck("component " + cid + " has no content", where);
    if (!model_.shown_.insert(std::stoull(cid)).second)
      stuck("component " + cid + " stands in two places", where);
    auto& content = model_.components_.at(cid);
    const auto start = out.size();
    node(content, nullptr);  // The templates of the message are not for components.
    if (!content.contains("r"))
      stuck("component " + cid + " has no root flag: phx-target would find nothing", content);
    if (model_.marks_components_)
      mark_component(out, start, cid);
  }

  std::string out;

private:
  struct depth_guard {
    explicit depth_guard(std::size_t& d) : depth{d} { ++depth; }
    ~depth_guard() { --depth; }
    depth_guard(const depth_guard&) = delete;
    depth_guard& operator=(const depth_guard&) = delete;
    std::size_t& depth;
  };
  depth_guard deeper(const json& where) {
    if (depth_ > 300)
      stuck("a tree without end", where);
    return depth_guard{depth_};
  }

  void rows(json& node, const json* templates) {
    auto& all = node.at("k");
    const auto count = all.at("kc").get<std::size_t>();
    if (all.size() != count + 1)
      stuck("kc is not the number of rows", node);
    for (std::size_t i = 0; i < count; ++i) {
      if (!all.contains(std::to_string(i)))
        stuck("row " + std::to_string(i) + " is undefined", node);
      values(all.at(std::to_string(i)), node.at("s"), templates);
    }
    if (node.contains("stream"))
      forget_items(node);
  }

  /// The client keeps no stream items: they are in the page, or nowhere.
  void forget_items(json& node) {
    const auto& stream = node.at("stream");
    if (!stream.is_array() || stream.size() < 3 || stream.size() > 4 || !stream[0].is_string() || !stream[1].is_array()
        || !stream[2].is_array())
      stuck("a stream must be [ref, inserts, deletes, reset?]", node);
    for (const auto& insert : stream[1])
      if (!insert.is_array() || insert.size() != 4 || !insert[0].is_string() || !insert[1].is_number_integer())
        stuck("a stream's insert must be [id, at, limit, update_only]", node);
    model_.streams_.push_back(stream);
    node.erase("stream");
    node["was_stream"] = true;
    node["k"] = {{"kc", 0U}};
  }

  void values(json& row, const json& statics, const json* templates) {
    for (std::size_t i = 0; i + 1 < statics.size(); ++i) {
      out += statics[i].get_ref<const std::string&>();
      const auto key = std::to_string(i);
      if (!row.contains(key))
        stuck("value " + key + " is undefined", row);
      auto& value = row.at(key);
      if (value.is_string())
        out += value.get_ref<const std::string&>();
      else if (value.is_object())
        node(value, templates);
      else if (value.is_number_unsigned() && value != 0U)
        component(value.dump(), row);
      else
        stuck("value " + key + " is neither text, node nor component", row);
    }
    out += statics.back().get_ref<const std::string&>();
  }

  client_model& model_;
  std::size_t depth_ = 0;
};

void client_model::join(const json& rendered) {
  tree_ = json::object();
  components_ = json::object();
  title_.clear();
  auto tree = extract(rendered);
  if (!tree.contains("s"))
    stuck("a join without s", rendered);
  auto components = tree.contains("c") ? json(tree.at("c")) : json::object();
  tree.erase("c");
  tree_ = std::move(tree);
  merge_components(std::move(components));
  show();
}

void client_model::diff(const json& diff) {
  if (!tree_.is_object())
    stuck("a diff before the join", diff);
  auto change = extract(diff);
  auto components = change.contains("c") ? json(change.at("c")) : json::object();
  change.erase("c");
  if (change.contains("s")) {
    tree_ = std::move(change);
    components_ = json::object();
  } else {
    merge_into(tree_, change, true);
  }
  merge_components(std::move(components));
  show();
}

std::set<std::uint64_t> client_model::components() const {
  auto out = std::set<std::uint64_t>{};
  for (const auto& [cid, content] : components_.items())
    out.insert(std::stoull(cid));
  return out;
}

void client_model::prune(const std::vector<std::uint64_t>& components) {
  for (const auto cid : components)
    components_.erase(std::to_string(cid));
}

json client_model::extract(json message) {
  if (!message.is_object() || message.empty())
    stuck("a message that says nothing", message);
  if (message.contains("t"))
    title_ = message.at("t").get<std::string>();
  if (message.contains("e"))
    events_.insert(events_.end(), message.at("e").begin(), message.at("e").end());
  if (message.contains("r"))
    replies_.push_back(message.at("r"));
  message.erase("t");
  message.erase("e");
  message.erase("r");
  return message;
}

void client_model::merge_components(json changes) {
  auto merged = json::object();
  const auto all = changes;  // `merged_component` takes from `changes`.
  for (const auto& [cid, change] : all.items()) {
    if (!index_of(cid) || cid == "0" || !change.is_object())
      stuck("c must be components by number", changes);
    (void)merged_component(cid, changes, merged);
  }
  for (auto& [cid, content] : merged.items())
    components_[cid] = std::move(content);
}

const json& client_model::merged_component(const std::string& cid, json& changes, json& merged) {
  if (merged.contains(cid))
    return merged.at(cid);
  if (!changes.contains(cid))
    stuck("component " + cid + " lends its template but is not in this message", changes);
  auto change = json(changes.at(cid));
  if (!change.contains("s")) {
    if (!components_.contains(cid))
      stuck("a change of component " + cid + ", which the client does not have", change);
    auto content = json(components_.at(cid));
    merge_into(content, change, true);
    return merged[cid] = std::move(content);
  }
  if (!change.at("s").is_number_integer())
    return merged[cid] = std::move(change);
  const auto source = change.at("s").get<std::int64_t>();
  const auto lender = std::to_string(source < 0 ? -source : source);
  if (lender == cid || (source < 0 && !components_.contains(lender)))
    stuck("component " + cid + " takes its template from " + lender + ", which the client does not have", change);
  auto content = source < 0 ? json(components_.at(lender)) : json(merged_component(lender, changes, merged));
  change.erase("s");  // What is not listed is as in the lender: `cloneMerge` copies it.
  merge_into(content, change, true);
  return merged[cid] = std::move(content);
}

std::string client_model::component_html(const std::string& cid) {
  auto html = writer{*this};
  html.component(cid, components_);
  return std::move(html.out);
}

void client_model::show() {
  streams_ = json::array();
  shown_.clear();
  auto html = writer{*this};
  html.node(tree_, nullptr);
  html_ = std::move(html.out);
}

}  // namespace beamline::testing
