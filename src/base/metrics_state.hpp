#pragma once

#include "base/metrics.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

/// The inside of `metrics::registry`: included by metrics*.cpp only.
namespace beamline::metrics::detail {

template <class M>
struct series {
  template <class... Args>
  explicit series(std::vector<std::string> v, Args&&... args)
      : values{std::move(v)}, metric{std::forward<Args>(args)...} {}
  std::vector<std::string> values;
  M metric;
};

template <class M>
struct family_state {
  std::string name;
  std::string help;
  std::vector<std::string> label_names;
  std::vector<double> bounds;  // Histograms only.
  std::size_t series_max = 0;
  family_state<counter>* folds = nullptr;  // Where uses of "other" are counted, by family name; may be null.

  mutable std::shared_mutex mutex;
  std::unordered_map<std::string, std::unique_ptr<series<M>>> all;  // By joined values; render sorts.

  M& with(std::span<const std::string_view> values);
};

using any_family = std::variant<std::unique_ptr<family_state<counter>>, std::unique_ptr<family_state<gauge>>,
                                std::unique_ptr<family_state<histogram>>>;

struct collector_entry {
  std::mutex mutex;                      // Held while the collector runs.
  std::function<void(samples&)> report;  // Empty once removed.
};

struct registry_state {
  explicit registry_state(std::size_t label_sets_max);

  const std::size_t series_max;
  mutable std::mutex mutex;  // Guards the two containers, not what they hold.
  std::map<std::string, any_family, std::less<>> families;
  std::vector<std::shared_ptr<collector_entry>> collectors;
  counter collector_failures;
  family_state<counter> folds;

  template <class M>
  family_state<M>& find_or_make(std::string_view name, std::string_view help,
                                std::span<const std::string_view> label_names, std::span<const double> bounds);
};

}  // namespace beamline::metrics::detail
