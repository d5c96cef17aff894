#include "base/config/convert.hpp"

#include "base/config/suggest.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace beamline::config {

namespace {

// What an error shows of a wrong text.
constexpr std::size_t shown_bytes_max = 64;
// Names in a table of text are short words such as areas.
constexpr std::size_t map_key_bytes_max = 64;

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!trim(text).empty()) {
    auto end = std::min(text.find(','), text.size());
    parts.push_back(trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

template <class N>
std::optional<N> parse_whole(std::string_view text) {
  N n{};
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return n;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// Why a text is refused, as the words after the key's name; nothing if it is fine.
std::optional<std::string> complaint_about(const key_spec& k, const node& n) {
  const auto& text = std::get<std::string>(n.data);
  auto is_shown = "is " + show(n, k.is_secret) + ", expected ";
  if (has_control_character(text))
    return is_shown + "text without control characters";
  if (!is_utf8(text))
    return is_shown + "text in UTF-8";
  if (text.size() > k.text_length.max)
    return is_shown + "text of at most " + std::to_string(k.text_length.max) + " bytes; this has "
         + std::to_string(text.size());
  if (text_fits(k, text))
    return std::nullopt;
  auto out = is_shown + expectation(k);
  if (auto hint = closest(text, k.words); !hint.empty())
    out += "; did you mean " + quote(hint) + "?";
  return out;
}

std::optional<value> convert_scalar(const key_spec& k, const node& from) {
  const auto* text = std::get_if<std::string>(&from.data);
  switch (k.type) {
    case kind::boolean:
      if (const auto* b = std::get_if<bool>(&from.data))
        return *b;
      break;
    case kind::integer:
      if (const auto* n = std::get_if<std::int64_t>(&from.data))
        return *n;
      break;
    case kind::number:
      if (const auto* n = std::get_if<std::int64_t>(&from.data))
        return static_cast<double>(*n);
      if (const auto* d = std::get_if<double>(&from.data); d != nullptr && std::isfinite(*d))
        return *d;
      break;
    case kind::duration:
      if (auto d = text != nullptr ? parse_duration(*text) : std::nullopt)
        return *d;
      break;
    case kind::bytes:
      if (auto b = text != nullptr ? parse_byte_size(*text) : std::nullopt)
        return *b;
      break;
    default: break;
  }
  return std::nullopt;
}

std::optional<value> convert_list(const key_spec& k, const list& from, const report& wrong) {
  text_list out;
  bool is_good = true;
  // The words of an entry, not of the whole list.
  key_spec one = k;
  one.type = kind::text;
  for (const auto& item : from.items) {
    auto part = "[" + std::to_string(out.size() + 1) + "]";
    const auto* text = std::get_if<std::string>(&item.data);
    auto complaint = text == nullptr ? mismatch(one, item) : complaint_about(one, item);
    if (complaint)
      wrong(item.at, part, *complaint);
    is_good = is_good && !complaint;
    out.push_back(text == nullptr ? "" : *text);
  }
  return is_good ? std::optional<value>{std::move(out)} : std::nullopt;
}

std::optional<value> convert_map(const key_spec& k, const table& from, const report& wrong) {
  text_map out;
  bool is_good = true;
  key_spec one = k;
  one.type = kind::text;
  for (const auto& [key, at, item] : from.members) {
    if (key.empty() || key.size() > map_key_bytes_max || has_control_character(key)) {
      wrong(at, "",
            "has an entry named " + quote(key.substr(0, shown_bytes_max)) + ", expected a name of 1 to "
                + std::to_string(map_key_bytes_max) + " printable bytes");
      is_good = false;
      continue;
    }
    const auto* text = std::get_if<std::string>(&item.data);
    auto complaint = text == nullptr ? mismatch(one, item) : complaint_about(one, item);
    if (complaint)
      wrong(item.at, "." + key, *complaint);
    is_good = is_good && !complaint;
    out.emplace(key, text == nullptr ? "" : *text);
  }
  return is_good ? std::optional<value>{std::move(out)} : std::nullopt;
}

std::string bounds_of(const items& count) {
  if (count.min == 0)
    return "at most " + std::to_string(count.max);
  return std::to_string(count.min) + " to " + std::to_string(count.max);
}

}  // namespace

std::string show(const node& n, bool is_secret) {
  if (is_secret)
    return "(secret)";
  if (const auto* text = std::get_if<std::string>(&n.data)) {
    auto start = truncate_utf8(*text, shown_bytes_max);
    return quote(start) + (start.size() < text->size() ? "…" : "");
  }
  if (const auto* b = std::get_if<bool>(&n.data))
    return to_toml(*b);
  if (const auto* i = std::get_if<std::int64_t>(&n.data))
    return to_toml(*i);
  if (const auto* d = std::get_if<double>(&n.data))
    return to_toml(*d);
  if (std::holds_alternative<list>(n.data))
    return "a list";
  return std::holds_alternative<table>(n.data) ? "a table" : "a date or time";
}

std::string mismatch(const key_spec& k, const node& n) {
  bool is_fraction = std::holds_alternative<double>(n.data);
  return "is " + show(n, k.is_secret) + ", expected " + expectation(k, is_fraction);
}

std::optional<value> convert(const key_spec& k, const node& from, const report& wrong) {
  std::optional<value> out;
  if (k.type == kind::text || k.type == kind::path) {
    if (const auto* text = std::get_if<std::string>(&from.data)) {
      if (auto complaint = complaint_about(k, from)) {
        wrong(from.at, "", *complaint);
        return std::nullopt;
      }
      return *text;
    }
  } else if (const auto* items_of = std::get_if<list>(&from.data); items_of != nullptr && k.type == kind::list) {
    out = convert_list(k, *items_of, wrong);
    if (!out)
      return std::nullopt;
  } else if (const auto* members = std::get_if<table>(&from.data); members != nullptr && k.type == kind::map) {
    out = convert_map(k, *members, wrong);
    if (!out)
      return std::nullopt;
  } else {
    out = convert_scalar(k, from);
  }
  if (out && in_bounds(k, *out))
    return out;
  if (const auto* all = out ? std::get_if<text_list>(&*out) : nullptr)
    wrong(from.at, "", "has " + std::to_string(all->size()) + " entries, expected " + bounds_of(k.count));
  else if (const auto* map = out ? std::get_if<text_map>(&*out) : nullptr)
    wrong(from.at, "", "has " + std::to_string(map->size()) + " entries, expected " + bounds_of(k.count));
  else
    wrong(from.at, "", mismatch(k, from));
  return std::nullopt;
}

node from_text(const key_spec& k, std::string_view text) {
  node out{{}, std::string{text}};
  switch (k.type) {
    case kind::boolean:
      if (text == "true" || text == "1")
        out.data = true;
      else if (text == "false" || text == "0")
        out.data = false;
      break;
    case kind::integer:
    case kind::number:
      if (auto n = parse_whole<std::int64_t>(text))
        out.data = *n;
      else if (auto d = parse_whole<double>(text))
        out.data = *d;
      break;
    case kind::list: {
      list all;
      for (auto part : split(text))
        all.items.push_back({{}, std::string{part}});
      out.data = std::move(all);
      break;
    }
    case kind::map: {
      table all;
      for (auto part : split(text)) {
        auto equals = part.find('=');
        if (equals == std::string_view::npos)
          return out;  // Stays text: "expected a table of …".
        all.members.push_back(
            {std::string{trim(part.substr(0, equals))}, {}, {{}, std::string{trim(part.substr(equals + 1))}}});
      }
      out.data = std::move(all);
      break;
    }
    default: break;
  }
  return out;
}

}  // namespace beamline::config
