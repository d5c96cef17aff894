#include "blog/lateness.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace beamline::bench {

void lateness::show(std::size_t who, std::int64_t number, time_point at) {
  auto& p = pages_[who];
  if (number < p.newest)
    throw std::runtime_error{"a page shows " + std::to_string(number) + " after " + std::to_string(p.newest)};
  p.newest = number;
  p.history.push_back({number, at});
}

std::size_t lateness::behind(std::int64_t number) const {
  return static_cast<std::size_t>(
      std::count_if(pages_.begin(), pages_.end(), [number](const page& p) { return p.newest < number; }));
}

std::vector<double> lateness::since(const std::vector<time_point>& made) const {
  std::vector<double> out;
  out.reserve(pages_.size() * made.size());
  for (const auto& p : pages_) {
    auto next = p.history.begin();
    for (std::size_t k = 0; k < made.size(); ++k) {
      const auto wanted = static_cast<std::int64_t>(k) + 1;
      while (next != p.history.end() && next->number < wanted)
        ++next;
      if (next == p.history.end())
        throw std::runtime_error{"a page never showed " + std::to_string(wanted)};
      out.push_back(std::max(0.0, std::chrono::duration<double, std::milli>(next->at - made[k]).count()));
    }
  }
  return out;
}

}  // namespace beamline::bench
