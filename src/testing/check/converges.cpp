#include "testing/check/converges.hpp"

#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <algorithm>
#include <vector>

namespace beamline::testing {

namespace {

// More differences than this are counted.
constexpr std::size_t differences_shown_max = 5;

std::vector<std::string> differences(const converges::view& expected, const converges::view& found) {
  std::vector<std::string> all;
  for (const auto& [key, value] : expected) {
    auto i = found.find(key);
    if (i == found.end())
      all.push_back("lacks \"" + key + "\"");
    else if (i->second != value)
      all.push_back("has \"" + key + "\" = \"" + i->second + "\", not \"" + value + "\"");
  }
  for (const auto& [key, value] : found)
    if (!expected.contains(key))
      all.push_back("has \"" + key + "\" beyond");
  return all;
}

}  // namespace

void converges::at_end(world& w) {
  std::vector<std::pair<std::string, view>> views;
  for (const auto& m : w.machines())
    if (auto* n = m->running())
      views.emplace_back(m->name(), read_(*n));
  // Compared with what most of them say; the first of these when it is a draw.
  const std::pair<std::string, view>* usual = nullptr;
  std::ptrdiff_t most = 0;
  for (const auto& v : views) {
    auto same = std::count_if(views.begin(), views.end(), [&](const auto& other) { return other.second == v.second; });
    if (same > most)
      std::tie(usual, most) = std::pair{&v, same};
  }
  for (const auto& v : views) {
    if (v.second == usual->second)
      continue;
    auto found = differences(usual->second, v.second);
    auto text = v.first + " differs from " + usual->first;
    if (most > 1)
      text += " and " + std::to_string(most - 1) + " more";
    for (std::size_t i = 0; i < std::min(found.size(), differences_shown_max); ++i)
      text += (i == 0 ? ": it " : "; ") + found[i];
    if (found.size() > differences_shown_max)
      text += "; " + std::to_string(found.size() - differences_shown_max) + " more differences";
    return fail(std::move(text));
  }
}

}  // namespace beamline::testing
