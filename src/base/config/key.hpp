#pragma once

#include "base/config/value.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The type-erased form of the table of keys, and the words a table is written with.
namespace beamline::config {

// Text longer than this is refused unless the key says otherwise with `length`.
inline constexpr std::size_t text_bytes_max = 4096;
// A list or table with more entries than this is refused unless the key says otherwise with `items`.
inline constexpr std::size_t items_max = 256;

/// Smallest and largest value allowed, both included: `range{1, 65535}`, `range{0.0, 1.0}`,
/// `range{1s, 1h}`, `range{4_KiB, 1_MiB}`.
class range {
public:
  template <std::integral A, std::integral B>
  constexpr range(A min, B max) : bounds_{std::pair{static_cast<std::int64_t>(min), static_cast<std::int64_t>(max)}} {}
  template <std::floating_point A, std::floating_point B>
  constexpr range(A min, B max) : bounds_{std::pair{static_cast<double>(min), static_cast<double>(max)}} {}
  constexpr range(duration min, duration max) : bounds_{std::pair{min, max}} {}
  constexpr range(byte_size min, byte_size max) : bounds_{std::pair{min, max}} {}

  using bounds = std::variant<std::monostate, std::pair<std::int64_t, std::int64_t>, std::pair<double, double>,
                              std::pair<duration, duration>, std::pair<byte_size, byte_size>>;
  [[nodiscard]] const bounds& get() const { return bounds_; }

private:
  bounds bounds_;
};

/// The words a text key may hold; also applies to each entry of a list.
struct one_of {
  one_of(std::initializer_list<std::string_view> allowed) : words{allowed.begin(), allowed.end()} {}
  text_list words;
};

/// The spelling of each value of an enum.
template <class E>
struct names {
  names(std::initializer_list<std::pair<E, std::string_view>> spelling) : all{spelling} {}
  std::vector<std::pair<E, std::string_view>> all;
};

/// The environment variable that sets the key. Lists are written with commas. A variable that is set
/// but empty counts as not set.
struct env {
  std::string variable;
};

/// Never shown: not in errors, not in `dump`.
struct secret {};

/// Must be given; there is no useful default.
struct required {};

/// A new value can be taken over by the running node (`program::reloader`); every other key needs a restart.
struct reloadable {};

/// Smallest and largest length of a text (or of each entry of a list), in bytes.
struct length {
  std::size_t min = 0;
  std::size_t max = text_bytes_max;
};

/// Smallest and largest number of entries of a list, map or list of tables.
struct items {
  std::size_t min = 0;
  std::size_t max = items_max;
};

/// A rule for a text (or each entry of a list) with the words that complete "expected …".
struct satisfies {
  std::string form;
  std::function<bool(std::string_view)> test;
};

struct section_spec;

/// One key: everything that is known about it, without its C++ type.
struct key_spec {
  std::string name;
  std::string help;
  kind type = kind::text;
  range::bounds natural;  // What the C++ type of the field can hold.
  range::bounds limits;   // What the key allows; `natural` unless narrowed by `range`.
  length text_length;
  items count;
  text_list words;
  std::string env_variable;
  std::string form;
  std::function<bool(std::string_view)> test;
  bool is_secret = false;
  bool is_required = false;
  bool is_reloadable = false;

  // Access to the field inside the section's object. Null for lists of tables.
  std::function<value(const void*)> read;
  std::function<void(void*, const value&)> write;

  // Lists of tables: the table of keys of one entry, and access to the entries.
  std::shared_ptr<const section_spec> entry;
  std::function<void(void*)> clear;
  std::function<void*(void*)> append;
  std::function<std::vector<const void*>(const void*)> entries;
};

void apply(key_spec& k, const range& option);
void apply(key_spec& k, const one_of& option);
void apply(key_spec& k, const env& option);
void apply(key_spec& k, const secret& option);
void apply(key_spec& k, const required& option);
void apply(key_spec& k, const reloadable& option);
void apply(key_spec& k, const length& option);
void apply(key_spec& k, const items& option);
void apply(key_spec& k, const satisfies& option);

/// What a rule between keys found wrong: the key it is best repaired at, and the words that follow the
/// key's name: `{"cookie", "has no value but cluster.enabled is true; set BEAMLINE_COOKIE"}`.
struct complaint {
  std::string key;
  std::string text;
};

/// One section: its keys and how to make the object they fill.
struct section_spec {
  std::string name;
  std::string help;
  const void* tag = nullptr;  // Identifies the C++ type.
  std::vector<key_spec> keys;
  std::function<std::shared_ptr<void>()> make;
  std::vector<std::function<std::optional<complaint>(const void*)>> checks;

  [[nodiscard]] const key_spec* find(std::string_view key) const;
};

/// What the key accepts, as the words after "expected": "a number from 1 to 65535". `is_whole` insists
/// on "whole number", for answers to 1.5.
[[nodiscard]] std::string expectation(const key_spec& k, bool is_whole = false);

/// Nothing if `v` satisfies every rule of the key, otherwise why not. `v` has the alternative that
/// belongs to the key's kind. Does not look at entries of lists and maps, only at their number.
[[nodiscard]] bool in_bounds(const key_spec& k, const value& v);
[[nodiscard]] bool text_fits(const key_spec& k, std::string_view text);

/// Throws std::logic_error if the table itself is wrong: a range of the wrong type, a default that its
/// own key refuses, a name twice. A mistake of the program, not of its user.
void verify(const section_spec& s);

}  // namespace beamline::config
