#pragma once

#include "base/json.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::supervision {

using setting_values = std::map<std::string, json, std::less<>>;

/// What differs between two states of an application's settings (`config_change(Changed, New, Removed)` of OTP).
struct setting_changes {
  setting_values changed;  // New values.
  setting_values added;
  std::vector<std::string> removed;

  [[nodiscard]] bool empty() const noexcept { return changed.empty() && added.empty() && removed.empty(); }
};
[[nodiscard]] setting_changes compare(const setting_values& before, const setting_values& after);

/// The settings of one application, in layers: a later one wins (S174). A value; not thread-safe.
class application_settings {
public:
  enum class layer : std::uint8_t { built_in, file, command_line, run_time };

  application_settings() = default;
  explicit application_settings(setting_values built_in) { replace(layer::built_in, std::move(built_in)); }

  void set(layer where, std::string key, json value);
  /// The next lower layer shows again.
  void unset(layer where, std::string_view key);
  void replace(layer where, setting_values values);

  /// Nothing: it is set in no layer.
  [[nodiscard]] std::optional<json> get(std::string_view key) const;
  [[nodiscard]] json get_or(std::string_view key, json otherwise) const;
  /// What is in effect.
  [[nodiscard]] setting_values all() const;

private:
  std::array<setting_values, 4> layers_;
};

}  // namespace beamline::supervision
