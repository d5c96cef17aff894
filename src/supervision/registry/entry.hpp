#pragma once

#include "actors/pid.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace beamline::supervision {

/// One registration: immutable, shared by all who asked for it. An update makes a new one.
template <class Key, class Value>
struct registry_entry {
  Key key;
  pid owner;
  Value value;
  std::uint64_t sequence = 0;  // Grows with each registration of this registry; an update keeps it.
};

/// What came of a question, in the order of registration. A snapshot: it stays as it is.
template <class Key, class Value>
using registry_entries = std::vector<std::shared_ptr<const registry_entry<Key, Value>>>;

/// Cast to the listeners of a registry after each explicit registration.
template <class Key, class Value>
struct key_registered {
  std::string registry;
  Key key;
  pid owner;
  Value value;
};

/// Cast to them when an owner gave a key up, once for all its entries of that key. The death of an owner is not told: a
/// listener that wants to know watches it (S142).
template <class Key>
struct key_unregistered {
  std::string registry;
  Key key;
  pid owner;
};

/// One partition as it is right now.
struct partition_info {
  pid process;  // Empty: nobody serves it at the moment.
  std::size_t entries = 0;
  std::size_t owners = 0;  // With entries or locks; each is watched once.
  std::size_t locks = 0;   // Held and waited for.
};

namespace detail {

/// A key in a message for people.
template <class Key>
[[nodiscard]] std::string key_text(const Key& key) {
  if constexpr (std::is_convertible_v<const Key&, std::string_view>)
    return "\"" + std::string{std::string_view{key}} + "\"";
  else if constexpr (std::is_arithmetic_v<Key>)
    return std::to_string(key);
  else
    return "(a key)";
}

}  // namespace detail

}  // namespace beamline::supervision
