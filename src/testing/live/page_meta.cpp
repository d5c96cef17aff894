#include "testing/live/page_meta.hpp"

#include "testing/live/form_fields.hpp"

#include <algorithm>
#include <string>

namespace beamline::testing {

std::optional<std::uint64_t> component_number(std::string_view text) {
  if (text.empty() || text.size() > 18 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  return std::stoull(std::string{text});
}

json meta_of(const dom_node& n, json meta, const json& more) {
  constexpr auto prefix = std::string_view{"phx-value-"};
  if (!meta.is_object())
    meta = json::object();
  for (const auto& [name, value] : n.attributes())
    if (name.starts_with(prefix))
      meta[name.substr(prefix.size())] = value;
  const auto type = n.attribute("type");
  const auto is_box = n.name() == "input" && (type == "checkbox" || type == "radio");
  if (is_field(n) && (!is_box || is_checked(n)))
    meta["value"] = value_of(n);
  else if (n.name() == "li")
    meta["value"] = component_number(n.attribute("value")).value_or(0);
  if (more.is_object())
    meta.update(more);
  return meta;
}

const json& field_or_null(const json& object, std::string_view name) {
  static const json null;
  const auto* found = find_field(object, name);
  return found == nullptr ? null : *found;
}

}  // namespace beamline::testing
