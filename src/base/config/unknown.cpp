#include "base/config/unknown.hpp"

#include "base/config/suggest.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace beamline::config {

namespace {

// A longer list helps nobody; the documentation has it.
constexpr std::size_t listed_max = 12;
// A name longer than this is cut where an error quotes it.
constexpr std::size_t name_shown_max = 80;
// The same for the value of a flag.
constexpr std::size_t flag_value_shown_max = 64;

std::string listing(std::string_view intro, const std::vector<std::string>& names) {
  if (names.empty() || names.size() > listed_max)
    return "docs/configuration.md lists what there is";
  std::string out{intro};
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : ", ") + names[i];
  return out;
}

std::vector<std::string> key_names(const section_spec& s) {
  std::vector<std::string> all;
  for (const auto& k : s.keys)
    all.push_back(k.name);
  return all;
}

/// The key anywhere that `path` was probably meant to be, or "".
std::string closest_path(const schema& s, std::string_view path) {
  auto dot = path.rfind('.');
  auto last = dot == std::string_view::npos ? path : path.substr(dot + 1);
  std::vector<std::string> all;
  std::string same_name;
  for (const auto& section : s.sections())
    for (const auto& k : section->keys) {
      all.push_back(section->name + "." + k.name);
      if (k.name == last && same_name.empty())
        same_name = all.back();
    }
  auto near = closest(path, all);
  return near.empty() ? same_name : near;
}

std::string unknown_section(const schema& s, const std::string& path) {
  std::vector<std::string> names;
  for (const auto& section : s.sections())
    names.push_back("[" + section->name + "]");
  auto hint = closest("[" + path + "]", names);
  return "unknown section [" + shown_name(path) + "]; "
       + (hint.empty() ? listing("known are ", names) : "did you mean " + hint + "?");
}

}  // namespace

std::string shown_name(std::string_view name) {
  bool is_plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'
        || c == '.';
  });
  auto start = truncate_utf8(name, name_shown_max);
  return (is_plain ? std::string{start} : quote(start)) + (start.size() < name.size() ? "…" : "");
}

std::string shown_flag(const std::string& path, std::string_view text, bool is_secret) {
  if (is_secret)
    return "--set " + path + "=(secret)";
  auto start = truncate_utf8(text, flag_value_shown_max);
  auto quoted = quote(start);
  bool is_plain = quoted.size() == start.size() + 2;  // Nothing had to be escaped.
  return "--set " + path + "=" + (is_plain ? std::string{start} : quoted) + (start.size() < text.size() ? "…" : "");
}

std::string known_keys(const section_spec& s, std::string_view wrong) {
  auto names = key_names(s);
  auto hint = closest(wrong, names);
  return hint.empty() ? listing("known are ", names) : "did you mean " + hint + "?";
}

std::string unknown_in_file(const schema& s, const std::string& prefix, const std::string& key, const node& item) {
  auto path = prefix.empty() ? key : prefix + "." + key;
  auto section = std::ranges::find_if(s.sections(), [&](const auto& one) { return one->name == prefix; });
  if (section == s.sections().end() && std::holds_alternative<table>(item.data))
    return unknown_section(s, path);
  if (key.find('.') != std::string::npos)
    return "unknown key " + quote(truncate_utf8(key, name_shown_max))
         + "; within quotes a dot is part of the name, leave them out";
  std::string out = "unknown key " + shown_name(path) + "; ";
  if (section != s.sections().end()) {
    if (auto hint = closest(key, key_names(**section)); !hint.empty())
      return out + "did you mean " + prefix + "." + hint + "?";
  }
  if (auto hint = closest_path(s, path); !hint.empty())
    return out + "did you mean " + hint + "?";
  if (section != s.sections().end())
    return out + listing("[" + prefix + "] has ", key_names(**section));
  return out + "keys stand under the [section] they belong to";
}

std::string unknown_flag(const schema& s, const std::string& path) {
  auto hint = closest_path(s, path);
  return "unknown key " + shown_name(path) + "; "
       + (hint.empty() ? "a flag is written --set section.key=value, and docs/configuration.md lists the keys"
                       : "did you mean " + hint + "?");
}

std::string unknown_variable(const std::vector<std::string>& known, const std::string& name) {
  auto hint = closest(name, known);
  return shown_name(name) + " is set, but nothing reads it"
       + (hint.empty() ? "; docs/configuration.md lists the variables" : "; did you mean " + hint + "?");
}

}  // namespace beamline::config
