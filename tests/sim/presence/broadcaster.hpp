#pragma once

#include "pubsub/system.hpp"
#include "sim/links/resident.hpp"
#include "sim/presence/messages.hpp"

#include <cstdint>
#include <string>

namespace beamline::gathering {

/// Posts numbers to topics of the systems of its node, and listens to one of them itself.
class broadcaster final : public linked::resident {
public:
  using resident::resident;
  behavior init() override;

private:
  void speak();

  std::uint64_t last_ = 0;
};

}  // namespace beamline::gathering
