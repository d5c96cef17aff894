#pragma once

#include "actors/local_messages.hpp"
#include "actors/message.hpp"
#include "actors/message_codec.hpp"
#include "actors/process_stats.hpp"
#include "actors/wire_type.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

#include <caf/make_message.hpp>
#include <caf/message.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace beamline {

/// One field of a message as it is on the wire: `likes: i`, `tags: list<string>`, `stats: blog.stats`.
struct field_schema {
  std::string name;
  std::string type;

  friend bool operator==(const field_schema&, const field_schema&) = default;
};

/// What two nodes have to agree on about one message.
struct message_schema {
  std::string name;
  std::uint32_t version = 0;
  std::vector<field_schema> fields;

  friend bool operator==(const message_schema&, const message_schema&) = default;
};

/// A message that two nodes cannot exchange, and why, field by field: `blog.like_changed: field 2 is likes: i here
/// and likes: string there`.
struct contract_difference {
  std::string message;
  std::string why;
};

/// The messages this node can send to processes of other nodes, and take from them: names, schemas, and how to read and
/// write them. Made before the node starts and fixed from then on, hence readable from any thread. A value; copies
/// share their entries.
///
///   message_contract c;
///   c.add<like_post, blog_stats>();
///
/// Messages within messages are found by themselves. What a call can be answered with besides needs no entry: nothing,
/// bool, integers, double and std::string.
class message_contract {
public:
  // A table of more messages, or of more octets, is refused, here and when a peer sends one.
  static constexpr std::size_t messages_max = 4096;
  static constexpr std::size_t table_octets_max = 1U << 20;
  // A message has at most so many fields, and a name or type in the table so many octets.
  static constexpr std::size_t fields_max = 256;
  static constexpr std::size_t name_octets_max = 255;

  /// Adding one again changes nothing. Throws `std::logic_error`, since the program is wired wrongly: two types with
  /// one name, a name that a built-in type has, a limit.
  template <wire_message... Ms>
  void add() {
    (add_one<Ms>(), ...);
  }

  [[nodiscard]] std::size_t size() const noexcept { return by_name_.size(); }
  /// Null: no such message.
  [[nodiscard]] const message_schema* find(std::string_view name) const;

  /// Of all entries, the same for the same table in whatever order it was made (D10).
  [[nodiscard]] std::uint64_t hash() const;
  /// The table, for a peer.
  [[nodiscard]] bytes encode() const;
  /// What cannot be exchanged with a peer that has that table, by name: a message that both know with a field that
  /// differs (a newer version may only append), or with equal versions and other fields, and every message that holds
  /// such a one. What only one side knows is in no difference: nobody there handles it.
  /// Errors: `corrupt`, `too_large`.
  [[nodiscard]] result<std::vector<contract_difference>> compare(std::string_view encoded_table) const;

  /// A message that is about to cross: its name on the wire and its octets. Errors: `unsupported` (not in the table).
  struct encoded_message {
    std::string_view name;  // Valid as long as this contract or a copy of it.
    bytes octets;
  };
  [[nodiscard]] result<encoded_message> encode(const caf::message& m) const;
  /// Errors: `unsupported` (no such name), `corrupt`.
  [[nodiscard]] result<caf::message> decode(std::string_view name, std::string_view octets) const;

private:
  struct entry {
    message_schema schema;
    std::type_index type;
    std::string type_text;  // For people.
    bytes (*write)(const caf::message&);
    result<caf::message> (*read)(std::string_view);
  };
  using entry_ptr = std::shared_ptr<const entry>;

  template <wire_message M>
  void add_one() {
    if (!is_new(M::message_name, typeid(M)))
      return;
    entry e{{std::string{M::message_name}, M::message_version, {}},
            typeid(M),
            readable_name(typeid(M)),
            &write_as<M>,
            &read_as<M>};
    const M example{};
    example.for_each_field([&]<class T>(std::string_view name, const T&) {
      e.schema.fields.push_back({std::string{name}, detail::wire_type<T>()});
    });
    keep(std::move(e));
    example.for_each_field([this]<class T>(std::string_view, const T&) { add_within<T>(); });
  }

  template <class T>
  void add_within() {
    if constexpr (wire_message<T>)
      add_one<T>();
    else if constexpr (!std::is_void_v<typename detail::field_parts<T>::element>)
      add_within<typename detail::field_parts<T>::element>();
  }

  template <class M>
  static bytes write_as(const caf::message& m) {
    return beamline::encode(m.get_as<M>(0));
  }
  template <class M>
  static result<caf::message> read_as(std::string_view octets) {
    auto m = beamline::decode<M>(octets);
    if (!m)
      return m.error();
    return caf::make_message(std::move(*m));
  }

  /// False: it is there already. Throws as `add`.
  [[nodiscard]] bool is_new(std::string_view name, const std::type_info& type) const;
  void keep(entry e);

  std::map<std::string, entry_ptr, std::less<>> by_name_;
  std::unordered_map<std::type_index, entry_ptr> by_type_;  // Looked up only.
  std::size_t table_octets_ = 0;
};

}  // namespace beamline
