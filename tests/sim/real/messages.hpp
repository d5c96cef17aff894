#pragma once

#include <cstdint>

/// What the processes of the house say to each other.
namespace beamline::house {

/// Answers an int. Now and then the worker throws, stops, hangs, or never answers instead.
struct work {
  std::uint64_t number = 0;
};

/// Keeps a worker of the pool company; not answered.
struct nudge {};

}  // namespace beamline::house
