#include "net/rpc/json_codec.hpp"

#include "actors/message_codec.hpp"
#include "base/id.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace beamline::net::rpc {

namespace {

/// `blog.stats` of `list<blog.stats>`, if it begins with that word; empty otherwise.
std::string_view inside(std::string_view type, std::string_view word) {
  if (!type.starts_with(word) || !type.ends_with('>'))
    return {};
  return type.substr(word.size(), type.size() - word.size() - 1);
}

std::string kind_of(const json& v) {
  auto text = dump_json(v);
  return std::string{v.type_name()} + " " + (text.size() > 60 ? text.substr(0, 60) + "..." : text);
}

error expected(const std::string& where, std::string_view what, const json& got) {
  return {errc::invalid, where + " is " + kind_of(got) + ", expected " + std::string{what}};
}

error no_such_type(const std::string& where, std::string_view type) {
  return {errc::unsupported, where + " is a " + std::string{type} + ", which that node has not described"};
}

std::string field_list(const message_description& m) {
  std::string all;
  for (const auto& f : m.fields)
    all += (all.empty() ? "" : ", ") + f.name + ": " + f.type;
  return all.empty() ? "no fields" : all;
}

}  // namespace

json_codec::json_codec(std::vector<message_description> messages) {
  for (auto& m : messages) {
    auto name = m.name;
    messages_.emplace(std::move(name), std::move(m));
  }
}

// -- JSON to octets ---------------------------------------------------------------------------------------

struct json_codec::writer {
  const json_codec& codec;

