#pragma once

#include "actors/message.hpp"
#include "base/id.hpp"

#include <cstdint>
#include <string>

/// What accumulators of one cluster ask each other: whether they count into the same database.
namespace beamline::accumulator {

/// A procedure; answers `standing`.
struct get_standing {
  BEAMLINE_MESSAGE(get_standing, "accumulator.get_standing", 1)
};

struct standing {
  uid database{};          // Its own id, made with its tables.
  bool is_shared = false;  // Several nodes may use it: a server, not a file.
  BEAMLINE_MESSAGE(standing, "accumulator.standing", 1, database, is_shared)
};

/// One run of an accumulator, as the others see it.
struct contender {
  std::string node{};
  std::uint64_t incarnation = 0;  // Of a later run it is greater: it is taken from the clock.
  standing of{};
};

/// Whether `self` must give way to `other`: they count into different databases, and `self` is the one with a file, or
/// the one that was started later. Of two that meet exactly one must.
[[nodiscard]] bool must_give_way(const contender& self, const contender& other);

}  // namespace beamline::accumulator
