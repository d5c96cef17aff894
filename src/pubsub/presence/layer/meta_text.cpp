#include "pubsub/presence/layer/meta_text.hpp"

#include "base/json.hpp"

#include <cstddef>
#include <stdexcept>

namespace beamline::presence::layer {

namespace {

/// Behind the string that begins at `at`; the end of the text when it does not end.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return text.size();
}

/// Behind the value that begins at `at`: the comma or the bracket that ends what it is in.
std::size_t skip_value(std::string_view text, std::size_t at) {
  for (std::size_t depth = 0; at < text.size();) {
    switch (text[at]) {
      case '"': at = skip_string(text, at); continue;
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (depth == 0)
          return at;
        --depth;
        break;
      case ',':
        if (depth == 0)
          return at;
        break;
      default: break;
    }
    ++at;
  }
  return text.size();
}

}  // namespace

std::string_view field_text(std::string_view object, std::string_view quoted_field) {
  if (object.empty() || object.front() != '{')
    return {};
  for (std::size_t at = 1; at < object.size() && object[at] == '"'; ++at) {
    const auto name_end = skip_string(object, at);
    const auto name = object.substr(at, name_end - at);
    if (name_end >= object.size() || object[name_end] != ':')
      return {};
    const auto end = skip_value(object, name_end + 1);
    if (name == quoted_field)
      return object.substr(name_end + 1, end - name_end - 1);
    at = end;
  }
  return {};
}

std::string ref_of(std::string_view meta) {
  if (const auto ref = field_text(meta, R"("phx_ref")"); ref.size() > 2 && ref.front() == '"')
    return std::string{ref.substr(1, ref.size() - 2)};
  // Of a peer that writes JSON in another way.
  auto parsed = parse_json(meta);
  const auto* ref = parsed ? find_string(*parsed, "phx_ref") : nullptr;
  if (ref == nullptr || ref->empty())
    throw std::logic_error{"a meta has no phx_ref: " + std::string{meta.substr(0, 200)}
                           + "; the tracker gives one to each that it takes"};
  return *ref;
}

}  // namespace beamline::presence::layer