  // NOLINTNEXTLINE(misc-no-recursion): as deep as depth_max.
  result<void> write(byte_writer& out, std::string_view type, const json& v, const std::string& where,
                     std::size_t depth) {
    if (depth > depth_max)
      return error{errc::too_large, where + " is nested deeper than " + std::to_string(depth_max)};
    if (auto element = inside(type, "optional<"); !element.empty()) {
      out.boolean(!v.is_null());
      return v.is_null() ? result<void>{} : write(out, element, v, where, depth + 1);
    }
    if (auto element = inside(type, "list<"); !element.empty())
      return write_list(out, element, v, where, depth);
    if (auto element = inside(type, "map<"); !element.empty())
      return write_map(out, element, v, where, depth);
    if (auto m = codec.messages_.find(type); m != codec.messages_.end())
      return write_message(out, m->second, v, where, depth);
    return write_plain(out, type, v, where);
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  result<void> write_list(byte_writer& out, std::string_view element, const json& v, const std::string& where,
                          std::size_t depth) {
    if (!v.is_array() || v.size() > field_elements_max)
      return expected(where, "an array of at most " + std::to_string(field_elements_max), v);
    out.varint(v.size());
    for (std::size_t i = 0; i < v.size(); ++i)
      if (auto ok = write(out, element, v[i], where + "[" + std::to_string(i) + "]", depth + 1); !ok)
        return ok;
    return {};
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  result<void> write_map(byte_writer& out, std::string_view element, const json& v, const std::string& where,
                         std::size_t depth) {
    if (!v.is_object() || v.size() > field_elements_max)
      return expected(where, "an object of at most " + std::to_string(field_elements_max), v);
    out.varint(v.size());
    for (const auto& [key, item] : v.items()) {
      out.blob(key);
      if (auto ok = write(out, element, item, where + "." + key, depth + 1); !ok)
        return ok;
    }
    return {};
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  result<void> write_message(byte_writer& out, const message_description& m, const json& v, const std::string& where,
                             std::size_t depth) {
    if (!v.is_object())
      return expected(where, "an object with " + field_list(m), v);
    std::size_t given = 0;  // Up to the last field that is there.
    std::size_t known = 0;
    for (std::size_t i = 0; i < m.fields.size(); ++i)
      if (v.contains(m.fields[i].name)) {
        given = i + 1;
        ++known;
      }
    if (known < v.size())
      for (const auto& [key, item] : v.items())
        if (std::none_of(m.fields.begin(), m.fields.end(), [&, k = key](const auto& f) { return f.name == k; }))
          return error{errc::invalid,
                       where + " has a field " + key + ", which " + m.name + " has not; it has " + field_list(m)};
    out.varint(m.version);
    out.varint(given);
    for (std::size_t i = 0; i < given; ++i) {
      const auto& f = m.fields[i];
      auto field_where = where + "." + f.name;
      auto is_missing = !v.contains(f.name);
      if (is_missing && inside(f.type, "optional<").empty())
        return error{errc::invalid,
                     field_where + " is missing; only fields at the end may be left out, expected " + f.type};
      byte_writer field;
      if (auto ok = write(field, f.type, is_missing ? json{} : v.at(f.name), field_where, depth + 1); !ok)
        return ok;
      out.blob(field.written());
    }
    return {};
  }

  static result<void> write_plain(byte_writer& out, std::string_view type, const json& v, const std::string& where) {
    if (type == "bool")
      return v.is_boolean() ? (out.boolean(v.get<bool>()), result<void>{}) : expected(where, "true or false", v);
    if (type == "string")
      return v.is_string() ? (out.blob(v.get_ref<const std::string&>()), result<void>{}) : expected(where, "a text", v);
    if (type == "u")
      return v.is_number_unsigned() ? (out.varint(v.get<std::uint64_t>()), result<void>{})
                                    : expected(where, "a whole number from 0 on", v);
    if (type == "i" || type == "wall_time") {
      auto is_small = !v.is_number_unsigned()
                   || v.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      return v.is_number_integer() && is_small ? (out.svarint(v.get<std::int64_t>()), result<void>{})
                                               : expected(where, "a whole number", v);
    }
    if (type == "f64")
      return v.is_number() ? (out.f64(v.get<double>()), result<void>{}) : expected(where, "a number", v);
    if (type == "duration")
      return write_duration(out, v.is_object() && v.size() == 1 && v.contains("ms") ? v.at("ms") : v, where);
    if (type == "uid") {
      auto id = v.is_string() ? uid::parse(v.get_ref<const std::string&>()) : result<uid>{error{}};
      return id ? (out.blob(id->octets()), result<void>{}) : expected(where, "an id as text", v);
    }
    if (type == "nothing")
      return v.is_null() ? result<void>{} : expected(where, "null", v);
    if (type == "pid")
      return error{errc::unsupported, where + " is a pid; processes cannot be given as JSON"};
    return no_such_type(where, type);
  }

  static result<void> write_duration(byte_writer& out, const json& v, const std::string& where) {
    constexpr double most_ms = 9.2e12;  // What fits into nanoseconds.
    if (!v.is_number() || !(std::abs(v.get<double>()) <= most_ms))
      return expected(where, "milliseconds", v);
    auto ns = v.is_number_integer() ? v.get<std::int64_t>() * 1'000'000 : std::llround(v.get<double>() * 1e6);
    out.svarint(ns);
    return {};
  }
};

result<bytes> json_codec::encode(std::string_view type, const json& value) const {
  byte_writer out;
  if (auto ok = writer{*this}.write(out, type, value, std::string{type}, 0); !ok)
    return ok.error();
  return out.take();
}

// -- octets to JSON -----------------------------------------------------------------------------------------

struct json_codec::reader {
  const json_codec& codec;

  // NOLINTNEXTLINE(misc-no-recursion): as deep as depth_max.
  json read(byte_reader& in, std::string_view type, std::size_t depth) {
    if (depth > depth_max) {
      in.fail(errc::too_large, "it is nested too deep");
      return {};
    }
    if (auto element = inside(type, "optional<"); !element.empty())
      return in.boolean() ? read(in, element, depth + 1) : json{};
    if (auto element = inside(type, "list<"); !element.empty()) {
      auto all = json::array();
      auto n = in.count(field_elements_max);
      for (std::size_t i = 0; i < n && in.ok(); ++i)
        all.push_back(read(in, element, depth + 1));
      return all;
    }
    if (auto element = inside(type, "map<"); !element.empty()) {
      auto all = json::object();
      auto n = in.count(field_elements_max, 2);
      for (std::size_t i = 0; i < n && in.ok(); ++i) {
        std::string key{in.blob(in.remaining())};
        all[key] = read(in, element, depth + 1);
      }
      return all;
    }
    if (auto m = codec.messages_.find(type); m != codec.messages_.end())
      return read_message(in, m->second, depth);
    return read_plain(in, type);
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  json read_message(byte_reader& in, const message_description& m, std::size_t depth) {
    auto all = json::object();
    (void)in.varint();
    auto n = in.count(field_elements_max);
    for (std::size_t i = 0; i < n && in.ok(); ++i) {
      auto octets = in.blob(in.remaining());
      if (i >= m.fields.size())
        continue;  // Of a newer release.
      byte_reader field{octets};
      all[m.fields[i].name] = read(field, m.fields[i].type, depth + 1);
      if (auto whole = field.finish(); !whole)
        in.fail(whole.error().code, m.name + "." + m.fields[i].name + ": " + whole.error().message);
    }
    return all;
  }

  static json read_plain(byte_reader& in, std::string_view type) {
    if (type == "bool")
      return in.boolean();
    if (type == "string")
      return std::string{in.blob(in.remaining())};
    if (type == "u")
      return in.varint();
    if (type == "i" || type == "wall_time")
      return in.svarint();
    if (type == "f64")
      return in.f64();
    if (type == "duration")
      return {{"ms", static_cast<double>(in.svarint()) / 1e6}};
    if (type == "uid") {
      auto id = uid::from_octets(in.blob(16));
      if (!id)
        in.fail(errc::invalid, "an id has 16 octets");
      return id ? json(to_string(*id)) : json{};
    }
    if (type == "pid") {
      auto p = beamline::detail::read_pid(in);
      return p ? json(to_string(p)) : json{};
    }
    if (type != "nothing")
      in.fail(errc::unsupported, "it holds a " + std::string{type} + ", which that node has not described");
    return {};
  }
};

result<json> json_codec::decode(std::string_view type, std::string_view octets) const {
  byte_reader in{octets};
  auto value = reader{*this}.read(in, type, 0);
  if (auto whole = in.finish(); !whole)
    return whole.error().in(type);
  return value;
}

}  // namespace beamline::net::rpc
