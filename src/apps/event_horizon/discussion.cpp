#include "apps/event_horizon/discussion.hpp"

#include <algorithm>

namespace beamline::event_horizon {

std::size_t discussion::size() const {
  std::size_t n = threads.size();
  for (const auto& t : threads)
    n += t.answers.size();
  return n;
}

const accumulator::comment* discussion::find(const uid& id) const {
  for (const auto& t : threads) {
    if (t.first.id == id)
      return &t.first;
    auto answer = std::find_if(t.answers.begin(), t.answers.end(), [&](const auto& c) { return c.id == id; });
    if (answer != t.answers.end())
      return &*answer;
  }
  return nullptr;
}

}  // namespace beamline::event_horizon
