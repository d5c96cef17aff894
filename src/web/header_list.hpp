#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::web {

/// Compares ASCII text without regard to case: field names, schemes, hosts, tokens.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b) noexcept;

/// Without the spaces and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// HTTP fields in the order they came; names compare without regard to case. A value type, not thread-safe.
class header_list {
public:
  using field = std::pair<std::string, std::string>;

  /// The first value of `name`, or nothing.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// The first value of `name`, or the empty string.
  [[nodiscard]] std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// Whether a comma-separated list in any field called `name` has the element `token`.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

  /// Adds a field, also when there is one of that name already (`set-cookie`).
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// Puts one field in the place of all of that name.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }
  [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
  [[nodiscard]] auto end() const noexcept { return fields_.end(); }

private:
  std::vector<field> fields_;
};

}  // namespace beamline::web
