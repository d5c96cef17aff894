#pragma once

#include "actors/process.hpp"
#include "sim/toy/messages.hpp"

#include <string>

namespace beamline::toy {

/// Carries one batch to its target and ends: `normal` when the outbox has let go of all of it. It owns nothing: the
/// outbox deletes, whoever dies on the way.
class courier final : public process {
public:
  static constexpr duration patience = 300ms;

  courier(process_context& c, std::string target, batch load)
      : process{c}, target_{std::move(target)}, batch_{std::move(load)} {}
  behavior init() override;

private:
  std::string target_;
  batch batch_;
};

}  // namespace beamline::toy
