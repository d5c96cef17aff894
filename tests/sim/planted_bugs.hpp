#pragma once

#include "base/planted.hpp"
#include "sim/toy/toy.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline {

/// A mistake that can be switched on, and what it breaks.
struct planted_bug {
  std::string_view name;
  std::string_view where;
  std::string_view what;
  std::string_view invariant;  // That it breaks; perhaps others, too.
  planted::bug in_src;
  // Where it is looked for: the toy cluster, a tree with all of supervision (tests/sim/real), the real links
  // (tests/sim/links), PubSub and presence over them (tests/sim/presence), or outboxes, the accumulator and those who
  // show its numbers (tests/sim/outbox).
  enum class scene : std::uint8_t { toy, house, links, gathering, outbox } where_to_look = scene::toy;
};

/// All of them.
[[nodiscard]] const std::vector<planted_bug>& planted_bugs();
/// The one of that name; throws std::out_of_range.
[[nodiscard]] const planted_bug& planted_bug_called(std::string_view name);

/// The campaign in which bugs of that scene are looked for, without any.
[[nodiscard]] testing::explorer explore_scene(planted_bug::scene s, std::string name);
/// Calls `campaign` with the scene in which that bug is on; no two at a time.
void with_planted(const planted_bug& b, const std::function<void(testing::explorer)>& campaign);

}  // namespace beamline
