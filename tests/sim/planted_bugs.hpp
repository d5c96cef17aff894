#pragma once

#include "base/planted.hpp"
#include "sim/toy/toy.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace beamline {

/// A mistake that can be switched on, and what it breaks.
struct planted_bug {
  std::string_view name;
  std::string_view where;
  std::string_view what;
  std::string_view invariant;  // That it breaks; perhaps others, too.
  toy::mistake in_toy = toy::mistake::none;
  planted::bug in_src = planted::bug::none;
};

/// All of them.
[[nodiscard]] const std::vector<planted_bug>& planted_bugs();
/// The one of that name; throws std::out_of_range.
[[nodiscard]] const planted_bug& planted_bug_called(std::string_view name);

/// Calls `campaign` with the toy in which that bug is on; no two at a time.
void with_planted(const planted_bug& b, const std::function<void(testing::explorer)>& campaign);

}  // namespace beamline
