#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Front matter as its language gives it, YAML and TOML alike, before anybody looks at what it means.
namespace beamline::event_horizon {

// Lists and tables inside each other; deeper ones are refused with their line. No blog needs three.
inline constexpr std::size_t front_depth_max = 8;
// Values of one post, all levels together; more are refused. Room for a long list of tags, none for a bomb.
inline constexpr std::size_t front_values_max = 1000;

struct front_field;

struct front_value {
  enum class kind { nothing, text, boolean, number, date, list, table };

  kind what = kind::nothing;
  std::string text;                 // As written; `true` or `false` for a boolean. Empty for lists and tables.
  int line = 0;                     // Within the block, from 1.
  std::vector<front_value> items;   // Of a list.
  std::vector<front_field> fields;  // Of a table, in the order of the file (of the keys for TOML).

  [[nodiscard]] bool is_scalar() const noexcept { return what != kind::list && what != kind::table; }
};

struct front_field {
  std::string key;
  front_value value;
  int line = 0;
};

/// Why a block cannot be read, and where.
struct front_error {
  int line = 0;  // Within the block, from 1.
  std::string text;
};

/// What is read, or why not.
struct front_block {
  std::vector<front_field> fields;
  std::optional<front_error> failed;
};

/// The block between two lines `---`. Anchors' copies (`*name`) and tags (`!!python/…`) are refused: a post has no need
/// of them and they can make much of little. Pure, thread-safe.
[[nodiscard]] front_block read_yaml(std::string_view block);
/// The block between two lines `+++`.
[[nodiscard]] front_block read_toml(std::string_view block);

}  // namespace beamline::event_horizon
