#include "actors/message_contract.hpp"

#include <caf/unit.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace beamline {

namespace {

// -- what needs no entry ------------------------------------------------------------------

/// A type without fields, known to every node of every release under one name.
struct builtin {
  std::string_view name;
  bool (*holds)(const caf::message&);
  bytes (*write)(const caf::message&);
  result<caf::message> (*read)(std::string_view);
};

template <class T>
constexpr builtin value_of(std::string_view name) {
  return {name, [](const caf::message& m) { return m.match_elements<T>(); },
          [](const caf::message& m) {
            byte_writer out;
            encode_field(out, m.get_as<T>(0));
            return out.take();
          },
          [](std::string_view octets) -> result<caf::message> {
            byte_reader in{octets};
            T value{};
            decode_field(in, value);
            if (auto done = in.finish(); !done)
              return done.error();
            return caf::make_message(std::move(value));
          }};
}

bool is_nothing(const caf::message& m) { return m.empty() || m.match_elements<caf::unit_t>(); }

constexpr builtin builtins[] = {
    {"unit", &is_nothing, [](const caf::message&) { return bytes{}; },
     [](std::string_view octets) -> result<caf::message> {
       if (!octets.empty())
         return error{errc::corrupt, "nothing has no octets"};
       return caf::message{};
     }},
    value_of<bool>("bool"),
    value_of<std::int8_t>("i8"),
    value_of<std::int16_t>("i16"),
    value_of<std::int32_t>("i32"),
    value_of<std::int64_t>("i64"),
    value_of<std::uint8_t>("u8"),
    value_of<std::uint16_t>("u16"),
    value_of<std::uint32_t>("u32"),
    value_of<std::uint64_t>("u64"),
    value_of<double>("f64"),
    value_of<std::string>("string"),
};

const builtin* find_builtin(std::string_view name) {
  const auto* i = std::ranges::find(builtins, name, &builtin::name);
  return i == std::end(builtins) ? nullptr : i;
}

// What a field's type is written with; no message can be called so without confusing who compares two tables.
bool is_field_type(std::string_view name) {
  static constexpr std::string_view words[] = {"u", "i", "duration", "wall_time", "uid", "pid"};
  return std::ranges::find(words, name) != std::end(words) || name.find_first_of("<>") != std::string_view::npos;
}

// -- the table on the wire: count, then per message: name, version, count, then per field: name, type --------

void write_schema(byte_writer& out, const message_schema& s) {
  out.blob(s.name);
  out.varint(s.version);
  out.varint(s.fields.size());
  for (const auto& f : s.fields) {
    out.blob(f.name);
    out.blob(f.type);
  }
}

std::string read_name(byte_reader& in) {
  std::string name{in.blob(message_contract::name_octets_max)};
  if (in.ok() && name.empty())
    in.fail(errc::corrupt, "a name in a message table is empty");
  return name;
}

message_schema read_schema(byte_reader& in) {
  message_schema s;
  s.name = read_name(in);
  auto version = in.varint();
  s.version = static_cast<std::uint32_t>(version);
  if (s.version != version)
    in.fail(errc::corrupt, "the version of a message has 32 bits");
  auto fields = in.count(message_contract::fields_max, 4);
  for (std::size_t i = 0; i < fields && in.ok(); ++i) {
    auto name = read_name(in);
    s.fields.push_back({std::move(name), read_name(in)});
  }
  return s;
}

result<std::vector<message_schema>> read_table(std::string_view encoded) {
  if (encoded.size() > message_contract::table_octets_max)
    return error{errc::too_large, "a message table of " + std::to_string(encoded.size())
                                      + " octets is over the limit of "
                                      + std::to_string(message_contract::table_octets_max)};
  byte_reader in{encoded};
  std::vector<message_schema> table;
  auto messages = in.count(message_contract::messages_max, 4);
  for (std::size_t i = 0; i < messages && in.ok(); ++i) {
    table.push_back(read_schema(in));
    if (in.ok() && i > 0 && table[i - 1].name >= table[i].name)
      in.fail(errc::corrupt, "the names in a message table are not in order");
  }
  auto done = in.finish();
  if (!done)
    return error{done.error().code == errc::too_large ? errc::too_large : errc::corrupt, done.error().message};
  return table;
}

// -- comparing ------------------------------------------------------------------------------

std::string text(const field_schema& f) { return f.name + ": " + f.type; }

std::optional<std::string> difference(const message_schema& here, const message_schema& there) {
  auto common = std::min(here.fields.size(), there.fields.size());
  for (std::size_t i = 0; i < common; ++i)
    if (here.fields[i] != there.fields[i])
      return "field " + std::to_string(i + 1) + " is " + text(here.fields[i]) + " here and " + text(there.fields[i])
           + " there";
  if (here.fields.size() == there.fields.size())
    return std::nullopt;
  auto is_longer_here = here.fields.size() > there.fields.size();
  const auto& longer = is_longer_here ? here : there;
  const auto& shorter = is_longer_here ? there : here;
  if (longer.version > shorter.version)
    return std::nullopt;  // The newer one has appended.
  auto missing = "field " + std::to_string(common + 1) + " is " + text(longer.fields[common])
               + (is_longer_here ? " here and missing there" : " there and missing here");
  if (longer.version == shorter.version)
    return missing + ", and both are version " + std::to_string(here.version)
         + ": who appends a field raises the version";
  return missing + ", which is the newer version (" + std::to_string(shorter.version) + " after "
       + std::to_string(longer.version) + "): fields are never removed";
}

/// `blog.stats` of `optional<list<blog.stats>>`.
std::string_view innermost(std::string_view type) {
  auto begin = type.find_last_of('<');
  if (begin == std::string_view::npos)
    return type;
  return type.substr(begin + 1, type.find('>', begin) - begin - 1);
}

/// The first field that holds one of those.
const field_schema* holder_of(const message_schema& m, const std::map<std::string, std::string>& differing) {
  for (const auto& f : m.fields)
    if (differing.contains(std::string{innermost(f.type)}))
      return &f;
  return nullptr;
}

std::string type_text(const caf::message& m) {
  if (m.size() == 1 && m.type(0).second != nullptr)
    return readable_name(*m.type(0).second);
  return caf::to_string(m);
}

}  // namespace

