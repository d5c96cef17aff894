#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::bench {

/// What one measurement found, in the order in which it is shown.
class figures {
public:
  explicit figures(std::string name) : name_{std::move(name)} {}

  void add(std::string_view what, double value) { all_.push_back({std::string{what}, value, {}}); }
  void add_at_most(std::string_view what, double value, double target) {
    all_.push_back({std::string{what}, value, target});
  }

  void add_text(std::string_view what, std::string text) { texts_.emplace_back(what, std::move(text)); }

  struct figure {
    std::string what;
    double value;
    std::optional<double> at_most;
  };
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::vector<figure>& all() const noexcept { return all_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& texts() const noexcept { return texts_; }

private:
  std::string name_;
  std::vector<figure> all_;
  std::vector<std::pair<std::string, std::string>> texts_;
};

/// The value below which that share of them lies. Sorts them; throws std::runtime_error when there are none.
[[nodiscard]] double quantile(std::vector<double>& values, double share);

/// As google-benchmark writes them with --benchmark_format=json, which scripts/bench reads.
[[nodiscard]] std::string to_benchmark_json(const std::vector<figures>& all);

}  // namespace beamline::bench
