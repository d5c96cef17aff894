#include "live/figures.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace beamline::bench {

double quantile(std::vector<double>& values, double share) {
  if (values.empty())
    throw std::runtime_error{"there is nothing of which to take a quantile: nothing came"};
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

std::string to_benchmark_json(const std::vector<figures>& all) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& one : all) {
    auto entry = nlohmann::ordered_json{{"name", one.name()}, {"run_type", "iteration"}, {"iterations", 1}};
    for (const auto& [what, text] : one.texts())
      entry[what] = text;
    for (const auto& f : one.all()) {
      entry[f.what] = f.value;
      if (f.at_most)
        entry[f.what + "_at_most"] = *f.at_most;
    }
    list.push_back(std::move(entry));
  }
  return nlohmann::ordered_json{{"benchmarks", std::move(list)}}.dump(1);
}

}  // namespace beamline::bench
