#pragma once

#include "actors/process.hpp"
#include "sim/toy/messages.hpp"

namespace beamline::toy {

/// Answers questions with their number, calls and those of other nodes, sometimes too late.
class responder final : public process {
public:
  static constexpr duration thinking_max = 40ms;

  using process::process;
  behavior init() override;

private:
  [[nodiscard]] duration thinking_time();
};

}  // namespace beamline::toy
