#include "gallery/reaper.hpp"

namespace gallery {

beamline::behavior reaper::init() {
  return handlers([this](const kill_order& order) { exit(order.whom, beamline::reason::kill()); });
}

}  // namespace gallery