bool message_contract::is_new(std::string_view name, const std::type_info& type) const {
  auto wrong = [&](const std::string& what) {
    return std::logic_error{"the message contract cannot take " + readable_name(type) + " as \"" + std::string{name}
                            + "\": " + what};
  };
  if (auto i = by_name_.find(name); i != by_name_.end()) {
    if (i->second->type == type)
      return false;
    throw wrong("it has " + i->second->type_text + " under that name; give one of them another");
  }
  if (name.empty() || name.size() > name_octets_max)
    throw wrong("a name has 1 to " + std::to_string(name_octets_max) + " octets");
  if (find_builtin(name) != nullptr || is_field_type(name))
    throw wrong("that is the name of a built-in type; give it another");
  if (by_name_.size() >= messages_max)
    throw wrong("it has " + std::to_string(messages_max) + " messages already, which is the most there may be");
  return true;
}

void message_contract::keep(entry e) {
  auto wrong = [&](const std::string& what) {
    return std::logic_error{"the message contract cannot take " + e.schema.name + ": " + what};
  };
  if (e.schema.fields.size() > fields_max)
    throw wrong("it has " + std::to_string(e.schema.fields.size()) + " fields, and " + std::to_string(fields_max)
                + " is the most there may be");
  for (const auto& f : e.schema.fields)
    if (f.name.size() > name_octets_max || f.type.size() > name_octets_max)
      throw wrong("its field " + f.name + " has a name or type of more than " + std::to_string(name_octets_max)
                  + " octets");
  byte_writer out;
  write_schema(out, e.schema);
  if (table_octets_ + out.written().size() + varint_octets_max > table_octets_max)
    throw wrong("the table would have more than " + std::to_string(table_octets_max) + " octets");
  table_octets_ += out.written().size();
  auto kept = std::make_shared<const entry>(std::move(e));
  by_type_.emplace(kept->type, kept);
  by_name_.emplace(kept->schema.name, kept);
}

const message_schema* message_contract::find(std::string_view name) const {
  auto i = by_name_.find(name);
  return i == by_name_.end() ? nullptr : &i->second->schema;
}

std::uint64_t message_contract::hash() const {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a.
  for (char c : encode())
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

bytes message_contract::encode() const {
  byte_writer out;
  out.varint(by_name_.size());
  for (const auto& [name, e] : by_name_)
    write_schema(out, e->schema);
  return out.take();
}

result<std::vector<contract_difference>> message_contract::compare(std::string_view encoded_table) const {
  auto table = read_table(encoded_table);
  if (!table)
    return table.error().in("the message table of a peer");
  std::map<std::string, std::string> differing;
  std::vector<const message_schema*> shared;
  for (const auto& there : *table) {
    const auto* here = find(there.name);
    if (here == nullptr)
      continue;
    if (auto why = difference(*here, there))
      differing.emplace(there.name, std::move(*why));
    else
      shared.push_back(here);
  }
  // Who holds one that differs cannot be exchanged either, nor who holds that one, and so on.
  for (bool has_more = !differing.empty(); has_more;) {
    has_more = false;
    for (const auto* m : shared) {
      if (differing.contains(m->name))
        continue;
      if (const auto* f = holder_of(*m, differing); f != nullptr) {
        differing.emplace(m->name,
                          "its field " + text(*f) + " holds " + std::string{innermost(f->type)} + ", which differs");
        has_more = true;
      }
    }
  }
  std::vector<contract_difference> all;
  all.reserve(differing.size());
  for (auto& [name, why] : differing)
    all.push_back({name, std::move(why)});
  return all;
}

result<message_contract::encoded_message> message_contract::encode(const caf::message& m) const {
  if (m.size() == 1) {
    const auto* type = m.type(0).second;
    if (type != nullptr)
      if (auto i = by_type_.find(*type); i != by_type_.end())
        return encoded_message{i->second->schema.name, i->second->write(m)};
  }
  for (const auto& b : builtins)
    if (b.holds(m))
      return encoded_message{b.name, b.write(m)};
  return error{errc::unsupported,
               type_text(m)
                   + " is not in the message contract of this node; declare it with BEAMLINE_MESSAGE "
                     "and add it to node::options::contract"};
}

result<caf::message> message_contract::decode(std::string_view name, std::string_view octets) const {
  auto read = [&](auto* how) -> result<caf::message> {
    auto m = how(octets);
    if (!m)
      return error{errc::corrupt, std::string{name} + " cannot be read: " + m.error().message};
    return m;
  };
  if (auto i = by_name_.find(name); i != by_name_.end())
    return read(i->second->read);
  if (const auto* b = find_builtin(name); b != nullptr)
    return read(b->read);
  return error{errc::unsupported, std::string{name.substr(0, name_octets_max)}
                                      + " is not in the message contract of this node; add it to "
                                        "node::options::contract"};
}

}  // namespace beamline
