#include "program/control/arguments.hpp"

#include "base/config/suggest.hpp"
#include "program/control/limits.hpp"
#include "program/control/protocol.hpp"

#include <algorithm>

namespace beamline::program::control {

namespace {

using type = argument::type;

std::string_view describe(type t) {
  switch (t) {
    case type::text: return "text";
    case type::integer: return "a whole number";
    case type::number: return "a number";
    case type::boolean: return "true or false";
    case type::any: return "any JSON";
  }
  return "something else";
}

bool fits(type t, const json& value) {
  switch (t) {
    case type::text: return value.is_string();
    case type::integer: return value.is_number_integer();
    case type::number: return value.is_number();
    case type::boolean: return value.is_boolean();
    case type::any: return true;
  }
  return false;
}

error mismatch(const argument& a, const std::string& given) {
  return {errc::invalid, "the argument " + a.name + " is " + given + ", expected " + std::string{describe(a.as)}};
}

/// A word of the command line as the argument's type.
result<json> from_word(const argument& a, const std::string& word) {
  if (a.as == type::text)
    return json(word);
  auto parsed = parse_json(word, {.bytes_max = request_bytes_max, .depth_max = request_depth_max});
  if (a.as == type::any)
    return parsed ? *parsed : json(word);
  if (!parsed || !fits(a.as, *parsed))
    return mismatch(a, shown(word));
  return *parsed;
}

std::string known(const std::vector<argument>& declared, const std::string& wrong) {
  if (declared.empty())
    return "the verb takes no arguments";
  std::vector<std::string> names;
  names.reserve(declared.size());
  for (const auto& a : declared)
    names.push_back(a.name);
  if (auto meant = config::closest(wrong, names); !meant.empty())
    return "did you mean " + meant + "?";
  std::string out = "the verb takes";
  for (const auto& name : names)
    out += (name == names.front() ? " " : ", ") + name;
  return out;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

argument needs(std::string name, std::string help, argument::type as) {
  return {std::move(name), std::move(help), as, true};
}

argument takes(std::string name, std::string help, argument::type as) {
  return {std::move(name), std::move(help), as, false};
}

std::string usage(const std::string& verb, const std::vector<argument>& declared) {
  auto out = verb;
  for (const auto& a : declared)
    out += a.is_required ? " " + upper(a.name) : " [" + upper(a.name) + "]";
  return out;
}

result<json> bind_arguments(const std::vector<argument>& declared, const request& from) {
  auto how = "; usage: " + usage(from.verb, declared);
  json out = json::object();
  for (const auto& [name, value] : from.arguments.items()) {
    auto found = std::ranges::find(declared, name, &argument::name);
    if (found == declared.end())
      return error{errc::invalid, "unknown argument " + shown(name) + "; " + known(declared, name)};
    if (!fits(found->as, value))
      return mismatch(*found, value.is_structured() ? std::string{value.type_name()} : shown(dump_json(value)));
    out[name] = value;
  }
  if (from.positional.size() > declared.size())
    return error{errc::invalid, from.verb + " takes at most " + std::to_string(declared.size()) + " arguments, got "
                                    + std::to_string(from.positional.size()) + how};
  for (std::size_t i = 0; i < from.positional.size(); ++i) {
    if (out.contains(declared[i].name))
      return error{errc::invalid, "the argument " + declared[i].name + " is given twice, by name and by place" + how};
    auto value = from_word(declared[i], from.positional[i]);
    if (!value)
      return value.error();
    out[declared[i].name] = std::move(*value);
  }
  for (const auto& a : declared)
    if (a.is_required && !out.contains(a.name))
      return error{errc::invalid, "the argument " + a.name + " is missing" + how};
  return out;
}

}  // namespace beamline::program::control
