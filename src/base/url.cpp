#include "base/url.hpp"

#include "base/json.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace beamline {

namespace {

// RFC 3986: these characters never need encoding ...
constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
// ... and these mean nothing special inside a path segment.
constexpr std::string_view segment_extra = "!$&'()*+,;=:@";

using octet_set = std::array<bool, 256>;

constexpr octet_set set_of(std::string_view a, std::string_view b) {
  octet_set set{};
  for (char c : a)
    set[static_cast<unsigned char>(c)] = true;
  for (char c : b)
    set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr octet_set plain_in_segment = set_of(unreserved, segment_extra);
constexpr octet_set plain_in_query = set_of(unreserved, "");

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

// Puts `value` at the place `path` leads to below `root`, making objects and lists on the way and replacing whatever
// has another shape. An empty step appends to a list. Steps are bounded by the limit on brackets.
void put(json& root, std::span<const std::string> path, std::string value) {
  auto* place = &root;
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto is_list_step = i > 0 && path[i].empty();
    if (is_list_step) {
      if (!place->is_array())
        *place = json::array();
      place = &place->emplace_back();
    } else {
      if (!place->is_object())
        *place = json::object();
      place = &(*place)[path[i]];
    }
  }
  *place = std::move(value);
}

}  // namespace

void append_percent_encoded(std::string& out, std::string_view text, url_part part) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto& plain = part == url_part::path_segment ? plain_in_segment : plain_in_query;
  for (char c : text) {
    auto octet = static_cast<unsigned char>(c);
    if (plain[octet]) {
      out.push_back(c);
      continue;
    }
    out.push_back('%');
    out.push_back(digits[octet >> 4]);
    out.push_back(digits[octet & 0x0F]);
  }
}

std::string percent_encode(std::string_view text, url_part part) {
  std::string out;
  append_percent_encoded(out, text, part);
  return out;
}

result<std::string> percent_decode(std::string_view text, url_part part) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && part == url_part::query_component) {
      out.push_back(' ');
      continue;
    }
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    auto high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    auto low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return error{errc::invalid,
                   fmt::format("percent sign at position {} without two hexadecimal digits; write %25 for %", i)};
    out.push_back(static_cast<char>((high << 4) | low));
    i += 2;
  }
  if (auto bad = find_invalid_utf8(out); bad != std::string_view::npos)
    return error{errc::invalid, fmt::format("decoded text is not UTF-8 from octet {} on", bad)};
  return out;
}

result<query_pairs> parse_query(std::string_view query, query_limits limits) {
  if (query.size() > limits.bytes_max)
    return error{errc::too_large,
                 fmt::format("query of {} octets, at most {} are allowed", query.size(), limits.bytes_max)};
  query_pairs pairs;
  for (std::size_t start = 0; start < query.size();) {
    auto end = std::min(query.find('&', start), query.size());
    auto pair = query.substr(start, end - start);
    auto pair_start = std::exchange(start, end + 1);
    if (pair.empty())
      continue;
    if (pairs.size() == limits.pairs_max)
      return error{errc::too_large, fmt::format("query with more than {} pairs", limits.pairs_max)};
    auto equals = std::min(pair.find('='), pair.size());
    auto key = percent_decode(pair.substr(0, equals), url_part::query_component);
    if (!key)
      return key.error().in(fmt::format("query, key at position {}", pair_start));
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), url_part::query_component);
    if (!value)
      return value.error().in(fmt::format("query, value at position {}", pair_start + equals + 1));
    pairs.emplace_back(std::move(*key), std::move(*value));
  }
  return pairs;
}

std::string build_query(std::span<const std::pair<std::string, std::string>> pairs) {
  std::string out;
  for (const auto& [key, value] : pairs) {
    if (!out.empty())
      out.push_back('&');
    append_percent_encoded(out, key, url_part::query_component);
    out.push_back('=');
    append_percent_encoded(out, value, url_part::query_component);
  }
  return out;
}

result<json> parse_form(std::string_view body, query_limits limits) {
  auto pairs = parse_query(body, limits);
  if (!pairs)
    return pairs.error();
  auto form = json::object();
  for (auto& [key, value] : *pairs) {
    auto path = split_form_key(key, limits.depth_max);
    if (!path)
      return path.error();
    put(form, *path, std::move(value));
  }
  return form;
}

result<std::vector<std::string>> split_form_key(std::string_view key, std::size_t depth_max) {
  std::vector<std::string> path;
  auto open = key.find('[');
  if (open == std::string_view::npos || key.back() != ']') {
    path.emplace_back(key);
    return path;
  }
  path.emplace_back(key.substr(0, open));
  auto inner = key.substr(open + 1, key.size() - open - 2);
  for (std::size_t start = 0;;) {
    if (path.size() > depth_max)
      return error{errc::too_large, fmt::format("form key {} has more than {} levels of brackets",
                                                json_string(truncate_utf8(key, 64)), depth_max)};
    auto end = inner.find("][", start);
    path.emplace_back(inner.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos)
      return path;
    start = end + 2;
  }
}

std::string_view target_of(std::string_view url) noexcept {
  url = url.substr(0, url.find('#'));
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos || url.starts_with('/'))
    return url;
  const auto slash = url.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view{"/"} : url.substr(slash);
}

}  // namespace beamline
