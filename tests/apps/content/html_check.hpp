#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::test {

/// What must hold of every post's HTML, looked at with other eyes than the filter's: nothing when it does, else what
/// does not. Tags are well formed and balanced, elements and attributes are of a list, addresses lead to harmless
/// places.
inline std::string what_is_wrong_with(std::string_view html) {
  static const std::vector<std::string_view> elements = {
      "a",      "abbr", "aside",      "audio",    "b",     "bdi",   "bdo",     "blockquote", "br",     "caption",
      "cite",   "code", "col",        "colgroup", "dd",    "del",   "details", "dfn",        "div",    "dl",
      "dt",     "em",   "figcaption", "figure",   "h2",    "h3",    "h4",      "h5",         "h6",     "hr",
      "i",      "img",  "input",      "ins",      "kbd",   "li",    "mark",    "ol",         "p",      "pre",
      "q",      "rp",   "rt",         "ruby",     "s",     "samp",  "section", "small",      "source", "span",
      "strong", "sub",  "summary",    "sup",      "table", "tbody", "td",      "tfoot",      "th",     "thead",
      "time",   "tr",   "u",          "ul",       "var",   "video", "wbr"};
  static const std::vector<std::string_view> voids = {"br", "col", "hr", "img", "input", "source", "wbr"};
  static const std::vector<std::string_view> attributes = {
      "alt",      "aria-hidden", "aria-label", "checked",  "cite",     "class", "colspan", "controls",
      "datetime", "decoding",    "dir",        "disabled", "height",   "href",  "id",      "loading",
      "loop",     "muted",       "open",       "poster",   "reversed", "role",  "rowspan", "scope",
      "span",     "src",         "start",      "tabindex", "title",    "type",  "value",   "width"};
  auto has = [](const std::vector<std::string_view>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  auto open = std::vector<std::string>{};
  auto ids = std::vector<std::string>{};
  for (auto at = html.find('<'); at != std::string_view::npos; at = html.find('<', at)) {
    auto end = html.find('>', at);
    if (end == std::string_view::npos)
      return "a tag without an end: " + std::string{html.substr(at, 80)};
    auto tag = html.substr(at + 1, end - at - 1);
    at = end + 1;
    if (tag.find('<') != std::string_view::npos)
      return "a tag within a tag: " + std::string{tag};
    auto name = std::string{tag.substr(0, tag.find(' '))};
    if (name.starts_with('/')) {
      if (open.empty() || open.back() != name.substr(1))
        return "<" + name + "> closes " + (open.empty() ? "the page around" : open.back());
      open.pop_back();
      continue;
    }
    if (!has(elements, name))
      return "element " + name;
    if (name == "source" && (open.empty() || (open.back() != "video" && open.back() != "audio")))
      return "a source of nothing: " + std::string{tag};
    if (!has(voids, name))
      open.push_back(name);
    auto rest = tag.substr(std::min(tag.size(), name.size()));
    while (!rest.empty()) {
      if (rest.front() != ' ')
        return "an attribute without space before it: " + std::string{tag};
      rest.remove_prefix(1);
      auto n = std::min(rest.find_first_of(" ="), rest.size());
      auto attribute = rest.substr(0, n);
      if (!has(attributes, attribute))
        return "attribute " + std::string{attribute} + " in " + std::string{tag};
      rest.remove_prefix(n);
      if (!rest.starts_with('='))
        continue;
      if (rest.size() < 2 || rest[1] != '"')
        return "an unquoted value: " + std::string{tag};
      auto close = rest.find('"', 2);
      if (close == std::string_view::npos)
        return "an open quote: " + std::string{tag};
      auto value = rest.substr(2, close - 2);
      rest.remove_prefix(close + 1);
      if (attribute == "id") {
        if (std::find(ids.begin(), ids.end(), value) != ids.end())
          return "id " + std::string{value} + " twice";
        ids.emplace_back(value);
        if (value == "main" || value == "like" || value == "flash")
          return "an id of the page around: " + std::string{value};
      }
      if (attribute == "href" || attribute == "src" || attribute == "cite" || attribute == "poster") {
        auto colon = value.find(':');
        auto scheme = colon == std::string_view::npos ? std::string_view{} : value.substr(0, colon);
        auto lower = std::string{scheme};
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        // As RFC 3986 has it; anything else before a colon is a path.
        bool is_scheme = !lower.empty() && lower.front() >= 'a' && lower.front() <= 'z'
                      && lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+.-") == std::string::npos;
        if (is_scheme && lower != "http" && lower != "https" && lower != "mailto" && lower != "about")
          return "an address " + std::string{value};
      }
    }
  }
  return open.empty() ? "" : "left open: " + open.back();
}

}  // namespace beamline::test
