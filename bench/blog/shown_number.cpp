#include "blog/shown_number.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace beamline::bench {

namespace {

using nlohmann::json;

json rendered_of(std::string_view join_payload) {
  const auto reply = json::parse(join_payload, nullptr, false);
  if (!reply.is_object() || !reply.contains("response") || !reply["response"].contains("rendered"))
    throw std::runtime_error{"a join was answered without a page: " + std::string{join_payload.substr(0, 200)}};
  return reply["response"]["rendered"];
}

/// Whether a static part ends within the opening tag's end of that element.
bool opens(const std::string& part, const std::string& mark) {
  const auto at = part.rfind(mark);
  return at != std::string::npos && part.find('>', at) == part.size() - 1;
}

/// Parts of templates that several places share stand at the root, and are named by a number there.
const json* statics_of(const json& tree, const json& root) {
  const auto s = tree.find("s");
  if (s == tree.end())
    return nullptr;
  if (s->is_array())
    return &*s;
  const auto shared = root.find("p");
  const auto key = s->is_number() ? std::to_string(s->get<int>()) : std::string{};
  return shared != root.end() && shared->contains(key) ? &shared->at(key) : nullptr;
}

bool find(const json& tree, const json& root, const std::string& mark, place& out) {
  const auto* statics = tree.is_object() ? statics_of(tree, root) : nullptr;
  if (statics == nullptr)
    return false;
  for (std::size_t i = 0; i + 1 < statics->size(); ++i) {
    out.push_back(std::to_string(i));
    if (opens(statics->at(i).get<std::string>(), mark))
      return true;
    if (const auto inner = tree.find(out.back()); inner != tree.end() && find(*inner, root, mark, out))
      return true;
    out.pop_back();
  }
  return false;
}

/// Of `1,234`; nothing for a dash.
std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t out = 0;
  for (auto c : text) {
    if (c >= '0' && c <= '9')
      out = out * 10 + (c - '0');
    else if (c != ',')
      return std::nullopt;
  }
  return text.empty() ? std::nullopt : std::optional{out};
}

/// Where the string that begins at `at` ends: behind its last quote.
std::size_t behind_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\')
      ++at;
  return at + 1;
}

std::size_t behind_value(std::string_view text, std::size_t at) {
  for (int depth = 0; at < text.size();) {
    const auto c = text[at];
    if (c == '"') {
      at = behind_string(text, at);
    } else {
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      if (depth < 0)
        return at;  // The end of what holds the value.
      ++at;
    }
    if (depth == 0 && (at >= text.size() || text[at] == ',' || text[at] == '}' || text[at] == ']'))
      return at;
  }
  return at;
}

/// The value of a key of the object that the text is; empty: it has none.
std::string_view member(std::string_view object, std::string_view key) {
  if (object.empty() || object.front() != '{')
    return {};
  for (std::size_t at = 1; at < object.size() && object[at] == '"';) {
    const auto name_end = behind_string(object, at);
    const auto name = object.substr(at + 1, name_end - at - 2);
    const auto value_at = name_end + 1;
    if (value_at >= object.size())
      return {};  // It is cut off.
    const auto value_end = behind_value(object, value_at);
    if (name == key)
      return object.substr(value_at, value_end - value_at);
    at = value_end + 1;
  }
  return {};
}

}  // namespace

place place_of(std::string_view join_payload, std::string_view id) {
  const auto page = rendered_of(join_payload);
  place out;
  if (!find(page, page, "id=\"" + std::string{id} + "\"", out))
    throw std::runtime_error{"the page has no element \"" + std::string{id} + "\" with a text of its own"};
  return out;
}

std::optional<std::int64_t> number_in_join(std::string_view join_payload, const place& at) {
  const auto page = rendered_of(join_payload);
  const auto* here = &page;
  for (const auto& key : at) {
    if (!here->is_object() || !here->contains(key))
      return std::nullopt;
    here = &here->at(key);
  }
  return here->is_string() ? number_of(here->get<std::string>()) : std::nullopt;
}

std::optional<std::int64_t> number_in_diff(std::string_view diff_payload, const place& at) {
  auto here = diff_payload;
  for (const auto& key : at)
    if (here = member(here, key); here.empty())
      return std::nullopt;
  if (here.size() < 2 || here.front() != '"')
    return std::nullopt;
  return number_of(here.substr(1, here.size() - 2));
}

}  // namespace beamline::bench
