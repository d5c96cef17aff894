#pragma once

#include "sim/links/messages.hpp"
#include "sim/links/resident.hpp"

namespace beamline::linked {

/// Answers questions with their number, each in the manner it asks for.
class answerer final : public resident {
public:
  static constexpr duration thinking_max = 120ms;

  using resident::resident;
  behavior init() override;

private:
  deferred handle(const question& q);
};

}  // namespace beamline::linked
