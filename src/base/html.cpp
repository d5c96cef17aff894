#include "base/html.hpp"

#include "base/html_attributes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace beamline::html {

namespace {

using octet_set = std::array<bool, 256>;

constexpr octet_set set_of(std::string_view octets) {
  octet_set set{};
  for (char c : octets)
    set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr octet_set text_specials = set_of("&<>");
constexpr octet_set attribute_specials = set_of("&<>\"'");
constexpr octet_set script_specials = set_of("&<>\xE2");

// Appends `text` with every special octet replaced. `replace(rest)` looks at the text from a special octet on and
// says what to write and how many octets that stands for.
template <class Replace>
void append_replaced(std::string& out, std::string_view text, const octet_set& specials, Replace replace) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (!specials[static_cast<unsigned char>(text[i])]) {
      ++i;
      continue;
    }
    auto [replacement, octets] = replace(text.substr(i));
    out.append(text, done, i - done);
    out.append(replacement);
    done = i += octets;
  }
  out.append(text, done, text.size() - done);
}

struct replacement {
  std::string_view text;
  std::size_t octets;
};

replacement entity(std::string_view rest) {
  switch (rest.front()) {
    case '&': return {"&amp;", 1};
    case '<': return {"&lt;", 1};
    case '>': return {"&gt;", 1};
    case '"': return {"&quot;", 1};
    default: return {"&#39;", 1};
  }
}

replacement script_escape(std::string_view rest) {
  switch (rest.front()) {
    case '&': return {"\\u0026", 1};
    case '<': return {"\\u003c", 1};
    case '>': return {"\\u003e", 1};
    default: break;
  }
  if (rest.substr(0, 3) == "\xE2\x80\xA8")
    return {"\\u2028", 3};
  if (rest.substr(0, 3) == "\xE2\x80\xA9")
    return {"\\u2029", 3};
  return {rest.substr(0, 1), 1};
}

constexpr std::array<std::string_view, 3> safe_schemes = {"http", "https", "mailto"};
constexpr std::size_t safe_scheme_octets_max = 6;

bool is_ignored_in_url(char c) { return c == '\t' || c == '\n' || c == '\r'; }

bool is_control_or_space(char c) { return static_cast<unsigned char>(c) <= 0x20; }

}  // namespace

void append_text(std::string& out, std::string_view text) { append_replaced(out, text, text_specials, entity); }

void append_attribute(std::string& out, std::string_view value) {
  append_replaced(out, value, attribute_specials, entity);
}

void append_url_attribute(std::string& out, std::string_view url) {
  append_attribute(out, is_safe_url(url) ? url : blocked_url);
}

bool is_safe_url(std::string_view url) {
  auto start = std::find_if_not(url.begin(), url.end(), is_control_or_space);
  std::string scheme;
  for (auto c = start; c != url.end(); ++c) {
    if (is_ignored_in_url(*c))
      continue;
    if (*c == '/' || *c == '?' || *c == '#' || *c == '\\')
      return true;  // A path, query or fragment began before any colon: relative.
    if (*c == ':')
      return std::find(safe_schemes.begin(), safe_schemes.end(), scheme) != safe_schemes.end();
    // A longer word is no safe scheme, but still may turn out to be a relative path.
    if (scheme.size() <= safe_scheme_octets_max)
      scheme.push_back(lower_letter(*c));
  }
  return true;  // No colon at all: relative.
}

void append_script_json(std::string& out, std::string_view json_text) {
  append_replaced(out, json_text, script_specials, script_escape);
}

safe_html text(std::string_view text) {
  std::string out;
  append_text(out, text);
  return safe_html::trusted(std::move(out));
}

safe_html attribute(std::string_view value) {
  std::string out;
  append_attribute(out, value);
  return safe_html::trusted(std::move(out));
}

safe_html url_attribute(std::string_view url) {
  std::string out;
  append_url_attribute(out, url);
  return safe_html::trusted(std::move(out));
}

safe_html script_json(std::string_view json_text) {
  std::string out;
  append_script_json(out, json_text);
  return safe_html::trusted(std::move(out));
}

}  // namespace beamline::html
