#include "web/live/form.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace beamline::web::live {

namespace {

const json& nothing() {
  static const json empty = json::object();
  return empty;
}

std::optional<std::size_t> index_from(std::string_view text) {
  auto index = std::size_t{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (text.empty() || text.size() > 9 || failed != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return index;
}

std::optional<std::size_t> index_in(const json& text) {
  if (const auto* s = text.get_ptr<const std::string*>())
    return index_from(*s);
  return std::nullopt;
}

bool is_used_value(const json& params, const std::string& field) {
  const auto value = params.find(field);
  if (value == params.end() || params.contains(std::string{unused_prefix} + field))
    return false;
  if (!value->is_object())
    return true;
  return std::ranges::any_of(value->items(), [&](const auto& entry) {
    return !entry.key().starts_with(unused_prefix) && is_used_value(*value, entry.key());
  });
}

/// Rows by the index that the browser gave them.
std::vector<std::pair<std::size_t, json>> indexed_rows(const json& rows) {
  auto out = std::vector<std::pair<std::size_t, json>>{};
  if (rows.is_array()) {
    for (const auto& row : rows)
      out.emplace_back(out.size(), row);
  } else if (rows.is_object()) {
    for (const auto& [key, row] : rows.items())
      if (const auto index = index_from(key))
        out.emplace_back(*index, row);
  }
  // As texts 10 comes before 9.
  std::ranges::sort(out, {}, &std::pair<std::size_t, json>::first);
  return out;
}

bool is_true_word(std::string_view word) { return word == "true" || word == "on" || word == "1" || word == "yes"; }

/// The parts of a value that are texts: itself, or those of a list.
template <class F>
bool any_text(const json& value, F matches) {
  if (const auto* text = value.get_ptr<const std::string*>())
    return matches(*text);
  return value.is_array() && std::ranges::any_of(value, [&](const json& v) {
           return v.is_string() && matches(v.get_ref<const std::string&>());
         });
}

}  // namespace

std::string to_string(const form_error& e) { return e.field.empty() ? e.message : e.field + ": " + e.message; }

const json& form_params(const event& e, std::string_view name) {
  if (!e.value.is_object())
    return nothing();
  if (name.empty())
    return e.value;
  const auto* fields = find_object(e.value, name);
  return fields == nullptr ? nothing() : *fields;
}

std::vector<std::string> form_target(const event& e) {
  auto out = std::vector<std::string>{};
  if (const auto* path = find_array(e.value, "_target"))
    for (const auto& part : *path)
      if (part.is_string())
        out.push_back(part.get<std::string>());
  if (out.size() == 1 && out[0] == "undefined")  // What the client says when there is none.
    out.clear();
  return out;
}

bool is_used_input(const json& params, std::string_view field) {
  return params.is_object() && is_used_value(params, std::string{field});
}

json form_rows(const json& rows, const json* order, const json* drop) {
  auto left = indexed_rows(rows);
  if (drop != nullptr && drop->is_array())
    for (const auto& entry : *drop)
      if (const auto index = index_in(entry))
        std::erase_if(left, [&](const auto& row) { return row.first == *index; });
  auto sorted = json::array();
  if (order != nullptr && order->is_array())
    for (const auto& entry : *order) {
      const auto index = index_in(entry);
      const auto row = std::ranges::find_if(left, [&](const auto& r) { return index && r.first == *index; });
      if (row != left.end()) {
        sorted.push_back(std::move(row->second));
        left.erase(row);
      } else if (!index && entry.is_string() && !entry.get_ref<const std::string&>().empty()) {
        sorted.push_back(json::object());
      }
    }
  auto out = json::array();
  for (auto& [index, row] : left)
    out.push_back(std::move(row));
  for (auto& row : sorted)
    out.push_back(std::move(row));
  return out;
}

std::string form_field::text() const {
  if (const auto* text = value.get_ptr<const std::string*>())
    return *text;
  return value.is_null() || value.is_structured() ? std::string{} : dump_json(value);
}

bool form_field::is_checked() const {
  if (value.is_boolean())
    return value.get<bool>();
  return any_text(value, is_true_word);
}

bool form_field::has(std::string_view choice) const {
  return any_text(value, [&](const std::string& text) { return text == choice; });
}

std::vector<std::string> form_field::shown_errors() const { return is_used ? errors : std::vector<std::string>{}; }

form::form(json params, options o)
    : id_{o.id.empty() ? o.as : std::move(o.id)},
      name_{std::move(o.as)},
      // With braces these would be arrays of one.
      params_(params.is_object() ? std::move(params) : json::object()),
      data_(o.data.is_object() ? std::move(o.data) : json::object()),
      errors_{std::move(o.errors)} {}

std::vector<std::string> form::errors_of(std::string_view field) const {
  auto out = std::vector<std::string>{};
  for (const auto& e : errors_)
    if (e.field == field)
      out.push_back(e.message);
  return out;
}

form_field form::operator[](std::string_view field) const {
  auto out = form_field{};
  out.id = id_.empty() ? std::string{field} : id_ + "_" + std::string{field};
  out.name = name_.empty() ? std::string{field} : name_ + "[" + std::string{field} + "]";
  if (const auto* typed = find_field(params_, field))
    out.value = *typed;
  else if (const auto* held = find_field(data_, field))
    out.value = *held;
  out.errors = errors_of(field);
  out.is_used = is_used_input(params_, field);
  return out;
}

form form::below(std::string_view field, const json& params, const json& data) const {
  const auto self = (*this)[field];
  auto out = form{params, {.as = self.name, .id = self.id, .errors = {}, .data = data}};
  const auto prefix = std::string{field} + ".";
  for (const auto& e : errors_)
    if (e.field.starts_with(prefix))
      out.errors_.push_back({e.field.substr(prefix.size()), e.message});
  return out;
}

form form::nested(std::string_view field) const {
  const auto* params = find_object(params_, field);
  const auto* data = find_object(data_, field);
  return below(field, params ? *params : nothing(), data ? *data : nothing());
}

std::vector<form> form::rows(std::string_view field) const {
  const auto* typed = find_field(params_, field);
  const auto* held = find_field(data_, field);
  const auto data = held ? form_rows(*held) : json::array();
  const auto params = typed ? form_rows(*typed) : data;

  auto ids = std::vector<std::optional<std::size_t>>{};
  auto taken = std::set<std::size_t>{};
  for (const auto& row : params) {
    const auto* said = find_field(row, persistent_id_field);
    const auto id = said ? index_in(*said) : std::nullopt;
    ids.push_back(id && taken.insert(*id).second ? id : std::nullopt);
  }
  auto next = std::size_t{0};
  auto out = std::vector<form>{};
  for (std::size_t i = 0; i < params.size(); ++i) {
    while (!ids[i] && !taken.insert(next).second)
      ++next;
    const auto id = ids[i].value_or(next);
    const auto at = std::to_string(i);
    const auto self = (*this)[field];
    auto row = below(std::string{field} + "." + at, typed ? params[i] : nothing(), typed ? nothing() : params[i]);
    row.name_ = self.name + "[" + at + "]";
    row.id_ = self.id + "_" + std::to_string(id);
    row.index_ = i;
    row.persistent_id_ = id;
    row.is_row_ = true;
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace beamline::web::live
