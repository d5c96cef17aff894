#include "base/config/suggest.hpp"

#include <algorithm>
#include <numeric>

namespace beamline::config {

namespace {

// Longer words are cut: the work grows with the square, and such a word resembles no key.
constexpr std::size_t word_bytes_max = 128;
// A word that goes on after a candidate of this length ("warning", "warn") is taken for it.
constexpr std::size_t stem_bytes_min = 3;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, word_bytes_max);
  b = b.substr(0, word_bytes_max);
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::string closest(std::string_view wrong, const std::vector<std::string>& candidates) {
  std::string_view best;
  // One slip in a short word, a few in a long one; beyond that a hint misleads.
  auto best_distance = 1 + std::max<std::size_t>(1, wrong.size() / 4);
  for (const auto& candidate : candidates) {
    bool is_stem = candidate.size() >= stem_bytes_min && wrong.starts_with(candidate);
    auto distance = is_stem ? 1 : edit_distance(wrong, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best_distance = distance;
      best = candidate;
    }
  }
  return std::string{best};
}

}  // namespace beamline::config
