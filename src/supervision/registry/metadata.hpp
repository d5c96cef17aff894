#pragma once

#include "base/result.hpp"

#include <any>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

namespace beamline::supervision::detail {

/// What is known about a registry besides its entries, by name. Thread-safe.
class metadata {
public:
  /// `registry`: its name, for error messages.
  explicit metadata(std::string registry) : registry_{std::move(registry)} {}

  template <class T>
  [[nodiscard]] std::optional<T> get(const std::string& name) const {
    std::shared_lock lock{mutex_};
    auto i = values_.find(name);
    auto* value = i == values_.end() ? nullptr : std::any_cast<T>(&i->second);
    return value == nullptr ? std::nullopt : std::optional<T>{*value};
  }
  result<void> put(std::string name, std::any value);
  void erase(const std::string& name);

private:
  const std::string registry_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::any> values_;
};

}  // namespace beamline::supervision::detail
