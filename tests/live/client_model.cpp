#include "live/client_model.hpp"

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

void append_node(std::string& out, json& node, const json* templates);

void append_values(std::string& out, json& values, const json& statics, const json* templates) {
  for (std::size_t i = 0; i + 1 < statics.size(); ++i) {
    out += statics[i].get_ref<const std::string&>();
    const auto key = std::to_string(i);
    if (!values.contains(key))
      stuck("value " + key + " is undefined", values);
    auto& value = values.at(key);
    if (value.is_string())
      out += value.get_ref<const std::string&>();
    else if (value.is_object())
      append_node(out, value, templates);
    else
      stuck("value " + key + " is neither text nor a node", values);
  }
  out += statics.back().get_ref<const std::string&>();
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

void append_node(std::string& out, json& node, const json* templates) {
  auto own = json{};
  if (node.contains("p")) {
    own = node.at("p");
    templates = &own;
    node.erase("p");
  }
  resolve_statics(node, templates);
  const auto start = out.size();
  if (node.contains("k")) {
    auto& rows = node.at("k");
    const auto count = rows.at("kc").get<std::size_t>();
    if (rows.size() != count + 1)
      stuck("kc is not the number of rows", node);
    for (std::size_t i = 0; i < count; ++i) {
      if (!rows.contains(std::to_string(i)))
        stuck("row " + std::to_string(i) + " is undefined", node);
      append_values(out, rows.at(std::to_string(i)), node.at("s"), templates);
    }
    return;
  }
  append_values(out, node, node.at("s"), templates);
  if (node.contains("r") && (out.size() == start || out[start] != '<' || out.back() != '>'))
    stuck("the root flag on something that is not one element", node);
}

}  // namespace

void client_model::join(const json& rendered) {
  tree_ = json::object();
  title_.clear();
  auto tree = extract(rendered);
  if (!tree.contains("s"))
    stuck("a join without s", rendered);
  tree_ = std::move(tree);
  show();
}

void client_model::diff(const json& diff) {
  if (!tree_.is_object())
    stuck("a diff before the join", diff);
  auto change = extract(diff);
  if (change.contains("s"))
    tree_ = std::move(change);
  else
    merge_into(tree_, change, true);
  show();
}

json client_model::extract(json message) {
  if (!message.is_object() || message.empty())
    stuck("a message that says nothing", message);
  if (message.contains("c"))
    stuck("components, which this model does not know,", message);
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

void client_model::show() {
  html_.clear();
  append_node(html_, tree_, nullptr);
}

}  // namespace beamline::testing
