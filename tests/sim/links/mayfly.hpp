#pragma once

#include "sim/links/messages.hpp"
#include "sim/links/resident.hpp"

#include <cstdint>
#include <string>

namespace beamline::linked {

/// Lives for a moment: tells the mourners of all nodes that it was born, says words to them, and dies with the last.
class mayfly final : public process {
public:
  explicit mayfly(process_context& c, duration life) : process{c}, life_{life} {}
  behavior init() override;

private:
  void say();
  void die();

  duration life_;
  std::uint64_t words_ = 0;
};

/// Makes mayflies while there is load.
class pond final : public resident {
public:
  static constexpr duration life_max = 60ms;

  using resident::resident;
  behavior init() override;
};

}  // namespace beamline::linked
