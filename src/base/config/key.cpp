#include "base/config/key.hpp"

#include "base/config/section.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <stdexcept>

namespace beamline::config {

namespace {

std::string plain(std::int64_t n) { return std::to_string(n); }
std::string plain(double d) {
  auto text = to_toml(value{d});
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}
std::string plain(duration d) { return format(d); }
std::string plain(byte_size b) { return format(b); }

/// " from 1 to 65535", or nothing when there are no limits worth telling.
std::string interval(const key_spec& k) {
  return std::visit(
      [&](const auto& bounds) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(bounds)>, std::monostate>)
          return "";
        else {
          if constexpr (std::is_same_v<decltype(bounds.first), std::int64_t>) {
            constexpr auto widest = std::numeric_limits<std::int64_t>::max();
            if (bounds.second == widest)
              return bounds.first == 0 ? " not below 0" : "";
          }
          return " from " + plain(bounds.first) + " to " + plain(bounds.second);
        }
      },
      k.limits);
}

std::string alternatives(const text_list& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + quote(words[i]);
  return out;
}

std::string text_form(const key_spec& k) {
  if (!k.words.empty())
    return alternatives(k.words);
  if (!k.form.empty())
    return k.form;
  if (k.text_length.min > 0 && k.text_length.max < text_bytes_max)
    return "text of " + std::to_string(k.text_length.min) + " to " + std::to_string(k.text_length.max) + " bytes";
  if (k.text_length.min > 0)
    return "text of at least " + std::to_string(k.text_length.min)
         + (k.text_length.min == 1 ? " character" : " characters");
  if (k.text_length.max < text_bytes_max)
    return "text of at most " + std::to_string(k.text_length.max) + " bytes";
  return "text";
}

std::string list_form(const key_spec& k) {
  if (!k.words.empty())
    return "a list of " + alternatives(k.words);
  if (!k.form.empty())
    return "a list of text, each " + k.form;
  return R"(a list of text, like ["a", "b"])";
}

[[noreturn]] void wrong(const std::string& where, const std::string& what) {
  throw std::logic_error{"config: " + where + " " + what};
}

bool same_alternative(const key_spec& k) {
  switch (k.type) {
    case kind::integer: return std::holds_alternative<std::pair<std::int64_t, std::int64_t>>(k.limits);
    case kind::number:
      return std::holds_alternative<std::pair<double, double>>(k.limits)
          || std::holds_alternative<std::monostate>(k.limits);
    case kind::duration:
      return std::holds_alternative<std::pair<duration, duration>>(k.limits)
          || std::holds_alternative<std::monostate>(k.limits);
    case kind::bytes:
      return std::holds_alternative<std::pair<byte_size, byte_size>>(k.limits)
          || std::holds_alternative<std::monostate>(k.limits);
    default: return std::holds_alternative<std::monostate>(k.limits);
  }
}

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

bool default_is_good(const key_spec& k, const value& v) {
  if (!in_bounds(k, v))
    return false;
  if (const auto* text = std::get_if<std::string>(&v))
    return text_fits(k, *text) || (k.is_required && text->empty());
  if (const auto* list = std::get_if<text_list>(&v))
    return std::ranges::all_of(*list, [&](const auto& one) { return text_fits(k, one); });
  if (const auto* map = std::get_if<text_map>(&v))
    return std::ranges::all_of(*map, [&](const auto& one) { return text_fits(k, one.second); });
  return true;
}

void verify_key(const section_spec& s, const key_spec& k, const void* object) {
  auto where = s.name + "." + k.name;
  if (!is_name(k.name) || k.name.find('.') != std::string::npos)
    wrong(where, "is not a good name: use a-z, 0-9 and _");
  if (k.help.empty())
    wrong(where, "has no description");
  if (std::ranges::count(s.keys, k.name, &key_spec::name) > 1)
    wrong(where, "is declared twice");
  if (!same_alternative(k))
    wrong(where, "has a range of another type than its field");
  if (k.natural.index() == k.limits.index())
    if (const auto* natural = std::get_if<std::pair<std::int64_t, std::int64_t>>(&k.natural)) {
      const auto& limits = std::get<std::pair<std::int64_t, std::int64_t>>(k.limits);
      if (limits.first < natural->first || limits.second > natural->second || limits.first > limits.second)
        wrong(where, "has a range that its field cannot hold");
    }
  if (k.type == kind::tables) {
    if (!k.env_variable.empty())
      wrong(where, "is a list of tables, which no environment variable can set");
    verify(*k.entry);
  } else if (auto v = k.read(object); !default_is_good(k, v)) {
    wrong(where, "has the default " + to_toml(v) + ", but expects " + expectation(k));
  }
}

}  // namespace

void apply(key_spec& k, const range& option) { k.limits = option.get(); }
void apply(key_spec& k, const one_of& option) { k.words = option.words; }
void apply(key_spec& k, const env& option) { k.env_variable = option.variable; }
void apply(key_spec& k, const secret&) { k.is_secret = true; }
void apply(key_spec& k, const required&) { k.is_required = true; }
void apply(key_spec& k, const reloadable&) { k.is_reloadable = true; }
void apply(key_spec& k, const length& option) { k.text_length = option; }
void apply(key_spec& k, const items& option) { k.count = option; }
void apply(key_spec& k, const satisfies& option) {
  k.form = option.form;
  k.test = option.test;
}

const key_spec* section_spec::find(std::string_view key) const {
  auto found = std::ranges::find(keys, key, &key_spec::name);
  return found == keys.end() ? nullptr : &*found;
}

std::string expectation(const key_spec& k, bool is_whole) {
  switch (k.type) {
    case kind::boolean: return "true or false";
    case kind::integer: return (is_whole ? "a whole number" : "a number") + interval(k);
    case kind::number: return "a number" + interval(k);
    case kind::text: return text_form(k);
    case kind::path: return "a path";
    case kind::duration: return "a duration" + interval(k) + R"(, written like "30s" or "250ms")";
    case kind::bytes: return "a size" + interval(k) + R"(, written like "64KiB" or "16MiB")";
    case kind::list: return list_form(k);
    case kind::map: return "a table of " + (k.words.empty() ? text_form(k) : alternatives(k.words)) + " by name";
    case kind::tables: return "tables, each under its own [[" + k.name + "]]";
  }
  return "something else";
}

bool in_bounds(const key_spec& k, const value& v) {
  auto within = [&]<class N>(const N& n) {
    const auto* bounds = std::get_if<std::pair<N, N>>(&k.limits);
    return bounds == nullptr || (n >= bounds->first && n <= bounds->second);
  };
  return std::visit(
      [&]<class V>(const V& x) {
        if constexpr (std::is_same_v<V, text_list> || std::is_same_v<V, text_map>)
          return x.size() >= k.count.min && x.size() <= k.count.max;
        else if constexpr (std::is_same_v<V, bool> || std::is_same_v<V, std::string>)
          return true;
        else
          return within(x);
      },
      v);
}

bool text_fits(const key_spec& k, std::string_view text) {
  if (text.size() < k.text_length.min || text.size() > k.text_length.max)
    return false;
  if (!k.words.empty() && std::ranges::find(k.words, text) == k.words.end())
    return false;
  return !k.test || k.test(text);
}

void verify(const section_spec& s) {
  if (!is_name(s.name))
    wrong("section \"" + s.name + "\"", "is not a good name: use a-z, 0-9, _ and dots");
  if (s.help.empty())
    wrong("section " + s.name, "has no description");
  auto object = s.make();
  for (const auto& k : s.keys)
    verify_key(s, k, object.get());
}

}  // namespace beamline::config
